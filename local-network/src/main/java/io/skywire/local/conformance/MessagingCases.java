package io.skywire.local.conformance;

import static io.skywire.local.conformance.StockNetwork.holds;
import static io.skywire.local.conformance.StockNetwork.message;
import static io.skywire.local.conformance.StockNetwork.same;
import static io.skywire.local.conformance.StockNetwork.status;

import io.skywire.local.conformance.Case.Mismatch;
import java.io.IOException;
import java.math.BigInteger;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Section 6 of the reference: messaging discovery.
final class MessagingCases {
    private static final String ENTRY = "/dmsg-discovery/entry";
    private static final String CREATED = "wrote a new entry";
    private static final String UPDATED = "wrote new entry iteration";
    private static final String INVALID = "entry validation error: ";
    private static final String WRONG_SEQUENCE =
            INVALID + "sequence field of new entry is not sequence of old entry + 1";
    private static final String OLDER = INVALID + "advertised entry timestamp is not greater than previous";
    private static final int MOST_LISTED = 512;

    private MessagingCases() {}

    static List<Case> all() {
        return List.of(
                new Case("messaging: an entry is written, served as it was, and updated", network -> {
                    StockDocument first = client(network.a, "0");
                    message(post(network, first.text()), 200, CREATED);
                    served(network.a, first);
                    StockDocument second = client(network.a, "1");
                    message(
                            network.a.unsigned(
                                    "POST", ENTRY + "/" + network.b.publicKey().hex(), second.text()),
                            200,
                            UPDATED);
                    served(network.a, second);
                    message(get(network.b), 404, "entry of public key is not found");
                }),
                new Case("messaging: null and [] of delegated servers are signed and served apart", network -> {
                    List<String> forms =
                            List.of("null", "[]", "[\"" + network.c.publicKey().hex() + "\"]");
                    for (int sequence = 0; sequence < forms.size(); sequence++) {
                        StockDocument entry = StockDocument.client(
                                network.a, Integer.toString(sequence), Instant.now(), forms.get(sequence));
                        status(post(network, entry.text()), 200);
                        served(network.a, entry);
                    }
                    StockDocument none = StockDocument.client(network.b, "0", Instant.now(), "null");
                    message(
                            post(
                                    network,
                                    none.text().replace("\"delegated_servers\":null", "\"delegated_servers\":[]")),
                            401,
                            "invalid signature");
                }),
                new Case("messaging: the signature covers the canonical form, however it is sent", network -> {
                    StockDocument entry = client(network.a, "0");
                    String odd = entry.text()
                            .replace("{\"version\":\"0.0.1\",", "{ \"more\" : [1, {}],\n\"SEQUENCE\":0,")
                            .replace("\"sequence\":0,", "")
                            .replace("\"static\"", "\"server\":null,\"version\":\"0.0.1\",\"Static\"");
                    message(post(network, odd), 200, CREATED);
                    served(network.a, entry);
                }),
                new Case("messaging: a client that is behind refetches and goes on", network -> {
                    status(post(network, client(network.a, "7").text()), 200);
                    message(post(network, client(network.a, "7").text()), 422, WRONG_SEQUENCE);
                    message(post(network, client(network.a, "3").text()), 422, WRONG_SEQUENCE);
                    BigInteger stored =
                            StockClient.json(get(network.a)).get("sequence").bigIntegerValue();
                    message(
                            post(
                                    network,
                                    client(network.a, stored.add(BigInteger.ONE).toString())
                                            .text()),
                            200,
                            UPDATED);
                    StockDocument older =
                            StockDocument.client(network.a, "9", Instant.now().minusSeconds(60), "[]");
                    message(post(network, older.text()), 422, OLDER);
                }),
                new Case("messaging: sequences are unsigned 64-bit", network -> {
                    StockDocument largest = client(network.a, "18446744073709551615");
                    status(post(network, largest.text()), 200);
                    served(network.a, largest);
                    message(
                            post(
                                    network,
                                    client(network.b, "18446744073709551616").text()),
                            400,
                            "something unexpected happened");
                }),
                new Case("messaging: the first broken rule answers, in the stock words", network -> {
                    StockDocument good = client(network.a, "0");
                    StockDocument server = StockDocument.server(network.a, "0", Instant.now(), "192.0.2.7:8080", 3);
                    invalid(network, good.with("0.0.1", "").text(), "entry has no version");
                    invalid(network, good.signed(), "entry has no signature");
                    invalid(
                            network,
                            good.with(network.a.publicKey().hex(), "0".repeat(66))
                                    .text(),
                            "entry Keys is nil");
                    invalid(
                            network,
                            StockDocument.of(network.a, "0", Instant.now(), "").text(),
                            "entry has neither client or server field");
                    invalid(network, server.with("192.0.2.7:8080", "").text(), "server address cannot be empty");
                    for (int seconds : new int[] {-90, 60}) {
                        invalid(
                                network,
                                StockDocument.server(
                                                network.a, "0", Instant.now().plusSeconds(seconds), "192.0.2.7:8080", 3)
                                        .text(),
                                "advertised entry has outdated timestamp");
                    }
                    status(get(network.a), 404);
                }),
                new Case("messaging: servers on loopback are refused", network -> {
                    for (String nowhere : List.of("127.0.0.1:8080", "[::1]:8080", ":8080")) {
                        status(
                                post(
                                        network,
                                        StockDocument.server(network.a, "0", Instant.now(), nowhere, 3)
                                                .text()),
                                422);
                    }
                    status(
                            post(
                                    network,
                                    StockDocument.server(network.a, "0", Instant.now(), "192.0.2.7:8080", 3)
                                            .text()),
                            200);
                }),
                new Case("messaging: nobody signs for somebody else", network -> {
                    StockDocument entry = client(network.a, "0");
                    StockDocument foreign = new StockDocument(network.b.key(), entry.signed());
                    message(post(network, foreign.text()), 401, "invalid signature");
                    message(post(network, entry.signedWith("00")), 401, "invalid signature");
                    status(get(network.a), 404);
                }),
                new Case("messaging: what is no entry is refused and breaks nothing", network -> {
                    for (String bad : List.of("", "{", "[]", "\"\"", "{\"sequence\":-1}", "{\"static\":\"zz\"}")) {
                        message(post(network, bad), 400, "something unexpected happened");
                    }
                    message(network.a.unsigned("GET", ENTRY + "/zz", ""), 400, "error bad input");
                    message(post(network, " ".repeat(16 * 1024 + 1)), 413, "request body is too large");
                }),
                new Case("messaging: a client deletes with the very document it got", network -> {
                    StockDocument old = client(network.a, "4");
                    status(post(network, old.text()), 200);
                    status(post(network, client(network.a, "5").text()), 200);
                    String got = get(network.a).body();
                    message(network.a.unsigned("DELETE", ENTRY, old.text()), 422, WRONG_SEQUENCE);
                    message(network.a.unsigned("DELETE", ENTRY, got), 200, "deleted entry");
                    status(get(network.a), 404);
                    message(network.a.unsigned("DELETE", ENTRY, got), 404, "entry of public key is not found");
                    message(post(network, got), 422, OLDER);
                    message(post(network, old.text()), 422, OLDER);
                    message(post(network, client(network.a, "0").text()), 200, CREATED);
                }),
                new Case("messaging: clients and visors are listed apart", network -> {
                    StockDocument visor = StockDocument.of(
                            network.a,
                            "0",
                            Instant.now(),
                            "\"client\":{\"delegated_servers\":[]},\"client_type\":\"visor\"");
                    status(post(network, visor.text()), 200);
                    status(post(network, client(network.b, "0").text()), 200);
                    listed(network, "/entries", network.a, true);
                    listed(network, "/entries", network.b, true);
                    listed(network, "/visorEntries", network.a, true);
                    listed(network, "/visorEntries", network.b, false);
                }),
                new Case("messaging: servers are listed with their type, full ones not as available", network -> {
                    StockDocument free = StockDocument.server(network.a, "0", Instant.now(), "192.0.2.7:8080", 3);
                    StockDocument full = StockDocument.server(network.b, "0", Instant.now(), "192.0.2.8:8080", 0);
                    status(post(network, free.text()), 200);
                    status(post(network, full.text()), 200);
                    same(
                            "type",
                            "community",
                            StockClient.json(get(network.a))
                                    .at("/server/serverType")
                                    .asString(""));
                    server(network, "/all_servers", network.a, true);
                    server(network, "/all_servers", network.b, true);
                    server(network, "/available_servers", network.a, true);
                    server(network, "/available_servers", network.b, false);
                    // With what it was served, whose type its signature does not cover.
                    message(network.a.unsigned("DELETE", ENTRY, get(network.a).body()), 200, "deleted entry");
                    status(network.a.unsigned("DELETE", ENTRY, get(network.b).body()), 200);
                }),
                new Case("messaging: a server that becomes a client breaks no listing", network -> {
                    status(
                            post(
                                    network,
                                    StockDocument.server(network.a, "0", Instant.now(), "192.0.2.7:8080", 3)
                                            .text()),
                            200);
                    StockDocument now = client(network.a, "1");
                    status(post(network, now.text()), 200);
                    server(network, "/available_servers", network.a, false);
                    server(network, "/all_servers", network.a, false);
                    listed(network, "/entries", network.a, true);
                    served(network.a, now);
                }),
                new Case("messaging: the constant proof of network monitors opens nothing", network -> {
                    JsonNode headers =
                            Golden.vectors().get("network_monitor_headers").get("headers");
                    status(post(network, client(network.a, "0").text()), 200);
                    for (String path : List.of("/dmsg-discovery/deregister", "/transports/deregister")) {
                        HttpResponse<String> answer = network.a.unsigned(
                                "DELETE",
                                path,
                                "[\"" + network.a.publicKey().hex() + "\"]",
                                "NM-PK",
                                headers.get("NM-PK").stringValue(),
                                "NM-Sign",
                                headers.get("NM-Sign").stringValue());
                        holds(
                                path + " answered " + answer.statusCode(),
                                answer.statusCode() == 403 || answer.statusCode() == 400);
                        status(network.a.unsigned("DELETE", path, "[]"), 403);
                    }
                    status(get(network.a), 200);
                }));
    }

