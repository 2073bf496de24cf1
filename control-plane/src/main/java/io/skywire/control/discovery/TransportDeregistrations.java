package io.skywire.control.discovery;

import io.skywire.control.discovery.TransportDown.Reason;
import io.skywire.shared.transport.TransportId;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.TreeMap;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionOperations;

/// Takes down transports that a network monitor found dead. Views of stock visors go down until their edge signs anew;
/// views of sessions expire, so that an agent that still holds the link brings it back with its next heartbeat.
///
/// A view that somebody changes at this moment is left: its edge knows better.
final class TransportDeregistrations {
    private final StoredTransports registry;
    private final JdbcTemplate jdbc;
    private final TransactionOperations transactions;
    private final InstantSource clock;

    TransportDeregistrations(
            StoredTransports registry, JdbcTemplate jdbc, TransactionOperations transactions, InstantSource clock) {
        this.registry = registry;
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.clock = clock;
    }

    void deregister(Collection<TransportId> ids) {
        transactions.executeWithoutResult(status -> {
            Instant now = clock.instant();
            TreeMap<TransportId, Reason> touched = new TreeMap<>();
            jdbc.query(
                            """
                            UPDATE transport_views v
                            SET state = CASE WHEN v.stock THEN 'DOWN' ELSE 'EXPIRED' END, reported_at = ?
                            FROM (SELECT transport_id, edge FROM transport_views
                                  WHERE transport_id = ANY (?) AND state = 'UP' FOR UPDATE SKIP LOCKED) named
                            WHERE v.transport_id = named.transport_id AND v.edge = named.edge
                            RETURNING v.transport_id AS id
                            """,
                            statement -> {
                                statement.setTimestamp(1, Timestamp.from(now));
                                statement.setArray(2, TransportTables.uuids(statement, ids));
                            },
                            (row, number) -> TransportTables.id(row))
                    .forEach(id -> touched.put(id, Reason.REPORTED_DOWN));
            registry.settle(touched, now);
        });
    }
}
