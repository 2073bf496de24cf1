package io.skywire.node.relay;

import io.skywire.shared.key.PublicKey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// How often each key has opened a session lately, so that a client that comes and goes costs the server no handshake
/// after handshake. Remembers the keys that came last, and never more than fit its bound. Safe for any thread.
final class KeyChurn {
    private static final int REMEMBERED = 16_384;
    private static final double MINUTE = TimeUnit.MINUTES.toNanos(1);

    private final int perMinute;
    private final Map<PublicKey, Openings> keys = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<PublicKey, Openings> eldest) {
            return size() > REMEMBERED;
        }
    };

    /// A minute's worth at most is saved up.
    private static final class Openings {
        private double left;
        private long at;
    }

    KeyChurn(int perMinute) {
        this.perMinute = perMinute;
    }

    synchronized boolean allows(PublicKey key, long nanos) {
        Openings openings = keys.computeIfAbsent(key, first -> {
            Openings fresh = new Openings();
            fresh.left = perMinute;
            fresh.at = nanos;
            return fresh;
        });
        double passed = Math.max(0, nanos - openings.at) / MINUTE;
        openings.at = nanos;
        openings.left = Math.min(perMinute, openings.left + passed * perMinute);
        if (openings.left < 1) {
            return false;
        }
        openings.left -= 1;
        return true;
    }
}
