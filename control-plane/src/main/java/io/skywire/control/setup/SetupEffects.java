package io.skywire.control.setup;

import io.skywire.control.blame.FaultKind;
import io.skywire.control.blame.RouteFault;
import io.skywire.control.blame.Subject;
import io.skywire.control.identity.NodeDirectory;
import io.skywire.control.platform.Replicas;
import io.skywire.control.routefinder.Route;
import io.skywire.control.routefinder.RouteAnswer;
import io.skywire.control.routefinder.RouteFinder;
import io.skywire.control.routefinder.RouteQuery;
import io.skywire.control.rules.RuleWatch;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.transport.TransportId;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/// Runs the effects of [RouteSetup] against the finder, the ledger and the rules.
@Component
final class SetupEffects {
    private static final Logger LOG = LoggerFactory.getLogger(SetupEffects.class);

    private final RouteFinder finder;
    private final NodeDirectory nodes;
    private final SetupLedger ledger;
    private final SetupWrites writes;
    private final RuleWatch watch;
    private final RouteClosings closings;
    private final RunningSetups running;
    private final AckTimes times;
    private final Suspicions suspicions;
    private final Replicas replicas;
    private final SetupSettings settings;
    private final InstantSource clock;
    private final SecureRandom random;
    private final ApplicationEventPublisher events;
    private final TransactionTemplate transaction;

    SetupEffects(
            RouteFinder finder,
            NodeDirectory nodes,
            SetupLedger ledger,
            SetupWrites writes,
            RuleWatch watch,
            RouteClosings closings,
            RunningSetups running,
            AckTimes times,
            Suspicions suspicions,
            Replicas replicas,
            SetupSettings settings,
            InstantSource clock,
            SecureRandom random,
            ApplicationEventPublisher events,
            PlatformTransactionManager transactions) {
        this.finder = finder;
        this.nodes = nodes;
        this.ledger = ledger;
        this.writes = writes;
        this.watch = watch;
        this.closings = closings;
        this.running = running;
        this.times = times;
        this.suspicions = suspicions;
        this.replicas = replicas;
        this.settings = settings;
        this.clock = clock;
        this.random = random;
        this.events = events;
        this.transaction = new TransactionTemplate(transactions);
    }

    sealed interface Result {}

    record Answered(SetupEvent event) implements Result {}

    /// The setup is over here.
    sealed interface Ending extends Result {}

    record Finished(SetupOutcome outcome) implements Ending {}

    /// The request is in the ledger and not this setup's: another replica got it first, or took it over.
    record Elsewhere() implements Ending {}

    Result run(SetupEffect effect, RouteSetup setup, RunningSetup self) {
        try {
            return switch (effect) {
                case SetupEffect.Find find -> new Answered(find(find, self.request()));
                case SetupEffect.Renumber renumber -> new Answered(number(renumber.way(), self.request()));
                case SetupEffect.Install install -> install(install, self);
                case SetupEffect.TakeBack takeBack -> takeBack(takeBack, self);
                case SetupEffect.Activate activate -> activate(activate);
                case SetupEffect.Conclude conclude -> conclude(conclude, setup, self);
                case SetupEffect.Answer answer -> new Finished(answer.outcome());
            };
        } catch (DataAccessException | TransactionException away) {
            LOG.atWarn()
                    .addKeyValue("request_id", self.request().id())
                    .log("the ledger cannot be written or read: {}", away.getMessage());
            return new Answered(new SetupEvent.WriteFailed(String.valueOf(away.getMessage())));
        }
    }

