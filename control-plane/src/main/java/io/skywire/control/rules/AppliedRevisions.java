package io.skywire.control.rules;

import io.skywire.control.platform.ChangeFeed;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// Writes down what nodes have acknowledged, the newest of each node and many nodes together, on one thread.
///
/// Nobody waits for it: a setup goes on from an acknowledgement that is not written yet. What is lost with a crash
/// costs nothing but rows of removed rules that are forgotten a little later. An answer that a setup of another
/// replica may wait for is written at once, and the others are told. At most one entry for each node that has a
/// session here.
@Component
final class AppliedRevisions implements InitializingBean, DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(AppliedRevisions.class);
    private static final Duration GATHERING = Duration.ofMillis(50);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration END = Duration.ofSeconds(5);
    private static final int TOGETHER = 500;

    private final NodeAnswers answers;
    private final ChangeFeed changes;
    private final Thread writer =
            Thread.ofPlatform().name("rules-applied").daemon().unstarted(this::work);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition something = lock.newCondition();
    private final Condition urgent = lock.newCondition();

    // Under the lock.
    private final Map<PublicKey, Long> waiting = new HashMap<>();
    private final Set<PublicKey> awaited = new HashSet<>();
    private boolean ended;

    AppliedRevisions(NodeAnswers answers, ChangeFeed changes) {
        this.answers = answers;
        this.changes = changes;
    }

    @Override
    public void afterPropertiesSet() {
        writer.start();
    }

    /// All changes up to there were made here, so nobody elsewhere waits to hear of it.
    void applied(PublicKey node, long revision) {
        lock.lock();
        try {
            waiting.merge(node, revision, Math::max);
            something.signal();
        } finally {
            lock.unlock();
        }
    }

    /// Somebody elsewhere may wait to hear of it.
    void appliedForOthers(PublicKey node, long revision) {
        lock.lock();
        try {
            waiting.merge(node, revision, Math::max);
            awaited.add(node);
            something.signal();
            urgent.signal();
        } finally {
            lock.unlock();
        }
    }

    private record Batch(Map<PublicKey, Long> revisions, Set<PublicKey> awaited) {}

    private void work() {
        try {
            for (Batch next = take(); !next.revisions().isEmpty(); next = take()) {
                try {
                    write(next);
                } catch (DataAccessException | TransactionException away) {
                    LOG.debug("acknowledgements wait for the database: {}", away.getMessage());
                    putBack(next);
                    TimeUnit.NANOSECONDS.sleep(RETRY.toNanos());
                }
            }
        } catch (InterruptedException ending) {
            // whatever is left was never promised to anybody
        }
    }

    /// Waits until there is something, and a little longer for more if nobody waits for it. Empty at the end.
    private Batch take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (waiting.isEmpty() && !ended) {
                something.await();
            }
            long left = GATHERING.toNanos();
            while (awaited.isEmpty() && !ended && left > 0) {
                left = urgent.awaitNanos(left);
            }
            Batch batch = new Batch(Map.copyOf(waiting), Set.copyOf(awaited));
            waiting.clear();
            awaited.clear();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private void write(Batch batch) {
        List<Map.Entry<PublicKey, Long>> all = new ArrayList<>(batch.revisions().entrySet());
        for (int from = 0; from < all.size(); from += TOGETHER) {
            answers.applied(all.subList(from, Math.min(all.size(), from + TOGETHER)));
        }
        changes.tell(
                ChangeFeed.Topic.RULES_APPLIED,
                batch.awaited().stream().map(PublicKey::hex).toList());
    }

    private void putBack(Batch batch) {
        lock.lock();
        try {
            batch.revisions().forEach((node, revision) -> waiting.merge(node, revision, Math::max));
            awaited.addAll(batch.awaited());
        } finally {
            lock.unlock();
        }
    }

    /// Writes what waits, then ends.
    @Override
    public void destroy() throws InterruptedException {
        lock.lock();
        try {
            ended = true;
            something.signal();
            urgent.signal();
        } finally {
            lock.unlock();
        }
        if (!writer.join(END)) {
            writer.interrupt();
            writer.join(END);
        }
    }
}
