package io.skywire.control.blame;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.blame.Subject.Node;
import io.skywire.control.blame.Subject.Transport;
import io.skywire.control.platform.ChangeFeed;
import io.skywire.control.platform.ChangeFeed.Topic;
import io.skywire.control.platform.Sweeps;
import io.skywire.control.platform.Sweeps.Sweeper;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionTemplate;

/// The book over the table: writes what is published here, hears what other replicas wrote, and computes the scores.
///
/// Nobody waits for it: faults wait in a bounded queue for one thread at a time, which owns all that changes.
/// What does not fit is dropped and counted; a lost piece of evidence costs a choice, not a route.
@Component
final class StoredBlame implements BlameBook, ChangeFeed.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(StoredBlame.class);
    private static final int MAX_WAITING = 4096;
    private static final int MAX_BATCH = 512;

    private final EvidenceTable table;
    private final TransactionTemplate transaction;
    private final ChangeFeed feed;
    private final InstantSource clock;
    private final BlameSettings settings;
    private final BlameScore score;
    private final BlameMetrics metrics;
    private final Sweeps sweeps;

    private final BlockingQueue<Evidence> unwritten = new ArrayBlockingQueue<>(MAX_WAITING);
    private final AtomicBoolean workIsDue = new AtomicBoolean();
    private final ReentrantLock working = new ReentrantLock();

    // Guarded by the lock: the rows by their ids.
    private Map<Long, Evidence> rows = Map.of();

    // Replaced as a whole by whoever holds the lock.
    private volatile Map<Subject, List<Evidence>> evidence = Map.of();
    private volatile BlameSnapshot snapshot = BlameSnapshot.CLEAN;

    StoredBlame(
            EvidenceTable table,
            PlatformTransactionManager transactions,
            ChangeFeed feed,
            InstantSource clock,
            BlameSettings settings,
            MeterRegistry meters) {
        this.table = table;
        this.transaction = new TransactionTemplate(transactions);
        this.feed = feed;
        this.clock = clock;
        this.settings = settings;
        this.score = settings.score();
        this.metrics = new BlameMetrics(meters, this);
        this.sweeps = new Sweeps(meters);
        feed.listen(Topic.BLAME, this);
    }

    @Override
    public BlameSnapshot current() {
        return snapshot;
    }

    /// All evidence that counts, by subject. Immutable.
    Map<Subject, List<Evidence>> evidence() {
        return evidence;
    }

    @TransactionalEventListener
    public void on(RouteFault fault) {
        for (Evidence one : Evidence.of(fault, clock.instant())) {
            if (!unwritten.offer(one)) {
                metrics.dropped(1);
            }
        }
        work();
    }

    @Override
    public void told(List<String> names) {
        work();
    }

    @Override
    public void missed() {
        work();
    }

    /// Compares with the table, lets the scores decay, and deletes what has become meaningless.
    @Scheduled(fixedDelayString = "${skywire.blame.refresh-interval:5s}")
    void refresh() {
        workNow();
        try {
            Integer deleted = transaction.execute(
                    status -> table.sweep(clock.instant().minus(settings.kept()), settings.sweepBatch()));
            sweeps.did(Sweeper.BLAME_EVIDENCE, deleted == null ? 0 : deleted);
        } catch (DataAccessException | TransactionException away) {
            sweeps.failed(Sweeper.BLAME_EVIDENCE);
            LOG.debug("old evidence cannot be deleted now: {}", away.getMessage());
        }
    }

    /// However much arrives, at most one thread works and one waits.
    private void work() {
        if (workIsDue.compareAndSet(false, true)) {
            Thread.ofVirtual().name("blame").start(this::workNow);
        }
    }

    private void workNow() {
        working.lock();
        try {
            workIsDue.set(false);
            write();
            read();
        } finally {
            publish();
            working.unlock();
        }
    }

    private void write() {
        List<Evidence> batch = new ArrayList<>();
        while (unwritten.drainTo(batch, MAX_BATCH) > 0) {
            try {
                transaction.executeWithoutResult(status -> table.add(batch));
                metrics.entered(batch);
                feed.tell(Topic.BLAME, List.of("evidence"));
            } catch (DataAccessException | TransactionException away) {
                metrics.dropped(batch.size());
                LOG.atDebug().log("evidence cannot be entered now: {}", away.getMessage());
            }
            batch.clear();
        }
    }

    /// Reads the rows that are new and forgets those that are gone.
    private void read() {
        try {
            List<Long> ids = table.ids(clock.instant().minus(settings.kept()));
            Map<Long, Evidence> next = new HashMap<>(rows);
            next.keySet().retainAll(new HashSet<>(ids));
            List<Long> unread = ids.stream().filter(id -> !next.containsKey(id)).toList();
            table.read(unread).forEach(one -> next.put(one.id(), one));
            rows = next;
            evidence = Map.copyOf(next.values().stream().collect(Collectors.groupingBy(Evidence::subject)));
        } catch (DataAccessException | TransactionException away) {
            // What is known goes on counting and decaying.
            LOG.debug("evidence cannot be read now: {}", away.getMessage());
        }
    }

    private void publish() {
        Instant now = clock.instant();
        Map<PublicKey, Double> nodes = new HashMap<>();
        Map<TransportId, Double> transports = new HashMap<>();
        evidence.forEach((subject, against) -> {
            double level = score.at(now, against);
            if (level > 0) {
                switch (subject) {
                    case Node node -> nodes.put(node.key(), level);
                    case Transport transport -> transports.put(transport.id(), level);
                }
            }
        });
        snapshot = new BlameSnapshot(now, nodes, transports);
    }
}
