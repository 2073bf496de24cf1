package io.skywire.control.testing;

import io.skywire.shared.key.KeyPair;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Signs HTTP requests with one key and the nonce that the server names. For one thread.
public final class StockCaller {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration SOON = Duration.ofSeconds(10);

    private final HttpClient client;
    private final String base;
    private final KeyPair key;

    public StockCaller(HttpClient client, int port, KeyPair key) {
        this.client = client;
        this.base = "http://127.0.0.1:" + port;
        this.key = key;
    }

    public KeyPair key() {
        return key;
    }

    public BigInteger nonce() throws IOException, InterruptedException {
        return json(send(HttpRequest.newBuilder(
                        URI.create(base + "/security/nonces/" + key.publicKey().hex()))))
                .get("next_nonce")
                .bigIntegerValue();
    }

    public HttpResponse<String> call(String method, String path, String body) throws IOException, InterruptedException {
        return call(method, path, body, nonce());
    }

    public HttpResponse<String> call(String method, String path, String body, BigInteger nonce)
            throws IOException, InterruptedException {
        return call(method, path, body, key.publicKey().hex(), nonce.toString(), signature(body, nonce.toString()));
    }

    public HttpResponse<String> call(
            String method, String path, String body, String publicKey, String nonce, String signature)
            throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(base + path))
                .header("SW-Public", publicKey)
                .header("SW-Nonce", nonce)
                .header("SW-Sig", signature)
                .method(method, HttpRequest.BodyPublishers.ofString(body)));
    }

    public HttpResponse<String> unsigned(String method, String path, String body)
            throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(base + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body)));
    }

    public HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.timeout(SOON).build(), HttpResponse.BodyHandlers.ofString());
    }

    public String signature(String body, String nonce) {
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes(body.getBytes(StandardCharsets.UTF_8));
        signed.writeBytes(nonce.getBytes(StandardCharsets.US_ASCII));
        return key.sign(signed.toByteArray()).hex();
    }

    public static JsonNode json(HttpResponse<String> response) {
        return JSON.readTree(response.body());
    }
}
