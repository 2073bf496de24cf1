package io.skywire.control.rules;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.platform.Attendance;
import io.skywire.control.platform.ChangeFeed;
import io.skywire.control.platform.GroupCommit;
import io.skywire.control.platform.ServiceKeys;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleTableDigest;
import io.skywire.shared.rule.SignedRuleDelta;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
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
/// A change that this replica has made itself is turned into a delta without a question to the database
/// ([KnownChanges]). For all others the ledger is asked, once for many nodes: when another replica tells of a change,
/// after a refusal, at the beginning, and when a regular comparison finds a revision that nobody told of.
@Component
final class DeltaPush implements RuleWatch, InitializingBean, DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(DeltaPush.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration OVERDUE = Duration.ofMillis(250);

    /// So long after a node has come, changes may have been made that only the replica which held it before was told
    /// of.
    private static final Duration NEWCOMER = Duration.ofSeconds(4);

    private static final Duration NEWCOMER_AGAIN = Duration.ofSeconds(1);

    /// A place in the ledger that was read so long before the node could be told anything is read again.
    private static final Duration PLACE_KEEPS = Duration.ofSeconds(2);

    private static final int COMPARED_TOGETHER = 1_000;
    private static final GroupCommit.Limits LOOKS = new GroupCommit.Limits(16_384, 256);

    private final LedgerLooks ledger;
    private final NodeAnswers answers;
    private final AppliedRevisions applied;
    private final AnswersElsewhere elsewhere;
    private final Attendance attendance;
    private final ChangeFeed changes;
    private final ServiceKeys keys;
    private final ApplicationEventPublisher events;
    private final InstantSource clock;
    private final RuleMetrics metrics;
    private final GroupCommit<LedgerLooks.Held, LedgerLooks.Look> looks;
    private final Executor threads =
            task -> Thread.ofVirtual().name("rule-push").start(task);
    private final ConcurrentHashMap<PublicKey, Watching> watchings = new ConcurrentHashMap<>();
    private final AtomicBoolean outage = new AtomicBoolean();
    private final AtomicBoolean missed = new AtomicBoolean();

    DeltaPush(
            LedgerLooks ledger,
            NodeAnswers answers,
            AppliedRevisions applied,
            AnswersElsewhere elsewhere,
            Attendance attendance,
            ChangeFeed changes,
            ServiceKeys keys,
            ApplicationEventPublisher events,
            InstantSource clock,
            RuleMetrics metrics,
            MeterRegistry meters) {
        this.clock = clock;
        this.ledger = ledger;
        this.answers = answers;
        this.applied = applied;
        this.elsewhere = elsewhere;
        this.attendance = attendance;
        this.changes = changes;
        this.keys = keys;
        this.events = events;
        this.metrics = metrics;
        this.looks = new GroupCommit<>("rule-looks", LOOKS, meters, ledger::looks);
        Gauge.builder("skywire.rules.unanswered", this, DeltaPush::unanswered)
                .description("Agents of this replica that have yet to answer a delta")
                .register(meters);
        Gauge.builder("skywire.rules.unanswered.age", this, DeltaPush::oldestUnanswered)
                .description("Age of the oldest delta that an agent of this replica has yet to answer; 0 without any")
                .baseUnit("seconds")
                .register(meters);
    }

    private double unanswered() {
        return watchings.values().stream()
                .filter(watching -> watching.out.isPresent())
                .count();
    }

    private double oldestUnanswered() {
        Instant now = clock.instant();
        return watchings.values().stream()
                .flatMap(watching -> watching.out.stream())
                .mapToDouble(out -> Duration.between(out.made(), now).toNanos() / 1e9)
                .reduce(0, Math::max);
    }

    @Override
    public void afterPropertiesSet() {
        listen(ChangeFeed.Topic.RULES, this::changedElsewhere, () -> missed.set(true));
        listen(ChangeFeed.Topic.RULES_APPLIED, elsewhere::told, elsewhere::missed);
    }

    /// Reading keys costs some microseconds each, so the feed's thread hands them on.
    private void listen(ChangeFeed.Topic topic, Consumer<List<PublicKey>> told, Runnable missedSome) {
        changes.listen(topic, new ChangeFeed.Listener() {
            @Override
            public void told(List<String> names) {
                threads.execute(
                        () -> told.accept(names.stream().map(PublicKey::parse).toList()));
            }

            @Override
            public void missed() {
                missedSome.run();
            }
        });
    }

    @Override
    public List<Subscription> watch(List<Opening> openings) {
        List<Watching> opened = new ArrayList<>();
        // Before the ledger is read: a change from now on wakes the watching.
        for (Opening opening : openings) {
            Watching watching = new Watching(opening);
            Watching older = watchings.put(opening.node(), watching);
            if (older != null) {
                older.yieldTo(watching);
            }
            opened.add(watching);
        }
        try {
            Map<PublicKey, LedgerLooks.Place> places = ledger.places(openings);
            // A node that never had a rule has no place, and that is known then too.
            opened.forEach(watching -> watching.placed(places.getOrDefault(watching.node, LedgerLooks.Place.NONE)));
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
        if (!unwatched.isEmpty()) {
            unwatched.removeAll(attendance.attended(unwatched));
        }
        return unwatched;
    }

    @TransactionalEventListener
    public void on(RulesChanged changed) {
        long now = System.nanoTime();
        List<String> others = new ArrayList<>();
        changed.changes().forEach((node, change) -> {
            Watching watching = watchings.get(node);
            if (watching != null) {
                watching.changed(change, now);
            }
            // One that cannot be told here yet may still have its session on another replica.
            if (watching == null || !watching.watcher.isReady()) {
                if (!change.upserts().isEmpty()) {
                    elsewhere.expect(node, change.revision());
                }
                others.add(node.hex());
            }
        });
        changes.tell(ChangeFeed.Topic.RULES, others);
    }

    private void changedElsewhere(List<PublicKey> nodes) {
        for (PublicKey node : nodes) {
            Watching watching = watchings.get(node);
            if (watching != null) {
                watching.look();
            }
        }
    }

    /// Looks after what is late: deltas that nobody answers, in case the node has meanwhile gone to another replica,
    /// answers of nodes elsewhere, and, when wake-ups were lost, all nodes.
    @Scheduled(fixedDelayString = "${skywire.rules.repair-interval:250ms}")
    void repair() {
        Instant now = clock.instant();
        List<String> late = new ArrayList<>();
        for (Watching watching : watchings.values()) {
            if (watching.isOverdue(now)) {
                late.add(watching.node.hex());
            }
        }
        changes.tell(ChangeFeed.Topic.RULES, late);
        elsewhere.lookAgain();
        if (missed.compareAndSet(true, false)) {
            compare();
        } else {
            compareNewcomers(now);
        }
    }

    /// The replica that held a node before may have changed its rules after they were looked up here, and have told
    /// nobody, because it thought that it still held it.
    private void compareNewcomers(Instant now) {
        List<Watching> newcomers = watchings.values().stream()
                .filter(watching -> watching.isDueAsNewcomer(now))
                .toList();
        try {
            compare(newcomers);
        } catch (DataAccessException | TransactionException away) {
            LOG.debug("rules of nodes that have just come cannot be compared now: {}", away.getMessage());
        }
    }

    /// Compares all nodes' revisions with the ledger's: what nobody told of is found, one statement for many nodes.
    @Scheduled(
            initialDelayString = "${skywire.rules.compare-interval:15s}",
            fixedDelayString = "${skywire.rules.compare-interval:15s}")
    void compare() {
        try {
            compare(List.copyOf(watchings.values()));
            answers.forgetOldRefusals();
        } catch (DataAccessException | TransactionException away) {
            LOG.debug("rules cannot be compared now: {}", away.getMessage());
            missed.set(true);
        }
    }

    private void compare(List<Watching> all) {
        for (int from = 0; from < all.size(); from += COMPARED_TOGETHER) {
            List<Watching> some = all.subList(from, Math.min(all.size(), from + COMPARED_TOGETHER));
            Map<PublicKey, LedgerLooks.Revisions> at =
                    ledger.revisions(some.stream().map(one -> one.node).toList());
            for (Watching watching : some) {
                if (watching.mayLack(at.getOrDefault(watching.node, LedgerLooks.Revisions.NONE))) {
                    watching.look();
                }
            }
        }
    }

    @Override
    public void destroy() {
        watchings.values().forEach(watching -> watching.stop());
        looks.close();
    }

    private final class Watching implements Subscription {
        private final PublicKey node;
        private final RuleWatcher watcher;
        private final AtomicInteger signals = new AtomicInteger();
        private final AtomicBoolean retrying = new AtomicBoolean();
        private final KnownChanges known = new KnownChanges();
        private final Instant since;
        private volatile Instant comparedAt;
        private volatile boolean putOff;
        private volatile boolean changed;
        private volatile boolean lookFirst;
        /// When the oldest change that is not yet told was committed, by `System.nanoTime()`; 0 for none.
        private volatile long changedAt;
        private volatile long signedAt;
        private volatile Optional<Out> out = Optional.empty();

        /// The newest revision of the ledger that was seen here.
        private final AtomicLong newest = new AtomicLong();

        /// The newest revision with new rules that was committed here: a setup here waits for its answer.
        private final AtomicLong awaitedHere = new AtomicLong();

        private volatile boolean cancelled;
        private final ReentrantLock lock = new ReentrantLock();

        // All under the lock.
        private volatile long holds;
        private Optional<RuleTableDigest> digest;
        private Optional<LedgerLooks.Place> place = Optional.empty();
        private boolean fresh = true;
        private boolean snapshotNext;
        private boolean snapshotAsked;
        private boolean refusedBefore;
        private boolean toldBefore;
        private long waitsAbove = -1;

        Watching(Opening opening) {
            this.since = clock.instant();
            this.comparedAt = since;
            this.node = opening.node();
            this.holds = opening.held().revision();
            this.digest = opening.held().digest();
            this.watcher = opening.watcher();
            newest.set(holds);
        }

        /// A delta that waits for its answer.
        ///
        /// @param known whether all of it was changed here, so that nobody elsewhere waits for the answer
        /// @param told whether the others were told that it is late
        private record Out(RuleDelta delta, boolean known, Instant made, AtomicBoolean told) {}

        /// Where the ledger stood just now: the first look need not ask again.
        void placed(LedgerLooks.Place where) {
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

        /// The ledger has changed, by this replica: what was looked up before counts no more.
        void changed(RuleChange change, long now) {
            newest.accumulateAndGet(change.revision(), Math::max);
            known.add(change);
            if (changedAt == 0) {
                changedAt = now;
            }
            changed = true;
            if (!change.upserts().isEmpty()) {
                awaitedHere.accumulateAndGet(change.revision(), Math::max);
            }
            if (cancelled) {
                handOn();
            } else {
                signal();
            }
        }

        /// The ledger may have changed.
        void look() {
            changed = true;
            lookFirst = true;
            signal();
        }

        /// Whether it came a short time ago and has not been compared for a while.
        boolean isDueAsNewcomer(Instant now) {
            if (comparedAt.plus(NEWCOMER_AGAIN).isAfter(now)
                    || since.plus(NEWCOMER).isBefore(now)) {
                return false;
            }
            comparedAt = now;
            return true;
        }

        boolean mayLack(LedgerLooks.Revisions at) {
            return at.revision() != newest.get();
        }

        /// Whether a delta is out for so long that the node may hang elsewhere. Says so once for each.
        boolean isOverdue(Instant now) {
            Optional<Out> waiting = out;
            if (waiting.isEmpty()
                    || waiting.get().made().plus(OVERDUE).isAfter(now)
                    || waiting.get().told().getAndSet(true)) {
                return false;
            }
            RuleDelta delta = waiting.get().delta();
            if (!delta.upserts().isEmpty()) {
                elsewhere.expect(node, delta.revision());
            }
            return true;
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
                    lookFirst = true;
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
                if (cancelled || out.isPresent()) {
                    return;
                }
                // Before the question: the stream may become ready right after it.
                putOff = true;
                if (!watcher.isReady()) {
                    return;
                }
                if (since.plus(PLACE_KEEPS).isBefore(clock.instant())) {
                    // The ledger may stand elsewhere by now.
                    place = Optional.empty();
                }
                putOff = false;
                Optional<Out> next = next();
                if (next.isEmpty()) {
                    return;
                }
                RuleDelta delta = next.get().delta();
                long began = System.nanoTime();
                long waited = changedAt == 0 ? 0 : Math.max(0, began - changedAt);
                changedAt = 0;
                SignedRuleDelta signed = SignedRuleDelta.sign(delta, keys.setup());
                signedAt = System.nanoTime();
                // Before it leaves: the answer may arrive before `deliver` returns.
                out = next;
                metrics.pushed(delta.kind());
                if (next.get().known()) {
                    metrics.timed(delta, waited, signedAt - began);
                }
                watcher.deliver(signed);
                if (!toldBefore && awaitedHere.get() > holds) {
                    // It could not have answered before.
                    events.publishEvent(new NodeMoving(node));
                }
                toldBefore = true;
            } finally {
                lock.unlock();
            }
        }

        private Optional<Out> next() {
            if (!fresh && !snapshotNext && !snapshotAsked && !lookFirst) {
                switch (known.after(holds)) {
                    case KnownChanges.Next.Nothing nothing -> {
                        return Optional.empty();
                    }
                    case KnownChanges.Next.Step step -> {
                        return Optional.of(out(ledger.increment(node, holds, step), true));
                    }
                    case KnownChanges.Next.Gap gap -> {}
                }
            }
            return lookedUp().map(delta -> out(delta, false));
        }

        private Out out(RuleDelta delta, boolean known) {
            return new Out(delta, known, clock.instant(), new AtomicBoolean());
        }

        private Optional<RuleDelta> lookedUp() {
            // Before the question: what is told after it counts.
            lookFirst = false;
            LedgerLooks.Look look = fresh
                    ? new LedgerLooks.Look(firstLook(), Optional.empty())
                    : looks.submit(new LedgerLooks.Held(node, holds));
            LedgerLooks.Revisions at = look.at();
            if (outage.compareAndSet(true, false)) {
                LOG.info("rules can be read again");
            }
            newest.accumulateAndGet(at.revision(), Math::max);
            if (at.revision() <= waitsAbove) {
                return Optional.empty();
            }
            snapshotNext |= snapshotAsked;
            boolean outOfStep = snapshotNext && waitsAbove < 0 && holds == at.revision() && holds > 0;
            if (holds > at.revision() || outOfStep) {
                ledger.outgrow(node, holds);
                at = ledger.revisions(node);
                newest.set(at.revision());
                snapshotNext = true;
            } else if (fresh && holds < at.applied()) {
                snapshotNext = true;
            }
            boolean first = fresh;
            fresh = false;
            if (holds == 0) {
                snapshotNext = true;
            }
            if (at.revision() == 0 || (!snapshotNext && at.revision() == holds)) {
                return Optional.empty();
            }
            if (snapshotNext) {
                return Optional.of(ledger.snapshot(node, at.revision()));
            }
            return first ? looks.submit(new LedgerLooks.Held(node, holds)).increment() : look.increment();
        }

        /// The first time also whether the node's table is the one that its revision stands for.
        private LedgerLooks.Revisions firstLook() {
            LedgerLooks.Place first = place.filter(looked -> !changed)
                    .or(() -> {
                        Opening opening = new Opening(node, new HeldRules(holds, digest), watcher);
                        return Optional.ofNullable(
                                ledger.places(List.of(opening)).get(node));
                    })
                    .orElse(LedgerLooks.Place.NONE);
            if (first.table() == LedgerLooks.Table.DIFFERS) {
                metrics.tableDiffered();
                snapshotNext = true;
            }
            place = Optional.empty();
            digest = Optional.empty();
            return first.at();
        }

        @Override
        public void acknowledged(long revision, Collection<Refusal> refusals) {
            List<RuleRefused> told = List.of();
            Out answered;
            boolean more;
            lock.lock();
            try {
                if (cancelled) {
                    return;
                }
                answered = out.filter(waiting -> waiting.delta().revision() == revision)
                        .orElseThrow(() -> new IllegalArgumentException(
                                "revision " + Long.toUnsignedString(revision) + " was acknowledged, but "
                                        + out.map(waiting -> "revision "
                                                        + waiting.delta().revision() + " is out")
                                                .orElse("no delta is out")));
                if (!refusals.isEmpty()) {
                    // Before anything else is computed: a refused rule must never be removed.
                    told = answers.refused(answered.delta(), refusals);
                    known.refused(revision, refusals.stream().map(Refusal::rule).toList());
                }
                holds = revision;
                known.forgetUpTo(revision);
                out = Optional.empty();
                snapshotNext = false;
                snapshotAsked &= answered.delta().kind() != RuleDelta.Kind.SNAPSHOT;
                more = snapshotAsked;
                refusedBefore = false;
                waitsAbove = -1;
            } finally {
                lock.unlock();
            }
            metrics.acknowledged();
            if (answered.known()) {
                metrics.answered(answered.delta(), System.nanoTime() - signedAt);
            }
            for (RuleRefused refused : told) {
                metrics.refused(refused.reason());
                events.publishEvent(refused);
            }
            events.publishEvent(new RulesAcknowledged(node, revision));
            // After the events: a setup here need not wait until this is on its way to the disk.
            if (answered.known() && refusals.isEmpty() && !answered.told().get()) {
                applied.applied(node, revision);
            } else {
                applied.appliedForOthers(node, revision);
            }
            if (more || lookFirst || known.isAnyNewer()) {
                signal();
            }
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
                RuleDelta delta = out.map(Out::delta).orElse(null);
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
                out = Optional.empty();
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
            if (!snapshotFollows) {
                DeltaRefused told = new DeltaRefused(node, refusedRevision, reason, detail);
                events.publishEvent(told);
                tellOthers(told);
            }
            // The revision may have grown in the meantime.
            signal();
        }

        /// Who waits on another replica and does not hear of it gives up by its own deadline.
        private void tellOthers(DeltaRefused told) {
            try {
                answers.refused(told);
                changes.tell(ChangeFeed.Topic.RULES_APPLIED, List.of(node.hex()));
            } catch (DataAccessException | TransactionException away) {
                LOG.debug("a refusal is not kept: {}", away.getMessage());
            }
        }

        @Override
        public void cancel() {
            if (stop()) {
                handOn();
            }
        }

        /// A newer session of the node on this replica takes over what is waited for.
        void yieldTo(Watching next) {
            if (stop()) {
                next.awaitedHere.accumulateAndGet(awaitedHere.get(), Math::max);
            }
        }

        /// Whether it was not stopped before.
        boolean stop() {
            watchings.remove(node, this);
            lock.lock();
            try {
                boolean first = !cancelled;
                cancelled = true;
                out = Optional.empty();
                return first;
            } finally {
                lock.unlock();
            }
        }

        /// The node has not answered all that was changed here, and its next session may be on another replica.
        private void handOn() {
            long highest = awaitedHere.get();
            if (highest > holds) {
                elsewhere.expectFromNext(node, holds + 1, highest);
                events.publishEvent(new NodeMoving(node));
            }
        }
    }
}
