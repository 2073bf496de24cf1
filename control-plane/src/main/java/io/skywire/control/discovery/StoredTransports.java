package io.skywire.control.discovery;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.discovery.TransportDown.Reason;
import io.skywire.control.discovery.TransportTables.Standing;
import io.skywire.control.platform.GroupCommit;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.transaction.support.TransactionOperations;

/// The registry in PostgreSQL. Signatures are checked before the transaction, views change first, and then every
/// touched transport is settled under its lock: whoever comes second sees what the first one did.
final class StoredTransports implements TransportRegistry, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoredTransports.class);
    private static final GroupCommit.Limits HEARTBEATS = new GroupCommit.Limits(8192, 256);

    /// What was told with a measurement of so long ago is told again with a newer one.
    private static final Duration OLD = Duration.ofMinutes(5);

    private final TransportTables tables;
    private final ClaimCheck check;
    private final TransactionOperations transactions;
    private final ApplicationEventPublisher events;
    private final InstantSource clock;
    private final Duration lease;
    private final GroupCommit<PublicKey, Boolean> heartbeats;
    private final Measurements measurements;

    StoredTransports(
            TransportTables tables,
            ClaimCheck check,
            TransactionOperations transactions,
            ApplicationEventPublisher events,
            InstantSource clock,
            DiscoverySettings settings,
            MeterRegistry meters) {
        this.tables = tables;
        this.check = check;
        this.transactions = transactions;
        this.events = events;
        this.clock = clock;
        this.lease = settings.lease();
        this.heartbeats = new GroupCommit<>("heartbeats", HEARTBEATS, meters, this::renewAll);
        this.measurements = new Measurements(this, tables, transactions, clock, lease, meters);
    }

    @Override
    public ReportOutcome report(PublicKey edge, ReportKind kind, List<TransportClaim> claims) {
        ClaimCheck.Checked checked = check.check(edge, claims, tables::proven);
        transactions.executeWithoutResult(status -> take(edge, kind, checked.accepted()));
        if (!checked.refusals().isEmpty()) {
            LOG.debug(
                    "report of node {}: {} claims refused",
                    edge.shortHex(),
                    checked.refusals().size());
        }
        return new ReportOutcome(checked.accepted().size(), checked.refusals());
    }

    @Override
    public List<TransportClaim> measured(PublicKey edge, List<TransportClaim> claims) {
        boolean isMeasurement = !claims.isEmpty()
                && claims.size() <= MAX_CLAIMS
                && claims.stream()
                        .allMatch(claim -> claim.state() == LinkState.UP
                                && claim.measured().roundTrip().isPresent()
                                && ClaimCheck.implausible(edge, claim).isEmpty());
        if (!isMeasurement) {
            return claims;
        }
        Set<TransportId> left = measurements.write(edge, claims);
        return claims.stream()
                .filter(claim -> left.contains(claim.transport().id()))
                .toList();
    }

    private void take(PublicKey edge, ReportKind kind, TreeMap<TransportId, TransportClaim> claims) {
        Instant now = clock.instant();
        tables.serialize(edge);
        SortedMap<TransportId, Reason> touched = new TreeMap<>();
        if (!claims.isEmpty()) {
            tables.insertMissing(claims, now);
            tables.putViews(edge, claims, now, now.plus(lease));
            claims.keySet().forEach(id -> touched.put(id, Reason.REPORTED_DOWN));
        }
        switch (kind) {
            case CHANGES -> {}
            case WHOLE_VIEW ->
                tables.dropViewsExcept(edge, claims.keySet(), now).forEach(id -> touched.put(id, Reason.NOT_IN_VIEW));
        }
        settle(touched, now);
    }

    @Override
    public void renew(PublicKey edge) {
        heartbeats.submit(edge);
    }

    private List<Boolean> renewAll(List<PublicKey> edges) {
        Set<PublicKey> each = new TreeSet<>(edges);
        transactions.executeWithoutResult(status -> {
            Instant now = clock.instant();
            tables.serialize(each);
            SortedMap<TransportId, Reason> revived = new TreeMap<>();
            tables.renewLeases(each, now.plus(lease)).forEach(id -> revived.put(id, Reason.REPORTED_DOWN));
            settle(revived, now);
        });
        return Collections.nCopies(edges.size(), true);
    }

    @Override
    public void close() {
        measurements.close();
        heartbeats.close();
    }

    @Override
    public void sessionEnded(PublicKey edge) {
        LOG.debug("session of node {} ended; its views keep their lease", edge.shortHex());
    }

    @Override
    public List<RegisteredTransport> all() {
        return tables.all();
    }

    /// Expires at most `limit` lapsed views; gives how many.
    int expire(int limit) {
        return Optional.ofNullable(transactions.execute(status -> {
                    Instant now = clock.instant();
                    List<TransportId> lapsed = tables.expireViews(now, limit);
                    SortedMap<TransportId, Reason> touched = new TreeMap<>();
                    lapsed.forEach(id -> touched.put(id, Reason.LEASE_EXPIRED));
                    settle(touched, now);
                    return lapsed.size();
                }))
                .orElse(0);
    }

    /// Brings the transports' state in line with their views, and tells what changed.
    void settle(SortedMap<TransportId, Reason> touched, Instant now) {
        if (touched.isEmpty()) {
            return;
        }
        List<RegisteredTransport> changed = new ArrayList<>();
        for (Standing standing : tables.lockStandings(touched.keySet())) {
            RegisteredTransport told = standing.told();
            long revision = told.revision() + 1;
            EdgeView both = standing.both();
            if (both.state() == EdgeView.State.UP) {
                TransportUp up = new TransportUp(
                        told.id(),
                        told.lower(),
                        told.higher(),
                        standing.type(),
                        standing.label(),
                        both.maxPayload(),
                        both.measured(),
                        both.measuredAt(),
                        both.relays(),
                        revision);
                if (told.up().isEmpty() || isWorthTelling(told.up().orElseThrow(), up)) {
                    changed.add(new RegisteredTransport(up.id(), up.lower(), up.higher(), Optional.of(up), revision));
                    events.publishEvent(up);
                }
            } else if (told.up().isPresent()) {
                Reason reason = touched.getOrDefault(told.id(), Reason.REPORTED_DOWN);
                changed.add(
                        new RegisteredTransport(told.id(), told.lower(), told.higher(), Optional.empty(), revision));
                events.publishEvent(new TransportDown(told.id(), told.lower(), told.higher(), reason, revision));
            }
        }
        tables.settle(changed, now);
    }

    /// Measurements never stand still: only what leaves its dead band is told, or what would count as old else.
    private static boolean isWorthTelling(TransportUp told, TransportUp current) {
        return told.maxPayload() != current.maxPayload()
                || !told.label().equals(current.label())
                || !told.relays().equals(current.relays())
                || current.measured().differsFrom(told.measured())
                || current.measured().differsInThroughput(told.measured())
                || current.measuredAt().isPresent()
                        && told.measuredAt()
                                .orElse(Instant.MIN)
                                .isBefore(current.measuredAt().orElseThrow().minus(OLD));
    }
}