    private static StockDocument client(StockClient owner, String sequence) {
        return StockDocument.client(owner, sequence, Instant.now(), "[]");
    }

    static HttpResponse<String> post(StockNetwork network, String document) throws IOException {
        return network.a.unsigned("POST", ENTRY + "/", document);
    }

    private static HttpResponse<String> get(StockClient owner) throws IOException {
        return owner.unsigned("GET", ENTRY + "/" + owner.publicKey().hex(), "");
    }

    private static void invalid(StockNetwork network, String document, String problem) throws IOException, Mismatch {
        message(post(network, document), 422, INVALID + problem);
    }

    /// Served without a type of server, the document is the very one that was sent, but for its signature.
    private static void served(StockClient owner, StockDocument sent) throws IOException, Mismatch {
        HttpResponse<String> answer = get(owner);
        status(answer, 200);
        same("entry", sent.signed(), answer.body().strip().replaceFirst(",\"signature\":\"[0-9a-f]{130}\"}$", "}"));
    }

    private static void listed(StockNetwork network, String list, StockClient who, boolean expected)
            throws IOException, Mismatch {
        HttpResponse<String> answer = network.a.unsigned("GET", "/dmsg-discovery" + list, "");
        status(answer, 200);
        same(
                list + " names it",
                expected,
                answer.body().contains('"' + who.publicKey().hex() + '"'));
    }

    private static void server(StockNetwork network, String list, StockClient who, boolean expected)
            throws IOException, Mismatch {
        HttpResponse<String> answer = network.a.unsigned("GET", "/dmsg-discovery" + list, "");
        if (answer.statusCode() == 404) {
            message(answer, 404, "no delegated dmsg servers available for remote");
        } else {
            status(answer, 200);
        }
        boolean isListed =
                answer.body().contains("\"static\":\"" + who.publicKey().hex() + '"');
        // Of very many servers chance decides which are told.
        boolean isCut = expected && StockClient.json(answer).size() >= MOST_LISTED;
        same(list + " names it", expected, isListed || isCut);
    }
}
