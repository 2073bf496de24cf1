package io.skywire.control.discovery;

import io.skywire.control.discovery.StockEntry.Registration;
import io.skywire.control.discovery.TransportDown.Reason;
import io.skywire.control.identity.RequestSigned;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
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
final class StockTransports {
    private static final Logger LOG = LoggerFactory.getLogger(StockTransports.class);
    private static final int MOST_RENEWED = 10_000;
    private static final int MOST_REMEMBERED = 50_000;

    private final StoredTransports registry;
    private final TransportTables tables;
    private final StockTables stock;
    private final TransactionOperations transactions;
    private final InstantSource clock;
    private final Duration lease;
    private final Duration renewAfter;
    private final Map<PublicKey, Instant> renewed = new ConcurrentHashMap<>();

    StockTransports(
            StoredTransports registry,
            TransportTables tables,
            StockTables stock,
            TransactionOperations transactions,
            InstantSource clock,
            StockSettings settings) {
        this.registry = registry;
        this.tables = tables;
        this.stock = stock;
        this.transactions = transactions;
        this.clock = clock;
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
        Map<TransportId, SignedTransport> known = tables.proven(sorted.keySet());
        for (Registration registration : registrations) {
            SignedTransport signed = registration.transport();
            if (!signed.equals(known.get(signed.id())) && !signed.isProven()) {
                return new Outcome.Unproven(signed.id());
            }
        }
        transactions.executeWithoutResult(status -> {
            Instant now = clock.instant();
            Instant until = now.plus(lease);
            TreeSet<PublicKey> edges = new TreeSet<>(List.of(caller));
            sorted.values().forEach(one -> edges.add(one.transport().entry().opposite(caller)));
            tables.serialize(edges);
            sorted.values().forEach(one -> stock.put(one, now));
            for (Registration one : sorted.values()) {
                PublicKey opposite = one.transport().entry().opposite(caller);
                stock.putView(one.transport().id(), caller, now, until);
                if (!opposite.equals(caller) && !stock.isRefusedBy(opposite, one.transport())) {
                    stock.putView(one.transport().id(), opposite, now, until);
                }
            }
            sorted.values().forEach(one -> stock.putSignatures(one.transport()));
            registry.settle(reasons(sorted.keySet()), now);
        });
        return new Outcome.Registered();
    }

    /// The transport, if it is up and `reader` may know of it.
    Optional<StockEntry> find(TransportId id, PublicKey reader) {
        return stock.byId(List.of(id)).stream()
                .filter(entry -> entry.isListedFor(reader))
                .findFirst();
    }

    List<StockEntry> ofEdge(PublicKey edge, PublicKey reader) {
        return stock.byEdge(edge).stream()
                .filter(entry -> entry.isListedFor(reader))
                .toList();
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
            transactions.executeWithoutResult(status -> {
                List<TransportId> revived = stock.renew(event.key(), now.plus(lease), MOST_RENEWED);
                registry.settle(reasons(new ArrayList<>(revived)), now);
            });
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

    private static SortedMap<TransportId, Reason> reasons(Collection<TransportId> ids) {
        SortedMap<TransportId, Reason> reasons = new TreeMap<>();
        ids.forEach(id -> reasons.put(id, Reason.REPORTED_DOWN));
        return reasons;
    }
}
