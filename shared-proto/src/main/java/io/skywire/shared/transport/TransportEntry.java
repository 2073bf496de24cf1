package io.skywire.shared.transport;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// What two edges agree on: an id that follows from the edges and the type.
///
/// The edges are ordered; use [#between]. Signed bytes:
/// ```
///  0        16            49            82
///  +--------+-------------+-------------+-----------
///  |   id   | lower edge  | higher edge | type ASCII
///  +--------+-------------+-------------+-----------
/// ```
public record TransportEntry(TransportId id, PublicKey lower, PublicKey higher, TransportType type) {
    public TransportEntry {
        if (lower.compareTo(higher) > 0) {
            throw new IllegalArgumentException("the edges of transport " + id + " are not in order");
        }
        if (!TransportId.between(lower, higher, type).equals(id)) {
            throw new IllegalArgumentException("transport id " + id + " does not follow from its edges and its type");
        }
    }

    public static TransportEntry between(PublicKey one, PublicKey other, TransportType type) {
        boolean ordered = one.compareTo(other) <= 0;
        return new TransportEntry(
                TransportId.between(one, other, type), ordered ? one : other, ordered ? other : one, type);
    }

    public boolean hasEdge(PublicKey key) {
        return lower.equals(key) || higher.equals(key);
    }

    /// The edge that is not `edge`.
    ///
    /// @throws IllegalArgumentException if `edge` is no edge of this transport
    public PublicKey opposite(PublicKey edge) {
        if (lower.equals(edge)) {
            return higher;
        }
        if (higher.equals(edge)) {
            return lower;
        }
        throw new IllegalArgumentException(edge.shortHex() + " is no edge of transport " + id);
    }

    public byte[] signedBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(id.bytes());
        bytes.writeBytes(lower.bytes());
        bytes.writeBytes(higher.bytes());
        bytes.writeBytes(type.name().getBytes(StandardCharsets.US_ASCII));
        return bytes.toByteArray();
    }

    /// One edge's half of a [SignedTransport].
    public Signature sign(KeyPair edge) {
        return edge.sign(signedBytes());
    }
}