    private SetupEvent find(SetupEffect.Find find, RouteRequest request) {
        RouteAnswer answer;
        try {
            answer = switch (request.wish()) {
                case RouteRequest.Constraints constraints -> search(constraints, find, request);
                case RouteRequest.ExplicitPath path ->
                    finder.check(request.initiator(), path.via(), request.destination());
            };
        } catch (IllegalArgumentException malformed) {
            return new SetupEvent.NoPlan(
                    SetupFailure.everywhere(FailureReason.MALFORMED, String.valueOf(malformed.getMessage())));
        } catch (DataAccessException away) {
            return new SetupEvent.NoPlan(SetupFailure.everywhere(
                    FailureReason.UNAVAILABLE, "the route to be disjoint from cannot be looked up now"));
        }
        return switch (answer) {
            case RouteAnswer.Found found -> number(found.routes().getFirst(), request);
            case RouteAnswer.NoRoute none ->
                new SetupEvent.NoPlan(SetupFailure.everywhere(FailureReason.NO_ROUTE, none.detail()));
            case RouteAnswer.InvalidPath invalid ->
                new SetupEvent.NoPlan(new SetupFailure(
                        FailureReason.INVALID_PATH, OptionalInt.of(invalid.hop()), invalid.detail(), invalid.detail()));
            case RouteAnswer.NoSuchNode unknown -> new SetupEvent.NoPlan(unknown(unknown.node(), request));
        };
    }

    /// @throws IllegalArgumentException if a route is named that is not the initiator's; it says no more than that
    private RouteAnswer search(RouteRequest.Constraints constraints, SetupEffect.Find find, RouteRequest request) {
        Set<TransportId> transports = union(constraints.avoidTransports(), find.avoidTransports());
        if (constraints.disjointFrom().isEmpty()) {
            return finder.find(query(constraints, find, request, transports));
        }
        Placement other = ledger.placementOf(constraints.disjointFrom().get(), request.initiator())
                .orElseThrow(() -> new IllegalArgumentException(
                        "disjoint_from names no route of this node: name one that was answered to it"));
        RouteAnswer apart =
                finder.find(query(constraints, find, request, transports).disjointFrom(route(other)));
        return apart instanceof RouteAnswer.NoRoute
                ? finder.find(query(constraints, find, request, union(transports, Set.copyOf(other.transports()))))
                : apart;
    }

    private static RouteQuery query(
            RouteRequest.Constraints constraints,
            SetupEffect.Find find,
            RouteRequest request,
            Set<TransportId> avoidTransports) {
        return new RouteQuery(
                        request.initiator(),
                        request.destination(),
                        constraints.minHops(),
                        constraints.maxHops() == 0 ? RouteQuery.MAX_HOPS : constraints.maxHops(),
                        1,
                        union(constraints.avoidNodes(), find.avoidNodes()),
                        avoidTransports)
                .by(RouteQuery.Metric.COST);
    }

    /// As the finder knows routes; what it carries does not matter to be disjoint from it.
    private static Route route(Placement placement) {
        List<Route.Hop> hops = new ArrayList<>();
        for (int place = 0; place < placement.hops(); place++) {
            hops.add(new Route.Hop(
                    placement.transports().get(place),
                    placement.nodes().get(place),
                    placement.nodes().get(place + 1),
                    0));
        }
        return new Route(hops);
    }

    private SetupFailure unknown(PublicKey node, RouteRequest request) {
        if (request.wish() instanceof RouteRequest.ExplicitPath path
                && path.via().contains(node)) {
            int place = path.via().indexOf(node) + 1;
            String detail = "hop " + place + " of the path has never been seen";
            return new SetupFailure(FailureReason.INVALID_PATH, OptionalInt.of(place), detail, detail);
        }
        if (node.equals(request.destination()) && !nodes.isKnown(node)) {
            return SetupFailure.everywhere(FailureReason.NO_SUCH_NODE, "the control plane has never seen it");
        }
        return SetupFailure.everywhere(
                FailureReason.NO_ROUTE,
                node.equals(request.destination())
                        ? "the destination is known, but has no transport that is up"
                        : "the initiator has no transport that is up");
    }

    private SetupEvent number(Route way, RouteRequest request) {
        RoutePlan plan = RoutePlan.number(way, request.session(), settings.idleTimeout(), random);
        return new SetupEvent.Planned(plan, watch.unwatched(plan.placement().nodes()));
    }

