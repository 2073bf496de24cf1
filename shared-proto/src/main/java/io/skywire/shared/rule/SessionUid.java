package io.skywire.shared.rule;

import java.util.UUID;
import java.util.random.RandomGenerator;

/// The name of a session between two nodes, chosen by the one that dials. The session's primary and standby routes
/// share it. Known to the two ends and the control plane.
public record SessionUid(UUID uuid) {
    public static SessionUid random(RandomGenerator random) {
        return new SessionUid(Uuids.random(random));
    }

    public static SessionUid of(byte[] bytes) {
        return new SessionUid(Uuids.of(bytes, "a session uid"));
    }

    public byte[] bytes() {
        return Uuids.bytes(uuid);
    }

    @Override
    public String toString() {
        return uuid.toString();
    }
}
