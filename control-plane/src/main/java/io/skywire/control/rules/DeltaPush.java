package io.skywire.control.rules;

import io.skywire.control.platform.ServiceKeys;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleTableDigest;
import io.skywire.shared.rule.SignedRuleDelta;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.event.TransactionalEventListener;

/// Brings each watched node the newest state, one delta at a time, signed when it leaves.
/// ```
///           signal, nothing out             ACK                    signal
///   IDLE ──────────────────────► OUT ───────────────► IDLE (holds the delta's revision)
///                                 │ NACK gap/old, the first in a row: the next delta is a snapshot
///                                 │ any other NACK: IDLE until the revision grows, then a snapshot
/// ```
@Component
final class DeltaPush implements RuleWatch, DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(DeltaPush.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final NodeRules rules;
    private final ServiceKeys keys;
    private final ApplicationEventPublisher events;
    private final RuleMetrics metrics;
    private final Executor threads =
            task -> Thread.ofVirtual().name("rule-push").start(task);
    private final ConcurrentHashMap<PublicKey, Watching> watchings = new ConcurrentHashMap<>();
    private final AtomicBoolean outage = new AtomicBoolean();

    DeltaPush(NodeRules rules, ServiceKeys keys, ApplicationEventPublisher events, RuleMetrics metrics) {
        this.rules = rules;
        this.keys = keys;
        this.events = events;
        this.metrics = metrics;
    }

    @Override
    public List<Subscription> watch(List<Opening> openings) {
        List<Watching> opened = new ArrayList<>();
        // Before the ledger is read: a change from now on wakes the watching.
        for (Opening opening : openings) {
            Watching watching = new Watching(opening);
            Watching older = watchings.put(opening.node(), watching);
            if (older != null) {
                older.cancel();
            }
            opened.add(watching);
        }
        try {
            Map<PublicKey, NodeRules.Place> places = rules.places(openings);
            // A node that never had a rule has no place, and that is known then too.
            opened.forEach(watching -> watching.placed(places.getOrDefault(watching.node, NodeRules.Place.NONE)));
        } catch (DataAccessException | TransactionException away) {
            noteOutage(away);
        }
        opened.forEach(Watching::signal);
        return List.copyOf(opened);
    }

    private void noteOutage(RuntimeException away) {
        if (outage.compareAndSet(false, true)) {
            LOG.warn("rules cannot be read now, trying again every {}: {}", RETRY, away.getMessage());
        }
    }

    @Override
    public Set<PublicKey> unwatched(Collection<PublicKey> nodes) {
        Set<PublicKey> unwatched = new HashSet<>(nodes);
        unwatched.removeIf(watchings::containsKey);
        return unwatched;
    }

    @TransactionalEventListener
    public void on(RulesChanged changed) {
        for (PublicKey node : changed.nodes()) {
            Watching watching = watchings.get(node);
            if (watching != null) {
                watching.changed();
            }
        }
    }

    @Override
    public void destroy() {
        watchings.values().forEach(Watching::cancel);
    }

    private final class Watching implements Subscription {
        private final PublicKey node;
        private final RuleWatcher watcher;
        private final AtomicInteger signals = new AtomicInteger();
        private final AtomicBoolean retrying = new AtomicBoolean();
        private volatile boolean putOff;
        private volatile boolean changed;
        private final ReentrantLock lock = new ReentrantLock();

        // All under the lock.
        private long holds;
        private Optional<RuleTableDigest> digest;
        private Optional<NodeRules.Place> place = Optional.empty();
        private boolean fresh = true;
        private boolean snapshotNext;
        private boolean snapshotAsked;
        private boolean refusedBefore;
        private long waitsAbove = -1;
        private @Nullable RuleDelta out;
        private boolean cancelled;

        Watching(Opening opening) {
            this.node = opening.node();
            this.holds = opening.held().revision();
            this.digest = opening.held().digest();
            this.watcher = opening.watcher();
        }

        /// Where the ledger stood just now: the first look need not ask again.
        void placed(NodeRules.Place where) {
            lock.lock();
            try {
                place = Optional.of(where);
            } finally {
                lock.unlock();
            }
        }

        /// Streams become ready all the time; only one that an offer waits for is a reason to ask the ledger.
        @Override
        public void wake() {
            if (putOff) {
                signal();
            }
        }

        /// The ledger has changed: what was looked up before counts no more.
        void changed() {
            changed = true;
            signal();
        }

        /// Something may be there to offer.
        void signal() {
            if (signals.getAndIncrement() == 0) {
                threads.execute(this::follow);
            }
        }

        private void follow() {
            int seen;
            do {
                seen = signals.get();
                try {
                    offer();
                } catch (DataAccessException | TransactionException away) {
                    noteOutage(away);
                    retry();
                } catch (RuntimeException bug) {
                    LOG.atError()
                            .addKeyValue("node", node.shortHex())
                            .setCause(bug)
                            .log("rules cannot be pushed");
                }
            } while (signals.addAndGet(-seen) > 0);
        }

        /// One retry at a time, however many signals come while the database is away.
        private void retry() {
            if (retrying.compareAndSet(false, true)) {
                CompletableFuture.delayedExecutor(RETRY.toMillis(), TimeUnit.MILLISECONDS, threads)
                        .execute(() -> {
                            retrying.set(false);
                            signal();
                        });
            }
        }

        private void offer() {
            lock.lock();
            try {
                if (cancelled || out != null) {
                    return;
                }
                // Before the question: the stream may become ready right after it.
                putOff = true;
                if (!watcher.isReady()) {
                    // By the time that it is, the ledger may stand elsewhere.
                    place = Optional.empty();
                    return;
                }
                putOff = false;
                Optional<RuleDelta> next = next();
                if (outage.compareAndSet(true, false)) {
                    LOG.info("rules can be read again");
                }
                if (next.isEmpty()) {
                    return;
                }
                SignedRuleDelta signed = SignedRuleDelta.sign(next.get(), keys.setup());
                // Before it leaves: the answer may arrive before `deliver` returns.
                out = next.get();
                metrics.pushed(next.get().kind());
                watcher.deliver(signed);
            } finally {
                lock.unlock();
            }
        }

        private Optional<RuleDelta> next() {
            NodeRules.Revisions at = look();
            if (at.revision() <= waitsAbove) {
                return Optional.empty();
            }
            snapshotNext |= snapshotAsked;
            boolean outOfStep = snapshotNext && waitsAbove < 0 && holds == at.revision() && holds > 0;
            if (holds > at.revision() || outOfStep) {
                rules.outgrow(node, holds);
                at = rules.revisions(node).orElseThrow();
                snapshotNext = true;
            } else if (fresh && holds < at.applied()) {
                snapshotNext = true;
            }
            fresh = false;
            if (holds == 0) {
                snapshotNext = true;
            }
            if (at.revision() == 0 || (!snapshotNext && at.revision() == holds)) {
                return Optional.empty();
            }
            return Optional.of(
                    snapshotNext ? rules.snapshot(node, at.revision()) : rules.increment(node, holds, at.revision()));
        }

        /// The first time also whether the node's table is the one that its revision stands for.
        private NodeRules.Revisions look() {
            if (!fresh) {
                return rules.revisions(node).orElse(NodeRules.Revisions.NONE);
            }
            NodeRules.Place first = place.filter(looked -> !changed)
                    .or(() -> {
                        Opening opening = new Opening(node, new HeldRules(holds, digest), watcher);
                        return Optional.ofNullable(
                                rules.places(List.of(opening)).get(node));
                    })
                    .orElse(NodeRules.Place.NONE);
            if (first.table() == NodeRules.Table.DIFFERS) {
                metrics.tableDiffered();
                snapshotNext = true;
            }
            place = Optional.empty();
            digest = Optional.empty();
            return first.at();
        }

        @Override
        public void acknowledged(long revision, Collection<Refusal> refusals) {
            List<RuleRefused> told;
            lock.lock();
            try {
                RuleDelta delta = out;
                if (cancelled) {
                    return;
                }
                if (delta == null || delta.revision() != revision) {
                    throw new IllegalArgumentException("revision " + Long.toUnsignedString(revision)
                            + " was acknowledged, but "
                            + (delta == null ? "no delta is out" : "revision " + delta.revision() + " is out"));
                }
                told = rules.applied(delta, refusals);
                holds = revision;
                out = null;
                snapshotNext = false;
                snapshotAsked &= delta.kind() != RuleDelta.Kind.SNAPSHOT;
                refusedBefore = false;
                waitsAbove = -1;
            } finally {
                lock.unlock();
            }
            metrics.acknowledged();
            for (RuleRefused refused : told) {
                metrics.refused(refused.reason());
                events.publishEvent(refused);
            }
            events.publishEvent(new RulesAcknowledged(node, revision));
            signal();
        }

        @Override
        public void snapshot() {
            lock.lock();
            try {
                snapshotAsked = true;
            } finally {
                lock.unlock();
            }
            signal();
        }

        @Override
        public void refused(long revision, DeltaRefused.Reason reason, String detail) {
            long refusedRevision;
            boolean snapshotFollows;
            lock.lock();
            try {
                RuleDelta delta = out;
                if (cancelled) {
                    return;
                }
                if (delta == null || revision < 0 || revision > MAX_REVISION) {
                    throw new IllegalArgumentException(
                            delta == null
                                    ? "a delta was refused, but none is out"
                                    : "a node cannot be at revision " + Long.toUnsignedString(revision));
                }
                refusedRevision = delta.revision();
                out = null;
                holds = revision;
                snapshotNext = true;
                boolean outOfStep =
                        reason == DeltaRefused.Reason.REVISION_GAP || reason == DeltaRefused.Reason.OLD_REVISION;
                // A second refusal in a row means that a snapshot does not help either.
                snapshotFollows = outOfStep && !refusedBefore;
                waitsAbove = snapshotFollows ? -1 : refusedRevision;
                refusedBefore = true;
            } finally {
                lock.unlock();
            }
            metrics.deltaRefused(reason);
            LOG.atWarn()
                    .addKeyValue("node", node.shortHex())
                    .addKeyValue("revision", refusedRevision)
                    .addKeyValue("reason", reason)
                    .log("a node refused its rules: {}", detail);
            if (snapshotFollows) {
                signal();
            } else {
                events.publishEvent(new DeltaRefused(node, refusedRevision, reason, detail));
                // The revision may have grown in the meantime.
                signal();
            }
        }

        @Override
        public void cancel() {
            watchings.remove(node, this);
            lock.lock();
            try {
                cancelled = true;
                out = null;
            } finally {
                lock.unlock();
            }
        }
    }
}
