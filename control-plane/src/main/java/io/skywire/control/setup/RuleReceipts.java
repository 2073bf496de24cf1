package io.skywire.control.setup;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.platform.GroupCommit;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleProtos;
import io.skywire.shared.rule.RuleReceipt;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/// The table `route_receipts`: what nodes signed when they had applied the rules of a route. Nobody waits for it; what
/// comes too fast, or while the database is away, is lost and counted.
@Component
final class RuleReceipts implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(RuleReceipts.class);
    private static final int MOST_WAITING = 4096;
    private static final int TOGETHER = 256;

    /// Of a larger delta, as a snapshot of a full table, only the digest is kept.
    private static final int MOST_BYTES = 16 * 1024;

    /// A delta covers the rules that were added between its base and its revision.
    private static final String KEEP = """
            INSERT INTO route_receipts (route_id, node, uid, revision, delta, digest, signature, received)
            SELECT DISTINCT r.id, g.node, r.uid, g.revision, NULLIF(g.delta, ''::bytea), g.digest, g.signature,
                   ?::timestamptz
            FROM unnest(?::bytea[], ?::bigint[], ?::bigint[], ?::bytea[], ?::bytea[], ?::bytea[])
                 AS g(node, base, revision, delta, digest, signature)
            JOIN node_rules n ON n.node = g.node AND n.revision_added > g.base AND n.revision_added <= g.revision
            JOIN routes r ON r.uid = n.route
            ON CONFLICT DO NOTHING""";

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final InstantSource clock;
    private final SetupMetrics metrics;
    private final Semaphore places = new Semaphore(MOST_WAITING);
    private final GroupCommit<Signed, Boolean> keeping;

    RuleReceipts(
            JdbcTemplate jdbc,
            PlatformTransactionManager transactions,
            InstantSource clock,
            SetupMetrics metrics,
            MeterRegistry registry) {
        this.jdbc = jdbc;
        this.transaction = new TransactionTemplate(transactions);
        this.clock = clock;
        this.metrics = metrics;
        this.keeping = new GroupCommit<>(
                "rule-receipts", new GroupCommit.Limits(MOST_WAITING, TOGETHER), registry, this::keep);
    }

    private record Signed(RuleDelta delta, byte[] bytes, byte[] digest, byte[] signature) {}

    void take(PublicKey node, long revision, byte[] delta, byte[] signature) {
        if (!places.tryAcquire()) {
            metrics.receipt(SetupMetrics.Receipt.LOST);
            return;
        }
        Thread.ofVirtual().name("rule-receipt").start(() -> {
            try {
                metrics.receipt(check(node, revision, delta, signature));
            } catch (DataAccessException | TransactionException away) {
                metrics.receipt(SetupMetrics.Receipt.LOST);
            } finally {
                places.release();
            }
        });
    }

    private SetupMetrics.Receipt check(PublicKey node, long revision, byte[] delta, byte[] signature) {
        if (!RuleReceipt.isSigned(node, revision, delta, signature)) {
            LOG.atDebug().addKeyValue("node", node.shortHex()).log("a receipt is not what the node should have signed");
            return SetupMetrics.Receipt.WRONG;
        }
        byte[] kept = delta.length <= MOST_BYTES ? delta : new byte[0];
        keeping.submit(new Signed(RuleProtos.parseDelta(delta), kept, RuleReceipt.digest(delta), signature));
        return SetupMetrics.Receipt.KEPT;
    }

    private List<Boolean> keep(List<Signed> group) {
        transaction.executeWithoutResult(status -> jdbc.update(
                KEEP,
                Timestamp.from(clock.instant()),
                group.stream().map(one -> one.delta().node().bytes()).toArray(byte[][]::new),
                group.stream().map(RuleReceipts::base).toArray(Long[]::new),
                group.stream().map(one -> one.delta().revision()).toArray(Long[]::new),
                group.stream().map(Signed::bytes).toArray(byte[][]::new),
                group.stream().map(Signed::digest).toArray(byte[][]::new),
                group.stream().map(Signed::signature).toArray(byte[][]::new)));
        return Collections.nCopies(group.size(), Boolean.TRUE);
    }

    private static long base(Signed one) {
        return switch (one.delta().kind()) {
            case SNAPSHOT -> 0;
            case INCREMENT -> one.delta().baseRevision();
        };
    }

    /// One receipt as it is kept. `delta` is empty if it was too large.
    record Kept(
            PublicKey node,
            UUID plan,
            long revision,
            Optional<byte[]> delta,
            byte[] digest,
            byte[] signature,
            Instant received) {}

    /// The receipts of a route, in no order.
    List<Kept> of(long route) {
        return jdbc.query(
                "SELECT node, uid, revision, delta, digest, signature, received FROM route_receipts WHERE route_id = ?",
                (row, number) -> new Kept(
                        PublicKey.of(row.getBytes(1)),
                        row.getObject(2, UUID.class),
                        row.getLong(3),
                        Optional.ofNullable(row.getBytes(4)),
                        row.getBytes(5),
                        row.getBytes(6),
                        row.getTimestamp(7).toInstant()),
                route);
    }

    @Override
    public void destroy() {
        keeping.close();
    }
}
