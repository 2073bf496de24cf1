package io.skywire.node.relay;

import io.skywire.shared.key.PublicKey;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Which session holds which key. Safe for any thread; finding one takes no lock and allocates nothing.
///
/// Hashes are salted: who chooses many keys must not be able to put them all into one bucket.
final class SessionTable {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private final long salt;
    private final ConcurrentHashMap<Name, RelaySession> sessions = new ConcurrentHashMap<>();

    SessionTable(long salt) {
        this.salt = salt;
    }

    /// 33 bytes within an array. One that looks up may be moved; one that is in the table never is.
    static final class Name {
        private byte[] bytes;
        private int offset;
        private int hash;

        private Name(byte[] bytes, int offset, int hash) {
            this.bytes = bytes;
            this.offset = offset;
            this.hash = hash;
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Name that
                    && hash == that.hash
                    && Arrays.equals(
                            bytes,
                            offset,
                            offset + PublicKey.LENGTH,
                            that.bytes,
                            that.offset,
                            that.offset + PublicKey.LENGTH);
        }
    }

    /// For one thread: finds sessions by keys inside frames.
    Finder finder() {
        return new Finder();
    }

    final class Finder {
        private final Name name = new Name(new byte[0], 0, 0);

        @Nullable
        RelaySession find(byte[] frame, int keyOffset) {
            name.bytes = frame;
            name.offset = keyOffset;
            name.hash = hash(frame, keyOffset);
            return sessions.get(name);
        }
    }

    /// Puts the session in, unless one of its key is there; answers that one then.
    Optional<RelaySession> putIfAbsent(RelaySession session) {
        return Optional.ofNullable(sessions.putIfAbsent(name(session.key()), session));
    }

    void remove(RelaySession session) {
        sessions.remove(name(session.key()), session);
    }

    int size() {
        return sessions.size();
    }

    Collection<RelaySession> all() {
        return sessions.values();
    }

    private Name name(PublicKey key) {
        byte[] bytes = key.bytes();
        return new Name(bytes, 0, hash(bytes, 0));
    }

    private int hash(byte[] bytes, int at) {
        long h = salt ^ bytes[at];
        for (int i = 1; i < PublicKey.LENGTH; i += Long.BYTES) {
            h = (h ^ (long) LONGS.get(bytes, at + i)) * MULTIPLIER;
            h ^= h >>> 29;
        }
        return (int) (h ^ h >>> 32);
    }
}
