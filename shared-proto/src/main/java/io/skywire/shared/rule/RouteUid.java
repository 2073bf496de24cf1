package io.skywire.shared.rule;

import java.util.UUID;
import java.util.random.RandomGenerator;

/// The name of a whole route. Known to the control plane and to the two ends; relays never see it.
public record RouteUid(UUID uuid) {
    public static RouteUid random(RandomGenerator random) {
        return new RouteUid(Uuids.random(random));
    }

    public static RouteUid of(byte[] bytes) {
        return new RouteUid(Uuids.of(bytes, "a route uid"));
    }

    public static RouteUid parse(String text) {
        return new RouteUid(UUID.fromString(text));
    }

    public byte[] bytes() {
        return Uuids.bytes(uuid);
    }

    @Override
    public String toString() {
        return uuid.toString();
    }
}
