package io.skywire.local.bench;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// A stock visor whose requests are signed before the clock starts: nobody else uses its key, so its nonces are known.
/// Requests must be sent in the order in which they were made. Not safe for several threads.
final class Visor {
    static final TransportType TYPE = new TransportType("stcpr");

    private final KeyPair key;
    private final URI base;
    private final Deque<SignedRequest> requests = new ArrayDeque<>();
    private long nonce;

    Visor(KeyPair key, URI base) {
        this.key = key;
        this.base = base;
    }

    /// One request as it goes over the wire, and what a server must check in it.
    ///
    /// @param signed the bytes that `signature` covers
    /// @param transports registered by it; empty for a reading
    record SignedRequest(
            byte[] wire, PublicKey caller, byte[] signed, Signature signature, List<SignedTransport> transports) {

        /// Every signature in it, as a server must check them.
        boolean isGood() {
            return caller.verifies(signature, signed) && transports.stream().allMatch(SignedTransport::isProven);
        }
    }

    KeyPair key() {
        return key;
    }

    SignedTransport linkTo(Visor other) {
        return SignedTransport.signedByBoth(
                TransportEntry.between(key.publicKey(), other.key.publicKey(), TYPE), key, other.key);
    }

    /// Signs the registration of these transports as the next request.
    void register(List<SignedTransport> transports) {
        StringBuilder body = new StringBuilder(600 * transports.size());
        String before = "[";
        for (SignedTransport transport : transports) {
            TransportEntry entry = transport.entry();
            body.append(before)
                    .append("{\"entry\":{\"t_id\":\"")
                    .append(entry.id())
                    .append("\",\"edges\":[\"")
                    .append(entry.lower().hex())
                    .append("\",\"")
                    .append(entry.higher().hex())
                    .append("\"],\"type\":\"")
                    .append(entry.type())
                    .append("\",\"label\":\"user\"},\"signatures\":[\"")
                    .append(transport.lowerSignature().hex())
                    .append("\",\"")
                    .append(transport.higherSignature().hex())
                    .append("\"]}");
            before = ",";
        }
        byte[] bytes = body.append("]\n").toString().getBytes(StandardCharsets.US_ASCII);
        byte[] signed = signed(bytes);
        Signature signature = key.sign(signed);
        requests.add(new SignedRequest(
                HttpLane.post(base, "/transports/", bytes, headers(signature)),
                key.publicKey(),
                signed,
                signature,
                transports));
        nonce++;
    }

    /// Signs the question for the transports of a visor as the next request.
    void askFor(Visor edge) {
        byte[] signed = signed(new byte[0]);
        Signature signature = key.sign(signed);
        requests.add(new SignedRequest(
                HttpLane.get(base, "/transports/edge:" + edge.key.publicKey().hex(), headers(signature)),
                key.publicKey(),
                signed,
                signature,
                List.of()));
        nonce++;
    }

    private byte[] signed(byte[] body) {
        byte[] digits = Long.toString(nonce).getBytes(StandardCharsets.US_ASCII);
        byte[] signed = new byte[body.length + digits.length];
        System.arraycopy(body, 0, signed, 0, body.length);
        System.arraycopy(digits, 0, signed, body.length, digits.length);
        return signed;
    }

    private String[] headers(Signature signature) {
        return new String[] {
            "SW-Public", key.publicKey().hex(), "SW-Nonce", Long.toString(nonce), "SW-Sig", signature.hex()
        };
    }

    boolean hasMore() {
        return !requests.isEmpty();
    }

    /// The requests that were not taken yet.
    List<SignedRequest> waiting() {
        return List.copyOf(requests);
    }

    SignedRequest take() {
        return requests.removeFirst();
    }
}
