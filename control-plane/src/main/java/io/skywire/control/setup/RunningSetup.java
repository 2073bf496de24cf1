package io.skywire.control.setup;

import io.skywire.shared.rule.RouteUid;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// Drives one [RouteSetup] on one thread: waits for events or for time to pass, and runs the effects in order. What an
/// effect answers goes before what came from the network meanwhile.
final class RunningSetup {
    private static final int MAILBOX = 1024;

    private final RouteRequest request;
    private final Instant deadline;
    private final SetupLimits limits;
    private final SetupEffects effects;
    private final InstantSource clock;
    private final SetupWitness witness;
    private final LinkedBlockingQueue<SetupEvent> mailbox = new LinkedBlockingQueue<>(MAILBOX);
    private final ReentrantLock ending = new ReentrantLock();
    private boolean ended;

    // Only the setup's own thread looks at these: the plan that stands in the ledger, and the one whose news it gets.
    private Optional<RouteUid> entered;
    private Optional<Placement> followed = Optional.empty();

    /// @param entered the plan under which the ledger has this request already, as one that was taken over
    RunningSetup(
            RouteRequest request,
            Instant deadline,
            Optional<RouteUid> entered,
            SetupLimits limits,
            SetupEffects effects,
            InstantSource clock,
            SetupWitness witness) {
        this.entered = entered;
        this.request = request;
        this.deadline = deadline;
        this.limits = limits;
        this.effects = effects;
        this.clock = clock;
        this.witness = witness;
    }

    /// False once the setup is over: then nobody here will act on it. A full mailbox drops; the setup's own deadlines
    /// end it if that was something it waited for.
    boolean tell(SetupEvent event) {
        ending.lock();
        try {
            if (!ended) {
                mailbox.offer(event);
            }
            return !ended;
        } finally {
            ending.unlock();
        }
    }

    SetupEffects.Ending run() throws InterruptedException {
        SetupEffects.Ending ending = follow();
        witness.over(ending, clock.instant());
        return ending;
    }

    private SetupEffects.Ending follow() throws InterruptedException {
        RouteSetup.Step step = RouteSetup.begin(request, deadline, limits, clock.instant());
        while (true) {
            RouteSetup setup = step.next();
            Deque<SetupEffect> open = new ArrayDeque<>(step.effects());
            while (!open.isEmpty()) {
                switch (effects.run(open.removeFirst(), setup, this)) {
                    case SetupEffects.Answered answered -> {
                        RouteSetup.Step next = on(setup, answered.event());
                        setup = next.next();
                        open.addAll(next.effects());
                    }
                    case SetupEffects.Ending ending -> {
                        return ending;
                    }
                }
            }
            step = on(setup, await(setup.wakeAt()));
        }
    }

    private RouteSetup.Step on(RouteSetup setup, SetupEvent event) {
        Instant now = clock.instant();
        RouteSetup.Step step = setup.on(event, now);
        SetupLog.step(setup, event, step.next());
        witness.step(setup, event, step.next(), now);
        return step;
    }

    private SetupEvent await(Optional<Instant> until) throws InterruptedException {
        Duration left = Duration.between(clock.instant(), until.orElseThrow());
        if (!left.isPositive()) {
            return new SetupEvent.Tick();
        }
        SetupEvent event = mailbox.poll(left.toNanos(), TimeUnit.NANOSECONDS);
        return event == null ? new SetupEvent.Tick() : event;
    }

    RouteRequest request() {
        return request;
    }

    Instant deadline() {
        return deadline;
    }

    Optional<RouteUid> entered() {
        return entered;
    }

    void entered(RouteUid plan) {
        entered = Optional.of(plan);
    }

    Optional<Placement> followed() {
        return followed;
    }

    void followed(Optional<Placement> placement) {
        followed = placement;
    }

    /// Ends the setup; what nobody has looked at yet may still concern the route that it left behind.
    List<SetupEvent> end() {
        ending.lock();
        try {
            ended = true;
            List<SetupEvent> left = new ArrayList<>();
            mailbox.drainTo(left);
            return left;
        } finally {
            ending.unlock();
        }
    }
}
