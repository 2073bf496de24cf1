package io.skywire.local.bench;

import io.skywire.local.simulation.Applied;
import io.skywire.shared.key.PublicKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/// How long rule changes take from their commit, as PostgreSQL has written it down, to the agent that has applied them.
/// Both clocks are this machine's. Safe for any thread.
final class PushTimes implements Applied {
    private final InstantSource clock;
    private final Map<PublicKey, NavigableMap<Long, Instant>> applied = new ConcurrentHashMap<>();

    PushTimes(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public void applied(PublicKey node, long revision) {
        applied.computeIfAbsent(node, key -> new ConcurrentSkipListMap<>()).put(revision, clock.instant());
    }

    /// @param millis sorted, of the changes that arrived
    /// @param missing changes that no agent has applied
    record Times(List<Double> millis, int missing) {
        double quantile(double which) {
            return millis.isEmpty() ? 0 : millis.get((int) Math.min(millis.size() - 1, which * millis.size()));
        }
    }

    /// Of all changes that were committed in that time.
    Times between(Connection database, Instant from, Instant to) throws SQLException {
        List<Double> millis = new ArrayList<>();
        int missing = 0;
        try (PreparedStatement statement = database.prepareStatement("""
                SELECT node, revision_added, max(pg_xact_commit_timestamp(xmin)) AS committed FROM node_rules
                WHERE pg_xact_commit_timestamp(xmin) BETWEEN ? AND ? AND revision_removed IS NULL
                GROUP BY node, revision_added
                """)) {
            statement.setObject(1, from.atOffset(java.time.ZoneOffset.UTC));
            statement.setObject(2, to.atOffset(java.time.ZoneOffset.UTC));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    NavigableMap<Long, Instant> of = applied.get(PublicKey.of(rows.getBytes(1)));
                    Map.Entry<Long, Instant> first = of == null ? null : of.ceilingEntry(rows.getLong(2));
                    if (first == null) {
                        missing++;
                    } else {
                        Instant committed = rows.getTimestamp(3).toInstant();
                        millis.add(java.time.Duration.between(committed, first.getValue())
                                        .toNanos()
                                / 1e6);
                    }
                }
            }
        }
        Collections.sort(millis);
        return new Times(millis, missing);
    }
}
