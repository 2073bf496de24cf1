package io.skywire.node.messaging;

import io.skywire.node.letters.LetterLayout;
import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.PublicKey;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The keys that stand in letters, each checked once: whether 33 bytes are a point of the curve costs more than a whole
/// letter. Remembers the newest; a server that makes up senders gets so many checks a second and no more. Not
/// thread-safe.
final class Senders {
    private static final int REMEMBERED = 4_096;

    private final int newPerTick;
    private final Map<Bytes, PublicKey> known = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Bytes, PublicKey> eldest) {
            return size() > REMEMBERED;
        }
    };
    private int left;
    private byte[] lastBytes = new byte[PublicKey.LENGTH];
    private @Nullable PublicKey last;

    private record Bytes(byte[] bytes) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Bytes that && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    Senders(int newPerTick) {
        this.newPerTick = newPerTick;
        this.left = newPerTick;
    }

    void tick() {
        left = newPerTick;
    }

    /// The key of the letter at `at`; empty if it is none, or too many new ones came.
    Optional<PublicKey> of(byte[] frame, int at) {
        int from = at + LetterLayout.KEY_OFFSET;
        PublicKey recent = last;
        if (recent != null && Arrays.equals(lastBytes, 0, PublicKey.LENGTH, frame, from, from + PublicKey.LENGTH)) {
            return Optional.of(recent);
        }
        byte[] bytes = Arrays.copyOfRange(frame, from, from + PublicKey.LENGTH);
        PublicKey key = known.get(new Bytes(bytes));
        if (key == null) {
            if (left == 0) {
                return Optional.empty();
            }
            left--;
            try {
                key = PublicKey.of(bytes);
            } catch (InvalidKeyException noKey) {
                return Optional.empty();
            }
            known.put(new Bytes(bytes), key);
        }
        last = key;
        lastBytes = bytes;
        return Optional.of(key);
    }
}
