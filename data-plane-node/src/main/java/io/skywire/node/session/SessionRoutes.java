package io.skywire.node.session;

import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.skywire.node.router.EdgeRoute;
import io.skywire.shared.rule.RouteUid;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks after the routes of one session that was dialled from here, as [StandbyPolicy] says: probes them, switches,
/// asks for others. Lives on the session's event loop; every method may be called from any thread.
final class SessionRoutes {
    private static final Logger log = LoggerFactory.getLogger(SessionRoutes.class);
    private static final Duration PING = Duration.ofSeconds(5);

    private final PeerSession session;
    private final SessionPath path;
    private final RouteRequests routes;
    private final RouteRequests.Path wish;
    private final SessionContext context;
    private final EventLoop loop;
    private final StandbyPolicy policy;
    private @Nullable Future<?> ticking;
    private boolean stopped;
    private long switches;
    private volatile SessionView.Routing standing = SessionView.Routing.NONE;

    SessionRoutes(
            PeerSession session,
            RouteUid first,
            RouteRequests routes,
            RouteRequests.Path wish,
            SessionContext context) {
        this.session = session;
        this.path = session.path();
        this.routes = routes;
        this.wish = wish;
        this.context = context;
        this.loop = session.loop();
        this.policy = new StandbyPolicy(
                first,
                new StandbyPolicy.Traffic() {
                    @Override
                    public long sent() {
                        return path.sent();
                    }

                    @Override
                    public long heard(RouteUid route) {
                        return path.heard(route);
                    }
                },
                context.random(),
                System.nanoTime());
    }

    void start() {
        onLoop(this::tick);
    }

    /// The session is over: nothing is asked or probed any more.
    void stop() {
        onLoop(() -> {
            stopped = true;
            Future<?> timer = ticking;
            if (timer != null) {
                timer.cancel(false);
            }
        });
    }

    /// Who stands by, and how often the session went over to another route.
    SessionView.Routing standing() {
        return standing;
    }

    void broken(RouteUid route) {
        onLoop(() -> {
            policy.broken(route, System.nanoTime());
            act();
        });
    }

    void closed(RouteUid route, String reason) {
        onLoop(() -> {
            log.debug("session {}: a route closed: {}", path.session(), reason);
            policy.closed(route, System.nanoTime());
            act();
        });
    }

    void replied(RouteUid route, long number) {
        onLoop(() -> {
            policy.replied(route, number, System.nanoTime());
            act();
        });
    }

    void moved(RouteUid leaving, RouteUid instead) {
        onLoop(() -> {
            policy.moved(leaving, instead, System.nanoTime());
            act();
        });
    }

    void leave(RouteUid route) {
        onLoop(() -> {
            policy.leave(route, System.nanoTime());
            act();
        });
    }

    private void tick() {
        if (stopped) {
            return;
        }
        long now = System.nanoTime();
        policy.tick(now);
        act();
        ticking = loop.schedule(this::tick, policy.untilTick(now).toNanos(), TimeUnit.NANOSECONDS);
    }

    private void act() {
        if (stopped) {
            return;
        }
        for (List<StandbyPolicy.Step> steps = policy.steps(); !steps.isEmpty(); steps = policy.steps()) {
            steps.forEach(this::take);
        }
        standing = new SessionView.Routing(policy.standby(System.nanoTime()), switches, standing.lastSwitch());
    }

    private void take(StandbyPolicy.Step step) {
        switch (step) {
            case StandbyPolicy.Step.Probe probe -> {
                EdgeRoute route = path.find(probe.route());
                if (route != null) {
                    route.probe(probe.number());
                }
            }
            case StandbyPolicy.Step.Use use -> use(use.route(), use.reason());
            case StandbyPolicy.Step.Ask ask -> ask(ask.besides());
            case StandbyPolicy.Step.GiveBack giveBack -> routes.close(giveBack.route(), giveBack.reason());
            case StandbyPolicy.Step.End end -> session.end(SessionEnd.Kind.ROUTE_LOST, end.detail());
        }
    }

    private void use(RouteUid next, SwitchReason reason) {
        EdgeRoute route = path.find(next);
        if (route == null || !path.prefer(next)) {
            return; // its closing is on its way to the policy
        }
        switches++;
        context.counters().switched(reason);
        policy.silence().ifPresent(context.counters()::failedOver);
        standing = new SessionView.Routing(standing.standby(), switches, Optional.of(reason));
        log.info("session {} uses another route: {}", path.session(), reason);
        // An empty payload tells the peer at once which route is in use now; a ping makes both ends' QUIC speak.
        route.send(Unpooled.EMPTY_BUFFER);
        path.sendTailAgain();
        var unused = session.ping(PING);
    }

    private void ask(Optional<RouteUid> besides) {
        RouteRequests.Path asked = switch (wish) {
            case RouteRequests.Path.Any any ->
                besides.<RouteRequests.Path>map(any::besides).orElse(any);
            case RouteRequests.Path.Explicit explicit -> explicit;
        };
        if (besides.isPresent() && wish instanceof RouteRequests.Path.Explicit) {
            policy.refused(System.nanoTime()); // who named the path wants no other one
            return;
        }
        routes.request(new RouteRequests.Request(
                        path.session(), path.peer(), asked, context.settings().dial()))
                .whenComplete((answer, failure) -> onLoop(() -> answered(answer)));
    }

    private void answered(RouteRequests.@Nullable Answer answer) {
        if (answer instanceof RouteRequests.Answer.Established established) {
            await(established.route());
        } else {
            log.debug("session {}: no other route: {}", path.session(), answer);
            policy.refused(System.nanoTime());
            act();
        }
    }

    /// The answer may overtake the rules of this node.
    private void await(RouteUid route) {
        if (stopped) {
            routes.close(route, "its session has ended");
            return;
        }
        path.choose(route)
                .orTimeout(context.settings().dial().toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((there, late) -> onLoop(() -> {
                    path.waitNoLonger(route);
                    joined(route, there);
                }));
    }

    private void joined(RouteUid route, @Nullable EdgeRoute there) {
        Overlay overlay = path.overlay();
        if (stopped) {
            routes.close(route, "its session has ended");
        } else if (there == null || overlay == null || there.maxPayload() < overlay.datagramSize()) {
            routes.close(route, there == null ? "its rules did not come" : "it carries too little for its session");
            policy.refused(System.nanoTime());
        } else {
            policy.joined(route, System.nanoTime());
        }
        act();
    }

    private void onLoop(Runnable step) {
        if (loop.inEventLoop()) {
            step.run();
            return;
        }
        try {
            loop.execute(step);
        } catch (RejectedExecutionException ending) {
            log.debug("session {}: this node is ending", path.session());
        }
    }
}
