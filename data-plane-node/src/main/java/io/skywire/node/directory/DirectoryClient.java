package io.skywire.node.directory;

import io.skywire.node.directory.DirectoryException.Kind;
import io.skywire.shared.key.PublicKey;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Asks one messaging discovery. Safe for any thread; every call blocks, at most for the deadline, so never on an event
/// loop. What comes back is capped in size, and an entry counts only if its key has signed it.
public final class DirectoryClient implements AutoCloseable {
    private static final int LARGEST_ANSWER = 1 << 20;
    private static final int NOT_FOUND = 404;
    private static final int OUTDATED = 422;
    private static final int TOO_MANY = 429;
    private static final JsonMapper JSON = new JsonMapper();

    private final URI base;
    private final Duration deadline;
    private final HttpClient http;

    /// @param base such as `https://discovery.example.org`, with or without a slash at its end
    public DirectoryClient(URI base, Duration deadline) {
        this.base = base;
        this.deadline = deadline;
        this.http = HttpClient.newBuilder()
                .connectTimeout(deadline)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    /// Servers with free sessions, most free first.
    public List<DirectoryEntry> availableServers() throws DirectoryException, InterruptedException {
        Answer answer = send(request("/dmsg-discovery/available_servers").GET());
        if (answer.status == NOT_FOUND) {
            return List.of();
        }
        JsonNode list = answer.orThrow();
        List<DirectoryEntry> servers = new ArrayList<>();
        for (JsonNode document : list) {
            DirectoryEntry entry = DirectoryEntry.of(document);
            if (entry.server().isPresent() && entry.isSigned()) {
                servers.add(entry);
            }
        }
        return servers;
    }

    /// What `key` has published; empty if nothing.
    public Optional<DirectoryEntry> entry(PublicKey key) throws DirectoryException, InterruptedException {
        Answer answer = send(request("/dmsg-discovery/entry/" + key.hex()).GET());
        if (answer.status == NOT_FOUND) {
            return Optional.empty();
        }
        DirectoryEntry entry = DirectoryEntry.of(answer.orThrow());
        if (!entry.key().equals(key) || !entry.isSigned()) {
            throw new DirectoryException(
                    Kind.NONSENSE,
                    "the messaging discovery served an entry that " + key.shortHex() + " has not signed");
        }
        return Optional.of(entry);
    }

    void publish(DirectoryEntry signed) throws DirectoryException, InterruptedException {
        send(request("/dmsg-discovery/entry/").POST(body(signed))).orThrow();
    }

    /// Of a key that has no entry there is nothing to delete, and that is fine.
    void delete(DirectoryEntry signed) throws DirectoryException, InterruptedException {
        Answer answer = send(request("/dmsg-discovery/entry").method("DELETE", body(signed)));
        if (answer.status != NOT_FOUND) {
            answer.orThrow();
        }
    }

    private static HttpRequest.BodyPublisher body(DirectoryEntry signed) {
        return HttpRequest.BodyPublishers.ofString(signed.json());
    }

    private HttpRequest.Builder request(String path) {
        String root = base.toString();
        String whole = (root.endsWith("/") ? root.substring(0, root.length() - 1) : root) + path;
        return HttpRequest.newBuilder(URI.create(whole))
                .timeout(deadline)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json");
    }

    private Answer send(HttpRequest.Builder request) throws DirectoryException, InterruptedException {
        HttpRequest built = request.build();
        try {
            HttpResponse<InputStream> response = http.send(built, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                byte[] bytes = body.readNBytes(LARGEST_ANSWER + 1);
                if (bytes.length > LARGEST_ANSWER) {
                    throw new DirectoryException(Kind.NONSENSE, built.uri() + " answers with more than a mebibyte");
                }
                return new Answer(built.uri(), response.statusCode(), new String(bytes, StandardCharsets.UTF_8));
            }
        } catch (IOException away) {
            throw new DirectoryException(Kind.AWAY, built.uri() + " does not answer: " + away);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private record Answer(URI uri, int status, String body) {
        private static final int LONGEST_TEXT = 200;

        JsonNode orThrow() throws DirectoryException {
            JsonNode json;
            try {
                json = JSON.readTree(body);
            } catch (JacksonException malformed) {
                throw new DirectoryException(
                        status >= 500 ? Kind.AWAY : Kind.NONSENSE, uri + " answers " + status + " and no JSON");
            }
            if (status >= 200 && status < 300) {
                return json;
            }
            String said = json.path("message").asString("");
            String line = uri + " answers " + status + ": "
                    + said.substring(0, Math.min(LONGEST_TEXT, said.length())).replaceAll("\\p{Cntrl}", " ");
            throw new DirectoryException(
                    switch (status) {
                        case OUTDATED ->
                            said.contains("sequence") || said.contains("timestamp") ? Kind.OUTDATED : Kind.REFUSED;
                        case TOO_MANY -> Kind.AWAY;
                        default -> status >= 500 ? Kind.AWAY : Kind.REFUSED;
                    },
                    line);
        }
    }
}
