package io.skywire.control.agent;

import io.skywire.control.discovery.LinkState;
import io.skywire.control.discovery.StoredRelays;
import io.skywire.control.discovery.TransportClaim;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import io.skywire.shared.transport.HeldTransport;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.nio.ByteBuffer;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/// What the discovery stores of many edges' views at once: read for comparing, and their leases renewed. One statement
/// each, however many edges. It changes when leases end and nothing else; what an edge says goes through
/// [io.skywire.control.discovery.TransportRegistry].
@Component
final class StoredViews {
    private final JdbcTemplate jdbc;

    StoredViews(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /// One stored view that says up.
    ///
    /// @param ofSession false if it came from a stock registration: no session stands behind it yet
    record Stored(HeldTransport held, boolean ofSession) {}

    /// The views of these edges that say up, also where the lease has run out. Every edge is in the answer.
    Map<PublicKey, List<Stored>> sayingUp(Collection<PublicKey> edges) {
        Map<ByteBuffer, List<Stored>> byKey = new HashMap<>();
        edges.forEach(edge -> byKey.put(ByteBuffer.wrap(edge.bytes()), new ArrayList<>()));
        StoredRelays relays = new StoredRelays();
        jdbc.query(
                "SELECT edge, transport_id, rtt_us, max_payload, stock, loss, load, throughput, relays"
                        + " FROM transport_views WHERE edge = ANY (?) AND state <> 'DOWN'",
                row -> {
                    HeldTransport held = new HeldTransport(
                            new TransportId(row.getObject(2, UUID.class)),
                            new LinkMeasurement(
                                    Optional.ofNullable(row.getObject(3, Long.class))
                                            .map(micros -> Duration.ofNanos(1000 * micros)),
                                    row.getInt(6),
                                    row.getInt(7),
                                    row.getLong(8)),
                            row.getInt(4),
                            relays.of(row.getBytes(9)));
                    byKey.computeIfAbsent(ByteBuffer.wrap(row.getBytes(1)), edge -> new ArrayList<>())
                            .add(new Stored(held, !row.getBoolean(5)));
                },
                (Object) keys(edges));
        Map<PublicKey, List<Stored>> views = new HashMap<>();
        edges.forEach(edge -> views.put(edge, byKey.getOrDefault(ByteBuffer.wrap(edge.bytes()), List.of())));
        return views;
    }

    /// Starts the leases of these edges again; gives the edges of which a lease has run out already. Those need more
    /// than a later end.
    ///
    /// A view that somebody is changing now is passed over: its edge reports it, which renews it, or the sweeper has
    /// it, which the next heartbeat heals. So this statement waits for nobody and nobody waits in a circle with it.
    Set<PublicKey> renew(Collection<PublicKey> edges, Instant leaseUntil) {
        Map<ByteBuffer, PublicKey> byKey = new HashMap<>();
        edges.forEach(edge -> byKey.put(ByteBuffer.wrap(edge.bytes()), edge));
        Set<PublicKey> lapsed = new HashSet<>();
        jdbc.query(
                """
                WITH free AS (
                    SELECT transport_id, edge FROM transport_views
                    WHERE edge = ANY (?) AND state = 'UP' AND NOT stock FOR UPDATE SKIP LOCKED
                ), renewed AS (
                    UPDATE transport_views v SET lease_until = ? FROM free
                    WHERE v.transport_id = free.transport_id AND v.edge = free.edge)
                SELECT DISTINCT edge FROM transport_views WHERE edge = ANY (?) AND state = 'EXPIRED' AND NOT stock
                """,
                row -> {
                    Optional.ofNullable(byKey.get(ByteBuffer.wrap(row.getBytes(1))))
                            .ifPresent(lapsed::add);
                },
                keys(edges),
                Timestamp.from(leaseUntil),
                keys(edges));
        return lapsed;
    }

    /// Claims that these transports, which are stored, are down.
    List<TransportClaim> down(Collection<TransportId> ids) {
        if (ids.isEmpty()) {
            return List.of();
        }
        return jdbc.query(
                "SELECT edge_lower, edge_higher, type, lower_signature, higher_signature FROM transports"
                        + " WHERE id = ANY (?)",
                (row, number) -> new TransportClaim(
                        new SignedTransport(
                                TransportEntry.between(
                                        PublicKey.of(row.getBytes(1)),
                                        PublicKey.of(row.getBytes(2)),
                                        new TransportType(row.getString(3))),
                                Signature.of(row.getBytes(4)),
                                Signature.of(row.getBytes(5))),
                        LinkState.DOWN,
                        Optional.empty(),
                        1),
                (Object) ids.stream().map(TransportId::uuid).toArray(UUID[]::new));
    }

    private static byte[][] keys(Collection<PublicKey> edges) {
        return edges.stream().map(PublicKey::bytes).toArray(byte[][]::new);
    }
}
