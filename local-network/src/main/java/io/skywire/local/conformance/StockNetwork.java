package io.skywire.local.conformance;

import io.skywire.local.conformance.Case.Mismatch;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;

/// Three visors with fresh keys, for one case, and the words to say what they expect.
final class StockNetwork {
    final StockClient a;
    final StockClient b;
    final StockClient c;
    private final HttpClient http;
    private final URI base;

    StockNetwork(HttpClient http, URI base, RandomGenerator random) throws IOException {
        this.http = http;
        this.base = base;
        a = new StockClient(http, base, KeyPair.generate(random));
        b = new StockClient(http, base, KeyPair.generate(random));
        c = new StockClient(http, base, KeyPair.generate(random));
    }

    /// One more visor, with a key that is known beforehand.
    StockClient with(KeyPair key) throws IOException {
        return new StockClient(http, base, key);
    }

    /// The same visor after a restart.
    StockClient again(StockClient client) throws IOException {
        return new StockClient(http, base, client.key());
    }

    static SignedTransport between(StockClient one, StockClient other) {
        return SignedTransport.signedByBoth(
                TransportEntry.between(one.publicKey(), other.publicKey(), new TransportType("stcpr")),
                one.key(),
                other.key());
    }

    static String entry(SignedTransport transport) {
        TransportEntry entry = transport.entry();
        return "{\"t_id\":\"" + entry.id() + "\",\"edges\":[\"" + entry.lower().hex() + "\",\""
                + entry.higher().hex() + "\"],\"type\":\"" + entry.type() + "\",\"label\":\"user\"}";
    }

    /// The body of a registration, ended by a newline as Go ends it.
    static String registration(SignedTransport... transports) {
        StringBuilder body = new StringBuilder();
        for (SignedTransport transport : transports) {
            body.append(body.isEmpty() ? "[" : ",")
                    .append("{\"entry\":")
                    .append(entry(transport))
                    .append(",\"signatures\":[\"")
                    .append(transport.lowerSignature().hex())
                    .append("\",\"")
                    .append(transport.higherSignature().hex())
                    .append("\"]}");
        }
        return body.append("]\n").toString();
    }

    static String byId(SignedTransport transport) {
        return "/transports/id:" + transport.id();
    }

    static String byEdge(StockClient client) {
        return "/transports/edge:" + client.publicKey().hex();
    }

    static String pair(StockClient from, StockClient to) {
        return from.publicKey().hex() + ":" + to.publicKey().hex();
    }

    HttpResponse<String> routes(int min, int max, String... pairs) throws IOException {
        return a.unsigned(
                "POST",
                "/routes",
                "{\"Edges\":[\"" + String.join("\",\"", pairs) + "\"],\"Opts\":{\"MinHops\":" + min + ",\"MaxHops\":"
                        + max + "}}\n");
    }

    static void status(HttpResponse<String> answer, int expected) throws Mismatch {
        if (answer.statusCode() != expected) {
            throw new Mismatch(
                    "status " + answer.statusCode() + " where " + expected + " was due: " + abbreviated(answer.body()));
        }
    }

    static void same(String what, Object expected, Object seen) throws Mismatch {
        if (!expected.equals(seen)) {
            throw new Mismatch(what + " was " + seen + " where " + expected + " was due");
        }
    }

    static void holds(String what, boolean held) throws Mismatch {
        if (!held) {
            throw new Mismatch(what);
        }
    }

    /// A refusal of the signature check: 401 in the object shape.
    static void refused(HttpResponse<String> answer, String message) throws IOException, Mismatch {
        objectError(answer, 401, message);
    }

    static void objectError(HttpResponse<String> answer, int code, String message) throws IOException, Mismatch {
        status(answer, code);
        JsonNode error = StockClient.json(answer).path("error");
        same("error.message", message, error.path("message").asString(""));
        same("error.code", code, error.path("code").asInt(0));
    }

    /// An application error: text, never the object that a client takes for a stale nonce.
    static void textError(HttpResponse<String> answer, int code) throws IOException, Mismatch {
        status(answer, code);
        holds(
                "the error is no text: " + abbreviated(answer.body()),
                StockClient.json(answer).path("error").isString());
    }

    /// `{"message":…,"code":…}`, as messaging discoveries answer everything that is no document.
    static void message(HttpResponse<String> answer, int code, String text) throws IOException, Mismatch {
        status(answer, code);
        JsonNode message = StockClient.json(answer);
        same("message", text, message.path("message").asString(""));
        same("code", code, message.path("code").asInt(0));
    }

    /// A problem of our own API (RFC 9457).
    static void problem(HttpResponse<String> answer, int code) throws IOException, Mismatch {
        status(answer, code);
        same(
                "content type",
                "application/problem+json",
                answer.headers().firstValue("content-type").orElse("").replaceFirst(";.*", ""));
        same("status in the body", code, StockClient.json(answer).path("status").asInt(0));
    }

    private static String abbreviated(String body) {
        return body.length() <= 200 ? body : body.substring(0, 200) + "…";
    }
}
