package io.skywire.control.discovery;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.discovery.StockEntry.Privacy;
import io.skywire.control.discovery.StockEntry.Registration;
import io.skywire.control.discovery.TransportDown.Reason;
import io.skywire.control.platform.GroupCommit;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
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
import java.util.stream.Collectors;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.transaction.support.TransactionOperations;

/// Writes the registrations of stock visors, those of many requests in one transaction and with a number of statements
/// that does not depend on theirs. A request's entries are written all or none.
///
/// New transports, the usual case, are inserted as they stand afterwards: both views up, the transport up. Known ones
/// go the long way over locks and settling. A transport that somebody else inserts at this very moment shows in the
/// count of the inserted; then the transaction is taken back and tried again, knowing it.
final class Registrations implements AutoCloseable {
    private static final GroupCommit.Limits LIMITS = new GroupCommit.Limits(1024, 128);
    private static final int MOST_TOGETHER = 2048;
    private static final int ATTEMPTS = 5;

    private final StoredTransports registry;
    private final TransportTables tables;
    private final StockTables stock;
    private final TransactionOperations transactions;
    private final ApplicationEventPublisher events;
    private final ListingUpkeep upkeep;
    private final InstantSource clock;
    private final Duration lease;
    private final GroupCommit<Request, Boolean> groups;

    Registrations(
            StoredTransports registry,
            TransportTables tables,
            StockTables stock,
            TransactionOperations transactions,
            ApplicationEventPublisher events,
            ListingUpkeep upkeep,
            InstantSource clock,
            StockSettings settings,
            MeterRegistry meters) {
        this.registry = registry;
        this.tables = tables;
        this.stock = stock;
        this.transactions = transactions;
        this.events = events;
        this.upkeep = upkeep;
        this.clock = clock;
        this.lease = settings.lease();
        this.groups = new GroupCommit<>("registrations", LIMITS, meters, this::writeAll);
    }

    /// Proven entries of transports that have this edge.
    record Request(PublicKey caller, SortedMap<TransportId, Registration> entries) {}

    /// One entry, with the edge that brought it.
    record Entry(PublicKey caller, Registration registration) {
        SignedTransport signed() {
            return registration.transport();
        }

        PublicKey opposite() {
            return signed().entry().opposite(caller);
        }
    }

    /// Returns after the commit, and after its events were heard.
    void write(Request request) {
        groups.submit(request);
    }

    private List<Boolean> writeAll(List<Request> group) {
        SortedMap<TransportId, Entry> together = new TreeMap<>();
        for (Request request : group) {
            boolean overlaps = request.entries().keySet().stream().anyMatch(together::containsKey);
            if (overlaps || together.size() + request.entries().size() > MOST_TOGETHER) {
                writeTogether(together);
                together.clear();
            }
            request.entries().forEach((id, one) -> together.put(id, new Entry(request.caller(), one)));
        }
        writeTogether(together);
        return Collections.nCopies(group.size(), true);
    }

    private void writeTogether(SortedMap<TransportId, Entry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        Set<TransportId> known =
                entries.keySet().stream().filter(upkeep.listing()::knows).collect(Collectors.toSet());
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (tryToWrite(entries, known)) {
                return;
            }
            known = tables.stored(entries.keySet());
        }
        throw new CannotAcquireLockException("others register the same transports at the same moment");
    }

    /// False if a transport that was taken for new is not, and nothing was written.
    private boolean tryToWrite(SortedMap<TransportId, Entry> entries, Set<TransportId> known) {
        SortedMap<TransportId, Entry> old = new TreeMap<>(entries);
        old.keySet().retainAll(known);
        SortedMap<TransportId, Entry> fresh = new TreeMap<>(entries);
        fresh.keySet().removeAll(known);
        return Boolean.TRUE.equals(transactions.execute(status -> {
            Instant now = clock.instant();
            lockEdges(old);
            if (!insert(fresh, now)) {
                status.setRollbackOnly();
                return false;
            }
            renew(old, now);
            return true;
        }));
    }

    private void lockEdges(SortedMap<TransportId, Entry> old) {
        Set<PublicKey> edges = new TreeSet<>();
        old.values().forEach(one -> {
            edges.add(one.caller());
            edges.add(one.opposite());
        });
        if (!edges.isEmpty()) {
            tables.serialize(edges);
        }
    }

    private boolean insert(SortedMap<TransportId, Entry> fresh, Instant now) {
        if (fresh.isEmpty()) {
            return true;
        }
        List<Entry> entries = List.copyOf(fresh.values());
        if (stock.insert(entries, now) < entries.size()) {
            return false;
        }
        List<StockTables.View> views = new ArrayList<>(2 * entries.size());
        for (Entry one : entries) {
            views.addAll(views(one));
            if (one.registration().privacy() == Privacy.PRIVATE) {
                notePrivate(one);
            } else {
                events.publishEvent(up(one, now));
            }
        }
        stock.putViews(views, now, now.plus(lease));
        return true;
    }

    private static TransportUp up(Entry one, Instant now) {
        TransportEntry entry = one.signed().entry();
        return new TransportUp(
                entry.id(),
                entry.lower(),
                entry.higher(),
                entry.type(),
                one.registration().label(),
                StockTables.MAX_PAYLOAD,
                Optional.empty(),
                StockTables.firstRevision(now));
    }

    private void renew(SortedMap<TransportId, Entry> old, Instant now) {
        if (old.isEmpty()) {
            return;
        }
        List<Entry> entries = List.copyOf(old.values());
        Set<TransportId> refused = stock.refusedByOpposite(entries);
        List<StockTables.View> views = new ArrayList<>(2 * entries.size());
        for (Entry one : entries) {
            views.addAll(
                    refused.contains(one.signed().id())
                            ? List.of(new StockTables.View(one.signed().id(), one.caller()))
                            : views(one));
            if (one.registration().privacy() == Privacy.PRIVATE) {
                notePrivate(one);
            }
        }
        stock.putViews(views, now, now.plus(lease));
        tables.lock(old.keySet());
        stock.update(entries);
        SortedMap<TransportId, Reason> touched = new TreeMap<>();
        old.keySet().forEach(id -> touched.put(id, Reason.REPORTED_DOWN));
        registry.settle(touched, now);
    }

    private void notePrivate(Entry one) {
        upkeep.hasPrivate(one.caller());
        upkeep.hasPrivate(one.opposite());
    }

    private static List<StockTables.View> views(Entry one) {
        TransportEntry entry = one.signed().entry();
        StockTables.View lower = new StockTables.View(entry.id(), entry.lower());
        return entry.lower().equals(entry.higher())
                ? List.of(lower)
                : List.of(lower, new StockTables.View(entry.id(), entry.higher()));
    }

    @Override
    public void close() {
        groups.close();
    }
}
