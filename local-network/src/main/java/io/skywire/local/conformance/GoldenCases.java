package io.skywire.local.conformance;

import static io.skywire.local.conformance.StockNetwork.holds;
import static io.skywire.local.conformance.StockNetwork.message;
import static io.skywire.local.conformance.StockNetwork.registration;
import static io.skywire.local.conformance.StockNetwork.same;
import static io.skywire.local.conformance.StockNetwork.status;
import static io.skywire.local.conformance.StockNetwork.textError;

import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import java.net.http.HttpResponse;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// The golden vectors of the reference, sent as they stand. Their keys are the same in every run, so an answer may
/// depend on the runs before; what a case asks is that the signature was understood.
final class GoldenCases {
    private GoldenCases() {}

    static List<Case> all() {
        return List.of(
                new Case("golden: a signed entry of the vectors is taken and served", network -> {
                    JsonNode signed =
                            Golden.vectors().get("transport_signed_entry").get("json");
                    StockClient visor = Golden.visor(network, "visorA");
                    status(visor.call("POST", "/transports/", "[" + signed + "]\n"), 201);
                    StockClient other = Golden.visor(network, "visorB");
                    status(other.call("POST", "/transports/", "[" + signed + "]\n"), 201);
                    var found = network.a.call(
                            "GET", "/transports/id:" + signed.at("/entry/t_id").stringValue(), "");
                    status(found, 200);
                    same("entry", signed.get("entry"), StockClient.json(found));
                }),
                new Case("golden: signatures of the vectors that must not pass are refused", network -> {
                    JsonNode vectors = Golden.vectors();
                    String signed =
                            vectors.get("transport_signed_entry").get("json").toString();
                    String good = vectors.at("/transport_signed_entry/json/signatures/0")
                            .stringValue();
                    StockClient visor = Golden.visor(network, "visorA");
                    for (String bad : List.of("high_s", "recid_ge_4")) {
                        String forged = vectors.get("negative")
                                .get(bad)
                                .get("signature")
                                .stringValue();
                        holds(bad + " is no forgery", !forged.equals(good) && signed.contains(good));
                        textError(visor.call("POST", "/transports/", "[" + signed.replace(good, forged) + "]\n"), 400);
                    }
                    for (String bad : List.of("pubkey_not_on_curve", "pubkey_x_ge_p", "pubkey_uncompressed_prefix")) {
                        status(
                                visor.unsigned(
                                        "GET",
                                        "/security/nonces/"
                                                + vectors.get("negative")
                                                        .get(bad)
                                                        .stringValue(),
                                        ""),
                                400);
                    }
                }),
                new Case("golden: the signed requests of the vectors are understood", network -> {
                    for (String name : List.of("post_transports", "get_by_edge", "delete")) {
                        int good = name.equals("post_transports") ? 201 : 200;
                        JsonNode request = Golden.vectors().get("httpauth").get(name);
                        JsonNode headers = request.get("headers");
                        HttpResponse<String> answer = network.a.unsigned(
                                request.get("method").stringValue(),
                                request.get("path").stringValue(),
                                request.get("body").stringValue(),
                                "SW-Public",
                                headers.get("SW-Public").stringValue(),
                                "SW-Nonce",
                                headers.get("SW-Nonce").stringValue(),
                                "SW-Sig",
                                headers.get("SW-Sig").stringValue());
                        if (answer.statusCode() != good) {
                            StockNetwork.refused(answer, "SW-Nonce does not match");
                        }
                    }
                    StockClient visor = Golden.visor(network, "visorA");
                    status(visor.call("GET", StockNetwork.byEdge(visor), ""), 200);
                }),
                new Case("golden: the entries of the vectors are understood", network -> {
                    JsonNode entries = Golden.vectors().get("dmsg_entries");
                    for (String name : List.of("client_visor", "client_no_servers_null", "client_no_servers_empty")) {
                        String document = entries.get(name).get("full_json").stringValue();
                        HttpResponse<String> answer = MessagingCases.post(network, document);
                        String said = StockClient.json(answer).path("message").asString("");
                        holds(
                                name + " was answered " + answer.statusCode() + " " + said,
                                answer.statusCode() == 200
                                        || answer.statusCode() == 422
                                                && (said.contains("sequence field")
                                                        || said.contains("timestamp is not")));
                    }
                    String forged = entries.get("client_no_servers_null")
                            .get("full_json")
                            .stringValue()
                            .replace(":null", ":[]");
                    message(MessagingCases.post(network, forged), 401, "invalid signature");
                }),
                new Case("golden: the route of the vectors is found", network -> {
                    JsonNode golden = Golden.vectors().get("route_finder");
                    StockClient a = Golden.visor(network, "visorA");
                    StockClient b = Golden.visor(network, "visorB");
                    StockClient c = Golden.visor(network, "visorC");
                    for (StockClient end : List.of(a, c)) {
                        SignedTransport link = SignedTransport.signedByBoth(
                                TransportEntry.between(
                                        end.publicKey(),
                                        b.publicKey(),
                                        new TransportType(end == a ? "stcpr" : "sudph")),
                                end.key(),
                                b.key());
                        status(end.call("POST", "/transports/", registration(link)), 201);
                        status(b.call("POST", "/transports/", registration(link)), 201);
                    }
                    var answer = network.a.unsigned("POST", "/routes", golden.get("request") + "\n");
                    status(answer, 200);
                    same("routes", golden.get("response"), StockClient.json(answer));
                }));
    }
}
