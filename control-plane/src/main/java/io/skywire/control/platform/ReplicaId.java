package io.skywire.control.platform;

import java.util.UUID;

/// Names one run of one control plane: a replica that starts again is another one.
public record ReplicaId(UUID uuid) {
    @Override
    public String toString() {
        return uuid.toString();
    }
}
