package io.skywire.control.discovery;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.discovery.StockEntry.Registration;
import io.skywire.control.discovery.TransportDown.Reason;
import io.skywire.control.identity.RequestSigned;
import io.skywire.control.platform.GroupCommit;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionOperations;

/// What stock visors do with the registry over HTTP. They send no heartbeat, and only the responder of a new transport
/// registers it, with the signatures of both edges: so a registration is the word of both, and any signed request of
/// either edge renews it. An edge's own "down" holds until that edge signs anew.
///
/// Safe for any thread; while the database is away every method throws and has changed nothing.
final class StockTransports implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StockTransports.class);
    private static final int MOST_RENEWED = 10_000;
    private static final int MOST_REMEMBERED = 50_000;
    private static final GroupCommit.Limits RENEWALS = new GroupCommit.Limits(4096, 64);

    private final StoredTransports registry;
    private final TransportTables tables;
    private final StockTables stock;
    private final SignatureChecks signatures;
    private final Registrations writer;
    private final ListingUpkeep upkeep;
    private final TransactionOperations transactions;
    private final InstantSource clock;
    private final GroupCommit<PublicKey, Boolean> renewals;
    private final Duration lease;
    private final Duration renewAfter;
    private final Map<PublicKey, Instant> renewed = new ConcurrentHashMap<>();

    StockTransports(
            StoredTransports registry,
            TransportTables tables,
            StockTables stock,
            SignatureChecks signatures,
            Registrations writer,
            ListingUpkeep upkeep,
            TransactionOperations transactions,
            InstantSource clock,
            StockSettings settings,
            MeterRegistry meters) {
        this.registry = registry;
        this.tables = tables;
        this.stock = stock;
        this.signatures = signatures;
        this.writer = writer;
        this.upkeep = upkeep;
        this.transactions = transactions;
        this.clock = clock;
        this.renewals = new GroupCommit<>("signs-of-life", RENEWALS, meters, this::renew);
        this.lease = settings.lease();
        this.renewAfter = settings.renewAfter();
    }

    /// What became of a registration, of all of its entries or of none.
    sealed interface Outcome {
        record Registered() implements Outcome {}

        record NotAnEdge(TransportId transport) implements Outcome {}

        record Unproven(TransportId transport) implements Outcome {}
    }

    Outcome register(PublicKey caller, List<Registration> registrations) {
        SortedMap<TransportId, Registration> sorted = new TreeMap<>();
        for (Registration registration : registrations) {
            if (!registration.transport().entry().hasEdge(caller)) {
                return new Outcome.NotAnEdge(registration.transport().id());
            }
            sorted.put(registration.transport().id(), registration);
        }
        Map<TransportId, SignedTransport> known = proven(sorted.keySet());
        Set<SignedTransport> unproven = signatures.unproven(registrations.stream()
                .map(Registration::transport)
                .filter(signed -> !signed.equals(known.get(signed.id())))
                .distinct()
                .toList());
        for (Registration registration : registrations) {
            if (unproven.contains(registration.transport())) {
                return new Outcome.Unproven(registration.transport().id());
            }
        }
        writer.write(new Registrations.Request(caller, sorted));
        return new Outcome.Registered();
    }

    /// The entries that are stored already, which need no proof again. Asks for those alone that the listing knows: a
    /// new transport costs no question.
    private Map<TransportId, SignedTransport> proven(Collection<TransportId> ids) {
        List<TransportId> known = ids.stream().filter(upkeep.listing()::knows).toList();
        return known.isEmpty() ? Map.of() : tables.proven(known);
    }

    /// The transport, if it is up and `reader` may know of it.
    Optional<StockEntry> find(TransportId id, PublicKey reader) {
        return stock.byId(List.of(id)).stream()
                .filter(entry -> entry.isListedFor(reader))
                .findFirst();
    }

    /// The JSON array of an edge's transports that are up and that `reader` may know of. From memory, unless the reader
    /// may have private ones.
    byte[] ofEdge(PublicKey edge, PublicKey reader) {
        if (!upkeep.mayHavePrivate(reader)) {
            return upkeep.listing().ofEdge(edge);
        }
        return TransportListing.json(stock.byEdge(edge).stream()
                .filter(entry -> entry.isListedFor(reader))
                .map(StockEntry::up)
                .toList());
    }

    /// What both edges say of a transport, up or not.
    Optional<StockEntry> views(TransportId id, PublicKey reader) {
        return stock.byId(List.of(id)).stream()
                .filter(entry -> entry.visibility() == StockEntry.Visibility.PUBLIC || entry.hasEdge(reader))
                .findFirst();
    }

    /// The words of one edge on its own transports. Gives them as they stand afterwards, in the order of their ids.
    ///
    /// @param words of transports that are known and have this edge
    List<StockEntry> say(PublicKey edge, Map<TransportId, LinkState> words) {
        SortedMap<TransportId, LinkState> sorted = new TreeMap<>(words);
        transactions.executeWithoutResult(status -> {
            Instant now = clock.instant();
            tables.serialize(edge);
            sorted.forEach((id, state) -> stock.setView(id, edge, state, now, now.plus(lease)));
            registry.settle(reasons(sorted.keySet()), now);
        });
        return stock.byId(sorted.keySet());
    }

    List<StockEntry> known(Collection<TransportId> ids) {
        return stock.byId(ids);
    }

    /// A sign of life. Its failure costs the request nothing: the next one renews.
    @EventListener
    void alive(RequestSigned event) {
        Instant now = clock.instant();
        Instant last = renewed.get(event.key());
        if (last != null && last.plus(renewAfter).isAfter(now)) {
            return;
        }
        try {
            renewals.submit(event.key());
            if (renewed.size() >= MOST_REMEMBERED) {
                renewed.clear();
            }
            renewed.put(event.key(), now);
        } catch (DataAccessException | TransactionException databaseAway) {
            LOG.warn(
                    "the leases of node {} are not renewed: {}",
                    event.key().shortHex(),
                    databaseAway.getClass().getSimpleName());
        }
    }

    private List<Boolean> renew(List<PublicKey> keys) {
        Instant now = clock.instant();
        transactions.executeWithoutResult(status -> {
            List<TransportId> revived = stock.renew(
                    Set.copyOf(keys), now.plus(lease).minus(renewAfter), now.plus(lease), MOST_RENEWED * keys.size());
            registry.settle(reasons(revived), now);
        });
        return Collections.nCopies(keys.size(), true);
    }

    private static SortedMap<TransportId, Reason> reasons(Collection<TransportId> ids) {
        SortedMap<TransportId, Reason> reasons = new TreeMap<>();
        ids.forEach(id -> reasons.put(id, Reason.REPORTED_DOWN));
        return reasons;
    }

    @Override
    public void close() {
        renewals.close();
    }
}
