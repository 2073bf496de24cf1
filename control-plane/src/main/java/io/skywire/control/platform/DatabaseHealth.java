package io.skywire.control.platform;

import java.util.function.IntSupplier;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// Part of readiness: whether the database answers this replica, and the pool has connections to it. Answers at once,
/// also while it does not, and takes no connection of the pool, which may be busy without anything being wrong.
final class DatabaseHealth implements HealthIndicator {
    private final Replicas replicas;
    private final IntSupplier pooled;

    /// @param pooled how many connections the pool has, busy or not
    DatabaseHealth(Replicas replicas, IntSupplier pooled) {
        this.replicas = replicas;
        this.pooled = pooled;
    }

    @Override
    public Health health() {
        return switch (replicas.reach()) {
            case DatabaseReach.Reached reached ->
                pooled.getAsInt() > 0
                        ? Health.up().build()
                        : Health.down()
                                .withDetail("reason", "the pool has no connection to PostgreSQL")
                                .build();
            case DatabaseReach.Away away ->
                Health.down()
                        .withDetail("reason", "PostgreSQL has not answered since " + away.since())
                        .build();
        };
    }
}
