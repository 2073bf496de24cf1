package io.skywire.shared.rule;

import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.random.RandomGenerator;

/// 128-bit names and their 16 bytes.
final class Uuids {
    private Uuids() {}

    static UUID random(RandomGenerator random) {
        return new UUID(random.nextLong(), random.nextLong());
    }

    static UUID of(byte[] bytes, String what) {
        if (bytes.length != 16) {
            throw new IllegalArgumentException(what + " has 16 bytes, not " + bytes.length);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    static byte[] bytes(UUID uuid) {
        return ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array();
    }
}
