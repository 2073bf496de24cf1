package io.skywire.node.control;

import io.skywire.node.control.ControlSettings.Endpoint;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/// Which control plane to dial next: any of those that have not failed lately, at random, so that nodes spread over
/// equal replicas; where all have, the one whose failure is the oldest. Not thread-safe.
final class EndpointChoice {
    /// After so long a failure says nothing any more.
    private static final Duration MEMORY = Duration.ofSeconds(30);

    private final List<Endpoint> all;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Map<Endpoint, Instant> failures = new HashMap<>();

    EndpointChoice(List<Endpoint> all, InstantSource clock, RandomGenerator random) {
        this.all = all;
        this.clock = clock;
        this.random = random;
    }

    Endpoint next() {
        Instant forgotten = clock.instant().minus(MEMORY);
        List<Endpoint> healthy = all.stream()
                .filter(one -> failures.getOrDefault(one, Instant.MIN).isBefore(forgotten))
                .toList();
        if (!healthy.isEmpty()) {
            return healthy.get(healthy.size() == 1 ? 0 : random.nextInt(healthy.size()));
        }
        Endpoint oldest = all.getFirst();
        for (Endpoint one : all) {
            if (failedAt(one).isBefore(failedAt(oldest))) {
                oldest = one;
            }
        }
        return oldest;
    }

    private Instant failedAt(Endpoint endpoint) {
        return failures.getOrDefault(endpoint, Instant.MIN);
    }

    /// It could not be reached, ended the session, or asked to be left.
    void failed(Endpoint endpoint) {
        failures.put(endpoint, clock.instant());
    }

    void worked(Endpoint endpoint) {
        failures.remove(endpoint);
    }
}
