package io.skywire.node.directory;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A messaging discovery over HTTP that keeps the rules of signatures and sequences, and can be told to misbehave.
public final class FakeDiscovery implements AutoCloseable {
    public final Map<PublicKey, DirectoryEntry> entries = new ConcurrentHashMap<>();
    public final List<String> requests = new CopyOnWriteArrayList<>();

    /// Every request is answered with this, if it is there.
    public volatile Optional<Canned> instead = Optional.empty();

    private final HttpServer http;

    public record Canned(int status, String body) {}

    public FakeDiscovery() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", this::answer);
        http.start();
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
    }

    /// A document that the key has signed.
    public static DirectoryEntry signed(KeyPair keys, EntryContent content) {
        return DirectoryEntry.sign(keys, 0, InstantSource.system().instant(), content);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            requests.add(exchange.getRequestMethod() + " " + path);
            byte[] body = exchange.getRequestBody().readAllBytes();
            Canned answer = instead.orElseGet(() -> answer(exchange.getRequestMethod(), path, body));
            byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private Canned answer(String method, String path, byte[] body) {
        try {
            return switch (method + " " + path.replaceAll("/[0-9a-f]{66}$", "/KEY")) {
                case "GET /dmsg-discovery/available_servers" -> list();
                case "GET /dmsg-discovery/entry/KEY" ->
                    Optional.ofNullable(entries.get(PublicKey.parse(path.substring(path.lastIndexOf('/') + 1))))
                            .map(entry -> new Canned(200, entry.json()))
                            .orElse(message(404, "entry of public key is not found"));
                case "POST /dmsg-discovery/entry/" -> put(body);
                case "DELETE /dmsg-discovery/entry" -> {
                    DirectoryEntry entry = entry(body);
                    entries.remove(entry.key());
                    yield message(200, "deleted entry");
                }
                default -> message(404, "no such path: " + path);
            };
        } catch (DirectoryException bad) {
            return message(400, "something unexpected happened");
        }
    }

    private Canned list() {
        List<DirectoryEntry> servers = entries.values().stream()
                .filter(entry ->
                        entry.server().isPresent() && entry.server().get().availableSessions() > 0)
                .toList();
        return servers.isEmpty()
                ? message(404, "no delegated dmsg servers available for remote")
                : new Canned(
                        200, servers.stream().map(DirectoryEntry::json).collect(Collectors.joining(",", "[", "]")));
    }

    private Canned put(byte[] body) throws DirectoryException {
        DirectoryEntry entry = entry(body);
        if (!entry.isSigned()) {
            return message(401, "invalid signature");
        }
        DirectoryEntry before = entries.get(entry.key());
        if (before != null && entry.sequence() <= before.sequence()) {
            return message(422, "entry validation error: sequence field of new entry is not sequence of old entry + 1");
        }
        entries.put(entry.key(), entry);
        return message(200, "wrote a new entry");
    }

    private static DirectoryEntry entry(byte[] body) throws DirectoryException {
        JsonNode json = new JsonMapper().readTree(new String(body, StandardCharsets.UTF_8));
        return DirectoryEntry.of(json);
    }

    private static Canned message(int status, String text) {
        return new Canned(status, "{\"message\":\"" + text + "\",\"code\":" + status + "}");
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
