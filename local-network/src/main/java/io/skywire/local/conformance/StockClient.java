package io.skywire.local.conformance;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Signs requests as stock clients do: one in flight, the nonce counted here and only after a 200, and one refresh with
/// one resend where the answer is an error object of code 401 or says that the nonce does not match.
final class StockClient {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient http;
    private final URI base;
    private final KeyPair key;
    private final ReentrantLock oneInFlight = new ReentrantLock();
    private BigInteger nonce;
    private int requests;
    private int refreshes;

    /// Asks for the nonce, as stock clients do when they are made.
    ///
    /// @throws IOException if the answer is not 200 with a nonce
    StockClient(HttpClient http, URI base, KeyPair key) throws IOException {
        this.http = http;
        this.base = base;
        this.key = key;
        this.nonce = fetchNonce();
    }

    PublicKey publicKey() {
        return key.publicKey();
    }

    KeyPair key() {
        return key;
    }

    BigInteger nonce() {
        return nonce;
    }

    /// Requests sent in all, those for nonces not counted.
    int requests() {
        return requests;
    }

    /// How often a nonce had to be asked for again.
    int refreshes() {
        return refreshes;
    }

    HttpResponse<String> call(String method, String path, String body) throws IOException {
        oneInFlight.lock();
        try {
            HttpResponse<String> answer = once(method, path, body, nonce);
            if (isStaleNonce(answer)) {
                refreshes++;
                nonce = fetchNonce();
                answer = once(method, path, body, nonce);
            }
            if (answer.statusCode() == 200) {
                nonce = nonce.add(BigInteger.ONE);
            }
            return answer;
        } finally {
            oneInFlight.unlock();
        }
    }

    /// One signed request with this nonce and no second try.
    HttpResponse<String> once(String method, String path, String body, BigInteger with) throws IOException {
        requests++;
        return send(HttpRequest.newBuilder(resolve(path))
                .header("SW-Public", key.publicKey().hex())
                .header("SW-Nonce", with.toString())
                .header("SW-Sig", signature(body, with.toString()))
                .method(method, HttpRequest.BodyPublishers.ofString(body)));
    }

    HttpResponse<String> unsigned(String method, String path, String body, String... headers) throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(resolve(path)).method(method, HttpRequest.BodyPublishers.ofString(body));
        for (int i = 0; i + 1 < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return send(request);
    }

    String signature(String body, String digits) {
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes(body.getBytes(StandardCharsets.UTF_8));
        signed.writeBytes(digits.getBytes(StandardCharsets.US_ASCII));
        return key.sign(signed.toByteArray()).hex();
    }

    BigInteger fetchNonce() throws IOException {
        HttpResponse<String> answer =
                unsigned("GET", "/security/nonces/" + key.publicKey().hex(), "");
        if (answer.statusCode() != 200) {
            throw new IOException("the nonce endpoint answered " + answer.statusCode() + ": " + answer.body());
        }
        JsonNode next = json(answer).path("next_nonce");
        if (!next.isIntegralNumber()) {
            throw new IOException("the nonce endpoint named no nonce: " + answer.body());
        }
        return next.bigIntegerValue();
    }

    static JsonNode json(HttpResponse<String> answer) throws IOException {
        try {
            return JSON.readTree(answer.body());
        } catch (JacksonException malformed) {
            throw new IOException("no JSON: " + answer.body(), malformed);
        }
    }

    private static boolean isStaleNonce(HttpResponse<String> answer) {
        try {
            JsonNode error = JSON.readTree(answer.body()).path("error");
            return error.isObject()
                    && (error.path("code").asInt(0) == 401
                            || error.path("message").asString("").equals("SW-Nonce does not match"));
        } catch (JacksonException noError) {
            return false;
        }
    }

    private URI resolve(String path) {
        return URI.create(base.toString().replaceFirst("/+$", "") + path);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try {
            return http.send(request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