    private Result install(SetupEffect.Install install, RunningSetup self) {
        RoutePlan plan = install.plan();
        // Before the commit: the first acknowledgement may arrive before this thread goes on.
        running.follow(plan.placement(), self);
        SetupWrites.Entry entry = self.entered().isPresent()
                ? writes.replace(plan, install.plans(), self.entered().get())
                : writes.enter(new SetupLedger.NewPlan(self.request(), plan, install.plans(), self.deadline()));
        return switch (entry) {
            case SetupWrites.Entered entered -> {
                self.entered(plan.uid());
                Map<PublicKey, Duration> usual = new HashMap<>();
                entered.revisions().keySet().forEach(node -> usual.put(node, times.patience(node)));
                yield new Answered(new SetupEvent.Installed(entered.revisions(), usual));
            }
            case SetupWrites.NumberTaken taken -> new Answered(new SetupEvent.NumberTaken());
            case SetupWrites.NotOurs known -> {
                running.forget(self);
                yield new Elsewhere();
            }
        };
    }

    private Result takeBack(SetupEffect.TakeBack takeBack, RunningSetup self) {
        running.forget(self);
        Optional<RouteFault> fault = takeBack.fault().flatMap(suspicions::withoutTheAbsent);
        SetupLedger.Hold hold = Objects.requireNonNull(transaction.execute(status -> {
            SetupLedger.Hold held = ledger.hold(takeBack.placement().route(), replicas.self());
            if (held == SetupLedger.Hold.OWN) {
                closings.takeBack(takeBack.placement(), takeBack.state(), takeBack.reason());
            }
            fault.ifPresent(events::publishEvent);
            return held;
        }));
        fault.filter(silence -> silence.kind() == FaultKind.SILENT)
                .ifPresent(silence -> silence.suspects().forEach(this::isSilent));
        takeBack.suspicion().ifPresent(suspicion -> {
            suspicion.awaited().keySet().forEach(times::silent);
            suspicions.watch(suspicion);
        });
        return switch (hold) {
            case OWN, NOWHERE -> new Answered(new SetupEvent.TakenBack());
            case LOST -> new Elsewhere();
        };
    }

    private void isSilent(Subject suspect) {
        if (suspect instanceof Subject.Node node) {
            times.silent(node.key());
        }
    }

    private Result activate(SetupEffect.Activate activate) {
        return new Answered(
                writes.activate(new SetupLedger.Proven(activate.placement().route(), activate.times()))
                        ? new SetupEvent.Activated()
                        : new SetupEvent.WriteFailed("the setup was taken back in the meantime"));
    }

    private Result conclude(SetupEffect.Conclude conclude, RouteSetup setup, RunningSetup self) {
        SetupOutcome outcome = RouteSetup.outcome(conclude.failure(), conclude.times());
        try {
            Boolean ours = transaction.execute(status -> ledger.fail(
                    self.request(),
                    RouteUid.random(random),
                    conclude.failure(),
                    setup.tries().plans(),
                    conclude.times(),
                    replicas.self(),
                    self.deadline(),
                    clock.instant()));
            if (!Boolean.TRUE.equals(ours)) {
                return new Elsewhere();
            }
        } catch (DataAccessException | TransactionException away) {
            if (self.entered().isEmpty()) {
                // Nobody knows whether the ledger has another answer to this request.
                return new Finished(SetupNode.unavailable());
            }
            // The initiator still learns why; a row that is left unfinished is ended by the sweep.
            LOG.atWarn()
                    .addKeyValue("request_id", self.request().id())
                    .log("a failure could not be entered: {}", away.getMessage());
        }
        return new Finished(outcome);
    }

    private static <T> Set<T> union(Set<T> one, Set<T> other) {
        Set<T> both = new HashSet<>(one);
        both.addAll(other);
        return both;
    }
}
