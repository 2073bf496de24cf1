package io.skywire.node.relay;

import io.skywire.shared.key.PublicKey;
import java.util.HashSet;
import java.util.Set;

/// The keys about which a session and a newcomer are being asked right now: one newcomer at a time each. Safe for any
/// thread.
final class Claims {
    private final Set<PublicKey> open = new HashSet<>();

    synchronized boolean begin(PublicKey key) {
        return open.add(key);
    }

    synchronized void end(PublicKey key) {
        open.remove(key);
    }
}
