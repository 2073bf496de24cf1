package io.skywire.local.conformance;

import static io.skywire.local.conformance.StockNetwork.between;
import static io.skywire.local.conformance.StockNetwork.byEdge;
import static io.skywire.local.conformance.StockNetwork.byId;
import static io.skywire.local.conformance.StockNetwork.entry;
import static io.skywire.local.conformance.StockNetwork.holds;
import static io.skywire.local.conformance.StockNetwork.registration;
import static io.skywire.local.conformance.StockNetwork.same;
import static io.skywire.local.conformance.StockNetwork.status;
import static io.skywire.local.conformance.StockNetwork.textError;

import io.skywire.shared.transport.SignedTransport;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Section 3 of the reference: transport discovery.
final class DiscoveryCases {
    private DiscoveryCases() {}

    static List<Case> all() {
        return List.of(
                new Case("discovery: a registration is answered 201 with the same array", network -> {
                    String body = registration(between(network.a, network.b));
                    var answer = network.b.call("POST", "/transports/", body);
                    status(answer, 201);
                    same("body", body, answer.body());
                }),
                new Case("discovery: registering again is 201 and no error", network -> {
                    String body = registration(between(network.a, network.b));
                    for (int i = 0; i < 3; i++) {
                        status(network.b.call("POST", "/transports/", body), 201);
                    }
                    status(network.a.call("POST", "/transports/", body), 201);
                    status(network.a.call("GET", byEdge(network.b), ""), 200);
                }),
                new Case("discovery: a stranger cannot register a transport of others", network -> {
                    SignedTransport transport = between(network.a, network.b);
                    textError(network.c.call("POST", "/transports/", registration(transport)), 403);
                    status(network.a.call("GET", byId(transport), ""), 404);
                }),
                new Case("discovery: an id that does not follow from its edges is refused", network -> {
                    SignedTransport transport = between(network.a, network.b);
                    SignedTransport other = between(network.a, network.c);
                    String wrong = registration(transport)
                            .replace(transport.id().toString(), other.id().toString());
                    textError(network.a.call("POST", "/transports/", wrong), 400);
                    status(network.a.call("POST", "/transports/", registration(transport)), 201);
                }),
                new Case("discovery: both signatures are checked", network -> {
                    SignedTransport transport = between(network.a, network.b);
                    String lower = transport.lowerSignature().hex();
                    String higher = transport.higherSignature().hex();
                    for (String forged : List.of(
                            registration(transport).replace(higher, lower),
                            registration(transport).replace(lower, higher),
                            registration(transport).replace(lower, "0".repeat(130)))) {
                        textError(network.a.call("POST", "/transports/", forged), 400);
                    }
                    status(network.a.call("GET", byId(transport), ""), 404);
                }),
                new Case("discovery: one bad entry stores none of the array", network -> {
                    SignedTransport good = between(network.a, network.b);
                    SignedTransport bad = between(network.a, network.c);
                    String body = registration(good, bad)
                            .replace(
                                    bad.higherSignature().hex(),
                                    bad.lowerSignature().hex());
                    textError(network.a.call("POST", "/transports/", body), 400);
                    status(network.a.call("GET", byId(good), ""), 404);
                }),
                new Case("discovery: malformed documents are 400, never 500", network -> {
                    for (String bad : List.of("", "{", "[null]", "[{}]", "{}", "[1\n]", "[{\"entry\":null}]", "[[]]")) {
                        textError(network.a.call("POST", "/transports/", bad), 400);
                    }
                    status(network.a.call("POST", "/transports/", "null\n"), 201);
                }),
                new Case("discovery: names in any case and unknown members are read", network -> {
                    SignedTransport transport = between(network.a, network.b);
                    String odd = registration(transport)
                            .replace("\"entry\"", "\"ENTRY\"")
                            .replace("\"type\"", "\"more\":{},\"Type\"");
                    status(network.a.call("POST", "/transports/", odd), 201);
                    status(network.a.call("GET", byId(transport), ""), 200);
                }),
                new Case("discovery: a transport is found by its id", network -> {
                    SignedTransport transport = between(network.a, network.b);
                    network.b.call("POST", "/transports/", registration(transport));
                    var answer = network.c.call("GET", byId(transport), "");
                    status(answer, 200);
                    same("body", entry(transport), answer.body().strip());
                    textError(network.c.call("GET", "/transports/id:nonsense", ""), 400);
                    textError(network.c.call("GET", byId(between(network.a, network.c)), ""), 404);
                }),
                new Case("discovery: transports are found by an edge", network -> {
                    SignedTransport transport = between(network.a, network.b);
                    network.b.call("POST", "/transports/", registration(transport));
                    var answer = network.c.call("GET", byEdge(network.a), "");
                    status(answer, 200);
                    same("body", "[" + entry(transport) + "]", answer.body().strip());
                    var none = network.c.call("GET", byEdge(network.c), "");
                    status(none, 200);
                    same("body", "null", none.body().strip());
                    textError(network.c.call("GET", "/transports/edge:nonsense", ""), 400);
                }),
                new Case("discovery: an edge deletes, a stranger does not", network -> {
                    SignedTransport transport = between(network.a, network.b);
                    network.b.call("POST", "/transports/", registration(transport));
                    textError(network.c.call("DELETE", byId(transport), ""), 400);
                    status(network.c.call("GET", byId(transport), ""), 200);
                    var deleted = network.a.call("DELETE", byId(transport), "");
                    status(deleted, 200);
                    same("body", "transport deleted", deleted.body().strip());
                    textError(network.c.call("GET", byId(transport), ""), 404);
                    textError(network.b.call("DELETE", byId(transport), ""), 404);
                    status(network.c.call("GET", byEdge(network.a), ""), 200);
                }),
                new Case("discovery: a deleted transport can be registered again", network -> {
                    SignedTransport transport = between(network.a, network.b);
                    network.b.call("POST", "/transports/", registration(transport));
                    network.b.call("DELETE", byId(transport), "");
                    status(network.b.call("POST", "/transports/", registration(transport)), 201);
                    status(network.a.call("GET", byId(transport), ""), 200);
                }),
                new Case("discovery: a transport from a node to itself is taken", network -> {
                    SignedTransport self = between(network.a, network.a);
                    status(network.a.call("POST", "/transports/", registration(self)), 201);
                    status(network.a.call("GET", byId(self), ""), 200);
                    holds(
                            "it is not listed",
                            all(network, "").contains(self.id().toString()));
                    holds(
                            "selfTransports=hide lists it",
                            !all(network, "?selfTransports=hide")
                                    .contains(self.id().toString()));
                    network.a.call("DELETE", byId(self), "");
                }),
                new Case("discovery: all transports are listed without a signature", network -> {
                    SignedTransport transport = between(network.a, network.b);
                    network.a.call("POST", "/transports/", registration(transport));
                    holds("it is not listed", all(network, "").contains(entry(transport)));
                    network.a.call("DELETE", byId(transport), "");
                    holds(
                            "a deleted transport is listed",
                            !all(network, "").contains(transport.id().toString()));
                }),
                new Case("discovery: the list has an ETag and answers 304", network -> {
                    // Others may register at the same time, which changes the tag.
                    for (int attempt = 0; attempt < 5; attempt++) {
                        var all = network.a.unsigned("GET", "/all-transports", "");
                        String tag = all.headers().firstValue("ETag").orElse("");
                        holds("there is no ETag", !tag.isEmpty());
                        if (network.a
                                        .unsigned("GET", "/all-transports", "", "If-None-Match", tag)
                                        .statusCode()
                                == 304) {
                            return;
                        }
                    }
                    throw new Case.Mismatch("never 304");
                }),
                new Case("discovery: a private transport is listed to its edges only", network -> {
                    SignedTransport transport = between(network.a, network.b);
                    String body = registration(transport).replace("\"label\"", "\"public\":false,\"label\"");
                    status(network.a.call("POST", "/transports/", body), 201);
                    status(network.b.call("GET", byId(transport), ""), 200);
                    status(network.c.call("GET", byId(transport), ""), 404);
                    holds(
                            "it is listed",
                            !all(network, "").contains(transport.id().toString()));
                }),
                new Case("statuses: both edges' views are merged and each is readable", network -> {
                    SignedTransport transport = between(network.a, network.b);
                    network.a.call("POST", "/transports/", registration(transport));
                    var down = network.a.call(
                            "POST", "/statuses", "[{\"t_id\":\"" + transport.id() + "\",\"is_up\":false}]\n");
                    status(down, 200);
                    JsonNode merged = StockClient.json(down).path(0);
                    boolean isLower = transport.entry().lower().equals(network.a.publicKey());
                    same("is_up", false, merged.path("is_up").asBoolean(true));
                    same(
                            "own view",
                            false,
                            merged.path("statuses").path(isLower ? 0 : 1).asBoolean(true));
                    same(
                            "the other's view",
                            true,
                            merged.path("statuses").path(isLower ? 1 : 0).asBoolean(false));
                    status(network.c.call("GET", byId(transport), ""), 404);
                    network.a.call("POST", "/statuses", "[{\"t_id\":\"" + transport.id() + "\",\"is_up\":true}]\n");
                    status(network.c.call("GET", byId(transport), ""), 200);
                }),
                new Case("statuses: a stranger has no view", network -> {
                    SignedTransport transport = between(network.a, network.b);
                    network.a.call("POST", "/transports/", registration(transport));
                    textError(
                            network.c.call(
                                    "POST", "/statuses", "[{\"t_id\":\"" + transport.id() + "\",\"is_up\":false}]\n"),
                            403);
                    status(network.c.call("GET", byId(transport), ""), 200);
                }),
                new Case("health: says which build runs since when", network -> {
                    var answer = network.a.unsigned("GET", "/health", "");
                    status(answer, 200);
                    JsonNode health = StockClient.json(answer);
                    for (String name : List.of("version", "commit", "date")) {
                        holds("no " + name, health.path("build_info").path(name).isString());
                    }
                    holds("no start", health.path("started_at").isString());
                }),
                new Case("paths: an unknown one is 404, a wrong method 405", network -> {
                    status(network.a.unsigned("GET", "/no-such-path", ""), 404);
                    status(network.a.unsigned("DELETE", "/all-transports", ""), 405);
                }));
    }

    private static String all(StockNetwork network, String query) throws java.io.IOException, Case.Mismatch {
        var answer = network.a.unsigned("GET", "/all-transports" + query, "");
        status(answer, 200);
        return answer.body();
    }
}
