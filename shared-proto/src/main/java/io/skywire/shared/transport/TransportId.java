package io.skywire.shared.transport;

import io.skywire.shared.key.PublicKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/// The name of a transport, the same at both edges: the first 16 bytes of
/// SHA-256(16 zero bytes | lower edge | higher edge | type), as a UUID of version 0 and the usual variant.
public record TransportId(UUID uuid) implements Comparable<TransportId> {
    public static final int LENGTH = 16;

    public static TransportId between(PublicKey one, PublicKey other, TransportType type) {
        boolean ordered = one.compareTo(other) <= 0;
        MessageDigest sha256 = sha256();
        sha256.update(new byte[16]);
        sha256.update((ordered ? one : other).bytes());
        sha256.update((ordered ? other : one).bytes());
        sha256.update(type.name().getBytes(StandardCharsets.US_ASCII));
        ByteBuffer digest = ByteBuffer.wrap(sha256.digest());
        long high = digest.getLong() & 0xffff_ffff_ffff_0fffL;
        long low = (digest.getLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        return new TransportId(new UUID(high, low));
    }

    /// @throws IllegalArgumentException if there are not 16 bytes
    public static TransportId of(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("a transport id has 16 bytes, not " + bytes.length);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new TransportId(new UUID(buffer.getLong(), buffer.getLong()));
    }

    /// @throws IllegalArgumentException if the text is not a UUID in its usual form
    public static TransportId parse(String text) {
        UUID uuid = UUID.fromString(text);
        if (!uuid.toString().equalsIgnoreCase(text)) {
            throw new IllegalArgumentException("'" + text + "' is not a transport id");
        }
        return new TransportId(uuid);
    }

    public byte[] bytes() {
        return ByteBuffer.allocate(LENGTH)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array();
    }

    @Override
    public int compareTo(TransportId other) {
        return uuid.compareTo(other.uuid);
    }

    @Override
    public String toString() {
        return uuid.toString();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
