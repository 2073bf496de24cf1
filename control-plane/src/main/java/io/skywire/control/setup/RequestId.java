package io.skywire.control.setup;

import java.nio.ByteBuffer;
import java.util.UUID;

/// The name of one setup request, 16 random bytes chosen by the initiator.
public record RequestId(UUID uuid) {
    public static final int LENGTH = 16;

    /// @throws IllegalArgumentException if there are not 16 bytes
    public static RequestId of(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("a request id has " + LENGTH + " bytes, not " + bytes.length);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new RequestId(new UUID(buffer.getLong(), buffer.getLong()));
    }

    public byte[] bytes() {
        return ByteBuffer.allocate(LENGTH)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array();
    }

    @Override
    public String toString() {
        return uuid.toString();
    }
}
