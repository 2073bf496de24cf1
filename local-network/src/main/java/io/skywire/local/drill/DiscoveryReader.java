package io.skywire.local.drill;

import io.skywire.local.ControlPlaneAlone;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads the transport discovery over HTTP, as a stranger with a key of its own. For one thread.
final class DiscoveryReader {
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final JsonMapper JSON = new JsonMapper();

    private final ControlPlaneAlone control;
    private final KeyPair key;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(ANSWER).build();

    DiscoveryReader(ControlPlaneAlone control, RandomGenerator random) {
        this.control = control;
        this.key = KeyPair.generate(random);
    }

    /// The transports of `GET /all-transports`.
    Set<TransportId> listed() throws IOException {
        return ids(get(HttpRequest.newBuilder(control.http("/all-transports"))));
    }

    /// The same, or nothing while it cannot be read.
    Set<TransportId> listedOrNothing() {
        try {
            return listed();
        } catch (IOException notNow) {
            return Set.of();
        }
    }

    /// The transports of `GET /transports/edge:KEY`, a signed request.
    Set<TransportId> ofEdge(PublicKey edge) throws IOException {
        String nonce = get(HttpRequest.newBuilder(
                        control.http("/security/nonces/" + key.publicKey().hex())))
                .path("next_nonce")
                .asString();
        return ids(get(HttpRequest.newBuilder(control.http("/transports/edge:" + edge.hex()))
                .header("SW-Public", key.publicKey().hex())
                .header("SW-Nonce", nonce)
                .header(
                        "SW-Sig",
                        key.sign(nonce.getBytes(StandardCharsets.US_ASCII)).hex())));
    }

    private static Set<TransportId> ids(JsonNode entries) {
        Set<TransportId> ids = new HashSet<>();
        entries.forEach(entry -> ids.add(TransportId.parse(entry.path("t_id").asString())));
        return ids;
    }

    private JsonNode get(HttpRequest.Builder request) throws IOException {
        try {
            HttpResponse<String> answer =
                    http.send(request.timeout(ANSWER).build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IOException("the discovery answered " + answer.statusCode() + ": " + answer.body());
            }
            return JSON.readTree(answer.body());
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", ended);
        } catch (JacksonException malformed) {
            throw new IOException("the discovery answered no JSON", malformed);
        }
    }
}
