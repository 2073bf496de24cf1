package io.skywire.control.setup;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.rules.DeltaRefused;
import io.skywire.control.rules.NodeMoving;
import io.skywire.control.rules.RuleLedger;
import io.skywire.control.rules.RuleRefused;
import io.skywire.control.rules.RulesAcknowledged;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.RuleKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// The setup node: admits requests, gives each a thread of its own, and brings what nodes say to whom it concerns.
@Component
final class SetupNode implements RouteSetups {
    private static final Logger LOG = LoggerFactory.getLogger(SetupNode.class);

    /// How often one request is begun here: each time another replica may have been in between.
    private static final int TURNS = 5;

    private static final EarlierRequests.Standing NEW = new EarlierRequests.Standing.Free(Optional.empty());

    private final EarlierRequests earlier;
    private final AckTimes times;
    private final RuleReceipts receipts;
    private final RuleLedger rules;
    private final SetupEffects effects;
    private final RouteClosings closings;
    private final RunningSetups running;
    private final SetupSettings settings;
    private final SetupMetrics metrics;
    private final InstantSource clock;
    private final SetupTraces traces;
    private final ConcurrentHashMap<Asked, CompletableFuture<SetupOutcome>> answers = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<PublicKey, Integer> perInitiator = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();

    SetupNode(
            EarlierRequests earlier,
            AckTimes times,
            RuleReceipts receipts,
            RuleLedger rules,
            SetupEffects effects,
            RouteClosings closings,
            RunningSetups running,
            SetupSettings settings,
            SetupMetrics metrics,
            InstantSource clock,
            SetupTraces traces,
            MeterRegistry registry) {
        this.earlier = earlier;
        this.times = times;
        this.receipts = receipts;
        this.rules = rules;
        this.effects = effects;
        this.closings = closings;
        this.running = running;
        this.settings = settings;
        this.metrics = metrics;
        this.clock = clock;
        Gauge.builder("skywire.setup.running", count, AtomicInteger::get)
                .description("Setups that this replica works on")
                .register(registry);
        this.traces = traces;
    }

    private record Asked(PublicKey initiator, RequestId id) {}

    @Override
    public CompletableFuture<SetupOutcome> request(RouteRequest request) {
        Instant arrived = clock.instant();
        Asked asked = new Asked(request.initiator(), request.id());
        CompletableFuture<SetupOutcome> answer = new CompletableFuture<>();
        CompletableFuture<SetupOutcome> same = answers.putIfAbsent(asked, answer);
        if (same != null) {
            return same.copy();
        }
        if (request.destination().equals(request.initiator())) {
            return refuse(asked, answer, request, FailureReason.MALFORMED, "a node has no route to itself");
        }
        if (!admit(request.initiator())) {
            return refuse(asked, answer, request, FailureReason.OVERLOADED, "too many setups are running: try later");
        }
        Instant deadline = clock.instant().plus(settings.bounded(request.patience()));
        Thread.ofVirtual().name("setup-" + request.id()).start(() -> {
            SetupOutcome outcome = unavailable();
            try {
                outcome = answer(request, arrived, deadline);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException bug) {
                LOG.atError()
                        .addKeyValue("request_id", request.id())
                        .setCause(bug)
                        .log("a setup died");
            } finally {
                leave(request.initiator());
                answers.remove(asked);
                answer.complete(outcome);
            }
        });
        return answer.copy();
    }

    private CompletableFuture<SetupOutcome> refuse(
            Asked asked,
            CompletableFuture<SetupOutcome> answer,
            RouteRequest request,
            FailureReason reason,
            String detail) {
        answers.remove(asked);
        SetupOutcome outcome = new SetupOutcome.Failed(reason, OptionalInt.empty(), detail, SetupTimes.NONE);
        finished(request, outcome);
        answer.complete(outcome);
        return answer;
    }

    private SetupOutcome answer(RouteRequest request, Instant arrived, Instant deadline) throws InterruptedException {
        try {
            earlier.begun(request.id());
            for (int turn = 0; turn < TURNS; turn++) {
                // Nearly all requests are new: the ledger is asked only after it has refused to take one as that.
                switch (turn == 0 ? NEW : earlier.standing(request, deadline)) {
                    case EarlierRequests.Standing.Answered answered -> {
                        return answered.outcome();
                    }
                    case EarlierRequests.Standing.Open open -> {
                        return unavailable();
                    }
                    case EarlierRequests.Standing.Free free -> {
                        if (turn == 0) {
                            metrics.validated(Duration.between(arrived, clock.instant()));
                        }
                        if (run(request, deadline, free.entered()) instanceof SetupEffects.Finished finished) {
                            finished(request, finished.outcome());
                            return finished.outcome();
                        }
                    }
                }
            }
        } catch (DataAccessException | TransactionException away) {
            LOG.atDebug()
                    .addKeyValue("request_id", request.id())
                    .log("the ledger cannot be read: {}", away.getMessage());
        } finally {
            earlier.over(request.id());
        }
        SetupOutcome outcome = unavailable();
        finished(request, outcome);
        return outcome;
    }

