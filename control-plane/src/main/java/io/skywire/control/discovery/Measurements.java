package io.skywire.control.discovery;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.discovery.TransportDown.Reason;
import io.skywire.control.platform.GroupCommit;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.transaction.support.TransactionOperations;

/// Writes what agents measure on links of which they have a view already: those of many reports in one transaction and
/// with a number of statements that does not depend on theirs. No signature is looked at: the stored entry is proven,
/// and nothing of it changes.
final class Measurements implements AutoCloseable {
    private static final GroupCommit.Limits LIMITS = new GroupCommit.Limits(4096, 256);
    private static final int MOST_TOGETHER = 8192;

    private final StoredTransports registry;
    private final TransportTables tables;
    private final TransactionOperations transactions;
    private final InstantSource clock;
    private final Duration lease;
    private final GroupCommit<Report, Set<TransportId>> groups;

    Measurements(
            StoredTransports registry,
            TransportTables tables,
            TransactionOperations transactions,
            InstantSource clock,
            Duration lease,
            MeterRegistry meters) {
        this.registry = registry;
        this.tables = tables;
        this.transactions = transactions;
        this.clock = clock;
        this.lease = lease;
        this.groups = new GroupCommit<>("measurements", LIMITS, meters, this::writeAll);
    }

    /// Plausible claims of this edge that say up.
    private record Report(PublicKey edge, List<TransportClaim> claims) {}

    /// Names a row of `transport_views`.
    record ViewKey(TransportId transport, PublicKey edge) {}

    /// Gives the transports of which the edge has no view that is up and its session's own: those were not touched.
    Set<TransportId> write(PublicKey edge, List<TransportClaim> claims) {
        return groups.submit(new Report(edge, claims));
    }

    private List<Set<TransportId>> writeAll(List<Report> group) {
        Set<ViewKey> left = new HashSet<>();
        Map<ViewKey, TransportClaim> together = new LinkedHashMap<>();
        for (Report report : group) {
            if (together.size() + report.claims().size() > MOST_TOGETHER) {
                left.addAll(writeTogether(together));
                together.clear();
            }
            report.claims()
                    .forEach(claim -> together.put(new ViewKey(claim.transport().id(), report.edge()), claim));
        }
        left.addAll(writeTogether(together));
        List<Set<TransportId>> answers = new ArrayList<>();
        for (Report report : group) {
            Set<TransportId> notTaken = new HashSet<>();
            for (TransportClaim claim : report.claims()) {
                TransportId id = claim.transport().id();
                if (left.contains(new ViewKey(id, report.edge()))) {
                    notTaken.add(id);
                }
            }
            answers.add(notTaken);
        }
        return answers;
    }

    /// Gives those that were not taken.
    private Set<ViewKey> writeTogether(Map<ViewKey, TransportClaim> claims) {
        Set<ViewKey> left = new HashSet<>(claims.keySet());
        if (claims.isEmpty()) {
            return left;
        }
        Set<PublicKey> edges = new TreeSet<>();
        claims.keySet().forEach(key -> edges.add(key.edge()));
        Set<ViewKey> taken = new HashSet<>();
        transactions.executeWithoutResult(status -> {
            Instant now = clock.instant();
            tables.serialize(edges);
            taken.addAll(tables.measure(claims, now, now.plus(lease)));
            SortedMap<TransportId, Reason> touched = new TreeMap<>();
            taken.forEach(key -> touched.put(key.transport(), Reason.REPORTED_DOWN));
            registry.settle(touched, now);
        });
        left.removeAll(taken);
        return left;
    }

    @Override
    public void close() {
        groups.close();
    }
}
