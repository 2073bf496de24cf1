package io.skywire.control.platform;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/// Part of readiness: whether the database answers this replica. Answers at once, also while it does not, and takes no
/// connection of the pool, which may be busy without anything being wrong.
@Component("database")
final class DatabaseHealth implements HealthIndicator {
    private final Replicas replicas;

    DatabaseHealth(Replicas replicas) {
        this.replicas = replicas;
    }

    @Override
    public Health health() {
        return switch (replicas.reach()) {
            case DatabaseReach.Reached reached -> Health.up().build();
            case DatabaseReach.Away away ->
                Health.down()
                        .withDetail("reason", "PostgreSQL has not answered since " + away.since())
                        .build();
        };
    }
}
