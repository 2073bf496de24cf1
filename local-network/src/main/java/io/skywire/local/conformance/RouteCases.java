package io.skywire.local.conformance;

import static io.skywire.local.conformance.StockNetwork.between;
import static io.skywire.local.conformance.StockNetwork.objectError;
import static io.skywire.local.conformance.StockNetwork.pair;
import static io.skywire.local.conformance.StockNetwork.registration;
import static io.skywire.local.conformance.StockNetwork.same;
import static io.skywire.local.conformance.StockNetwork.status;

import io.skywire.shared.transport.SignedTransport;
import java.util.List;

/// Section 4 of the reference: the route finder.
final class RouteCases {
    private RouteCases() {}

    static List<Case> all() {
        return List.of(
                new Case("routes: both directions of a pair, hop by hop", network -> {
                    SignedTransport ab = between(network.a, network.b);
                    SignedTransport bc = between(network.b, network.c);
                    network.b.call("POST", "/transports/", registration(ab, bc));
                    String there = pair(network.a, network.c);
                    String back = pair(network.c, network.a);
                    var answer = network.routes(0, 50, there, back);
                    status(answer, 200);
                    same(
                            "body",
                            "{\"" + there + "\":[[" + hop(ab, network.a, network.b) + ","
                                    + hop(bc, network.b, network.c) + "]],\"" + back + "\":[["
                                    + hop(bc, network.c, network.b) + "," + hop(ab, network.b, network.a) + "]]}",
                            answer.body().strip());
                }),
                new Case("routes: a ping of oneself goes to a neighbour and back", network -> {
                    SignedTransport ab = between(network.a, network.b);
                    network.b.call("POST", "/transports/", registration(ab));
                    String ping = pair(network.a, network.a);
                    var answer = network.routes(0, 2, ping, ping);
                    status(answer, 200);
                    same(
                            "body",
                            "{\"" + ping + "\":[[" + hop(ab, network.a, network.b) + "," + hop(ab, network.b, network.a)
                                    + "]]}",
                            answer.body().strip());
                }),
                new Case("routes: nothing found is 404, never an empty 200", network -> {
                    network.b.call("POST", "/transports/", registration(between(network.a, network.b)));
                    objectError(network.routes(0, 50, pair(network.a, network.c)), 404, "transport not found");
                    objectError(network.routes(9, 50, pair(network.a, network.b)), 404, "no route to destination");
                }),
                new Case("routes: the default options mean no hops and so no route", network -> {
                    network.b.call("POST", "/transports/", registration(between(network.a, network.b)));
                    String pair = pair(network.a, network.b);
                    status(network.routes(0, 1, pair), 200);
                    status(network.routes(0, 0, pair), 404);
                    for (String options : List.of("null", "{}", "{\"min_hops\":1,\"max_hops\":9}")) {
                        status(
                                network.a.unsigned(
                                        "POST", "/routes", "{\"Edges\":[\"" + pair + "\"],\"Opts\":" + options + "}"),
                                404);
                    }
                }),
                new Case("routes: a deleted transport is in no route", network -> {
                    SignedTransport ab = between(network.a, network.b);
                    network.b.call("POST", "/transports/", registration(ab));
                    status(network.routes(0, 5, pair(network.a, network.b)), 200);
                    network.a.call("DELETE", StockNetwork.byId(ab), "");
                    status(network.routes(0, 5, pair(network.a, network.b)), 404);
                }),
                new Case("routes: a private transport is in no route", network -> {
                    String body = registration(between(network.a, network.b))
                            .replace("\"label\"", "\"public\":false,\"label\"");
                    status(network.b.call("POST", "/transports/", body), 201);
                    status(network.routes(0, 5, pair(network.a, network.b)), 404);
                    status(network.b.call("POST", "/transports/", body.replace(":false", ":true")), 201);
                    status(network.routes(0, 5, pair(network.a, network.b)), 200);
                }),
                new Case("routes: a pair is one string; anything else is 400", network -> {
                    for (String bad : List.of(
                            "",
                            "{",
                            "[]",
                            "{\"Edges\":[[\"" + network.a.publicKey() + "\",\"" + network.b.publicKey() + "\"]]}",
                            "{\"Edges\":[\"a:b\"]}",
                            "{\"Edges\":[\"" + pair(network.a, network.b) + "\"],\"Opts\":{\"MaxHops\":65536}}")) {
                        status(network.a.unsigned("POST", "/routes", bad), 400);
                    }
                    status(network.routes(0, 5, pair(network.a, network.b)), 404);
                }));
    }

    private static String hop(SignedTransport transport, StockClient from, StockClient to) {
        return "{\"TpID\":\"" + transport.id() + "\",\"From\":\""
                + from.publicKey().hex() + "\",\"To\":\"" + to.publicKey().hex() + "\"}";
    }
}