    private SetupEffects.Ending run(RouteRequest request, Instant deadline, Optional<RouteUid> entered)
            throws InterruptedException {
        RunningSetup setup = new RunningSetup(
                request, deadline, entered, settings.limits(), effects, clock, traces.begin(request, clock.instant()));
        try {
            return setup.run();
        } finally {
            running.forget(setup);
            setup.end().forEach(left -> afterwards(setup, left));
        }
    }

    /// What came when the setup had just ended may still be a reason to close its route.
    private void afterwards(RunningSetup setup, SetupEvent event) {
        setup.entered().ifPresent(route -> {
            try {
                closings.close(route, event);
            } catch (DataAccessException | TransactionException away) {
                LOG.atWarn().addKeyValue("route_id", route).log("a route cannot be closed now: {}", away.getMessage());
            }
        });
    }

    static SetupOutcome unavailable() {
        return new SetupOutcome.Failed(
                FailureReason.UNAVAILABLE,
                OptionalInt.empty(),
                "the control plane cannot work now: try again",
                SetupTimes.NONE);
    }

    private void finished(RouteRequest request, SetupOutcome outcome) {
        metrics.finished(outcome);
        var line = LOG.atInfo()
                .addKeyValue("request_id", request.id())
                .addKeyValue("initiator", request.initiator().shortHex())
                .addKeyValue("destination", request.destination().shortHex())
                .addKeyValue("find_us", outcome.times().find().toNanos() / 1000)
                .addKeyValue("write_us", outcome.times().write().toNanos() / 1000)
                .addKeyValue("install_us", outcome.times().install().toNanos() / 1000)
                .addKeyValue("probe_us", outcome.times().probe().toNanos() / 1000);
        switch (outcome) {
            case SetupOutcome.Established done ->
                line.addKeyValue("route_id", done.route())
                        .addKeyValue("hops", done.hops())
                        .addKeyValue("plans", done.plans())
                        .log("route established");
            case SetupOutcome.Failed failed ->
                line.addKeyValue("reason", failed.reason())
                        .addKeyValue(
                                "hop", failed.hop().isPresent() ? failed.hop().getAsInt() : "-")
                        .log("route setup failed: {}", failed.detail());
        }
    }

    private boolean admit(PublicKey initiator) {
        if (count.incrementAndGet() > settings.running()) {
            count.decrementAndGet();
            return false;
        }
        int mine = perInitiator.merge(initiator, 1, Integer::sum);
        if (mine > settings.runningPerInitiator()) {
            leave(initiator);
            return false;
        }
        return true;
    }

    private void leave(PublicKey initiator) {
        count.decrementAndGet();
        perInitiator.computeIfPresent(initiator, (key, mine) -> mine == 1 ? null : mine - 1);
    }

    // --- what nodes say

    @Override
    public void probed(PublicKey reporter, RouteUid route) {
        if (!running.tellInitiator(reporter, route, new SetupEvent.Probed(route))) {
            earlier.probedElsewhere(reporter, route);
        }
    }

    @Override
    public void probeUnanswered(PublicKey reporter, RouteUid route, String detail) {
        if (!running.tellInitiator(reporter, route, new SetupEvent.ProbeUnanswered(route, detail))) {
            earlier.unansweredElsewhere(reporter, route);
        }
    }

    @Override
    public void close(PublicKey by, RouteUid route, String detail) {
        SetupEvent event = new SetupEvent.CloseAsked(by, route, detail);
        if (!running.tell(route, event)) {
            closings.close(route, event);
        }
    }

    @Override
    public void expired(PublicKey node, Collection<RuleKey> keys) {
        for (RouteUid route : rules.routesOf(node, List.copyOf(keys))) {
            SetupEvent event = new SetupEvent.RuleExpired(node, route);
            if (!running.tell(route, event)) {
                closings.close(route, event);
            }
        }
    }

    @Override
    public void receipt(PublicKey node, long revision, byte[] delta, byte[] signature) {
        receipts.take(node, revision, delta, signature);
    }

    @EventListener
    public void on(RulesAcknowledged acknowledged) {
        times.acknowledged(acknowledged.node(), acknowledged.revision(), clock.instant());
        running.tellThoseOn(
                acknowledged.node(), new SetupEvent.Acknowledged(acknowledged.node(), acknowledged.revision()));
    }

    @EventListener
    public void on(NodeMoving moving) {
        running.tellThoseOn(moving.node(), new SetupEvent.Moving(moving.node()));
    }

    @EventListener
    public void on(RuleRefused refused) {
        SetupEvent.Refusal refusal = switch (refused.reason()) {
            case KEY_TAKEN -> SetupEvent.Refusal.KEY_TAKEN;
            case NO_SUCH_TRANSPORT -> SetupEvent.Refusal.NO_SUCH_TRANSPORT;
            case TABLE_FULL, MALFORMED -> SetupEvent.Refusal.OTHER;
        };
        running.tell(
                refused.route(),
                new SetupEvent.RuleRefused(
                        refused.node(),
                        refused.route(),
                        refused.rule(),
                        refusal,
                        refused.reason() + (refused.detail().isEmpty() ? "" : ", " + refused.detail())));
    }

    @EventListener
    public void on(DeltaRefused refused) {
        running.tellThoseOn(
                refused.node(),
                new SetupEvent.DeltaRefused(
                        refused.node(), refused.revision(), refused.reason() + ", " + refused.detail()));
    }
}
