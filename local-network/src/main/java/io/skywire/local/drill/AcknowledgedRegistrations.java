package io.skywire.local.drill;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.Signature;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A stock client that registers one new transport after the other and remembers which were acknowledged. Each has keys
/// of its own, so no lost answer spoils the nonce of the next. Safe for any thread.
final class AcknowledgedRegistrations implements AutoCloseable {
    private static final Duration ANSWER = Duration.ofSeconds(12);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final Random random;
    private final Set<TransportId> acknowledged = ConcurrentHashMap.newKeySet();

    AcknowledgedRegistrations(Random random) {
        this.random = random;
    }

    /// Registers one at the control plane at `base`. Nothing if it was acknowledged, else why not.
    Optional<String> register(URI base) {
        KeyPair one = KeyPair.generate(random);
        KeyPair other = KeyPair.generate(random);
        SignedTransport transport = SignedTransport.signedByBoth(
                TransportEntry.between(one.publicKey(), other.publicKey(), new TransportType("stcpr")), one, other);
        String body = body(transport);
        Signature signature = one.sign((body + "0").getBytes(StandardCharsets.US_ASCII));
        HttpRequest request = HttpRequest.newBuilder(base.resolve("/transports/"))
                .timeout(ANSWER)
                .header("SW-Public", one.publicKey().hex())
                .header("SW-Nonce", "0")
                .header("SW-Sig", signature.hex())
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 201) {
                return Optional.of(answer.statusCode() + " " + answer.body());
            }
            acknowledged.add(transport.id());
            return Optional.empty();
        } catch (IOException away) {
            return Optional.of(away.toString());
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            return Optional.of("this drill ends");
        }
    }

    private static String body(SignedTransport transport) {
        TransportEntry entry = transport.entry();
        return "[{\"entry\":{\"t_id\":\"" + entry.id() + "\",\"edges\":[\""
                + entry.lower().hex() + "\",\"" + entry.higher().hex() + "\"],\"type\":\"" + entry.type()
                + "\",\"label\":\"user\"},\"signatures\":[\""
                + transport.lowerSignature().hex() + "\",\""
                + transport.higherSignature().hex() + "\"]}]\n";
    }

    Set<TransportId> acknowledged() {
        return Set.copyOf(acknowledged);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
