package io.skywire.control.setup;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.platform.GroupCommit;
import io.skywire.control.platform.ReplicaId;
import io.skywire.control.platform.Replicas;
import io.skywire.control.rules.RuleLedger;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.transport.TransportId;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// Ends routes: removals for every node and the ledger's new state in one transaction, those of many routes together.
/// Closing twice does nothing.
@Component
final class RouteClosings implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(RouteClosings.class);
    static final int ABANDONED_AT_ONCE = 100;
    private static final GroupCommit.Limits LIMITS = new GroupCommit.Limits(8192, 64);

    private final SetupLedger ledger;
    private final RuleLedger rules;
    private final InstantSource clock;
    private final SetupSettings settings;
    private final SetupMetrics metrics;
    private final Replicas replicas;
    private final ApplicationEventPublisher events;
    private final TransactionTemplate transaction;
    private final GroupCommit<Closing, Optional<String>> groups;

    RouteClosings(
            SetupLedger ledger,
            RuleLedger rules,
            InstantSource clock,
            SetupSettings settings,
            SetupMetrics metrics,
            Replicas replicas,
            ApplicationEventPublisher events,
            PlatformTransactionManager transactions,
            MeterRegistry meters) {
        this.ledger = ledger;
        this.rules = rules;
        this.clock = clock;
        this.settings = settings;
        this.metrics = metrics;
        this.replicas = replicas;
        this.events = events;
        this.transaction = new TransactionTemplate(transactions);
        this.groups = new GroupCommit<>("route-closings", LIMITS, meters, this::closeAll);
    }

    private record Closing(RouteUid route, SetupEvent event) {}

    /// Closes an active route if the event is a reason to.
    void close(RouteUid route, SetupEvent event) {
        groups.submit(new Closing(route, event)).ifPresent(reason -> {
            metrics.closed();
            LOG.atInfo().addKeyValue("route_id", route).log("route closed: {}", reason);
        });
    }

    /// Why each was closed by this; empty if the event is no reason, or the route is not active.
    private List<Optional<String>> closeAll(List<Closing> group) {
        return Objects.requireNonNull(transaction.execute(status -> {
            Map<RouteUid, Placement> active =
                    ledger.lockActive(group.stream().map(Closing::route).collect(Collectors.toSet()));
            Map<RouteUid, String> closed = new HashMap<>();
            List<Optional<String>> reasons = new ArrayList<>();
            for (Closing closing : group) {
                Optional<Placement> at = Optional.ofNullable(active.get(closing.route()));
                Optional<String> reason = at.flatMap(placement -> new ActiveRoute(placement).closedBy(closing.event()))
                        .filter(first -> closed.putIfAbsent(closing.route(), first) == null);
                if (reason.isPresent() && closing.event() instanceof SetupEvent.TransportLost lost) {
                    at.flatMap(placement -> new Attribution(placement).lost(lost.transport()))
                            .ifPresent(events::publishEvent);
                }
                reasons.add(reason);
            }
            if (!closed.isEmpty()) {
                Set<PublicKey> nodes = new HashSet<>();
                active.values().stream()
                        .filter(placement -> closed.containsKey(placement.route()))
                        .forEach(placement -> nodes.addAll(placement.nodes()));
                rules.remove(closed.keySet(), nodes);
                ledger.state(closed, RouteState.CLOSED, clock.instant());
            }
            return reasons;
        }));
    }

    @Override
    public void destroy() {
        groups.close();
    }

    List<RouteUid> activeOver(Collection<TransportId> transports) {
        return ledger.activeOver(transports);
    }

    /// Must run in a transaction.
    void takeBack(Placement placement, RouteState state, String reason) {
        rules.remove(placement.route(), new HashSet<>(placement.nodes()));
        ledger.state(Map.of(placement.route(), reason), state, clock.instant());
    }

    /// Takes back what a replica left unfinished: its setups outlived their deadline and their replica did not end
    /// them. Returns how many.
    int takeBackAbandoned() {
        return takeBackAll(
                () -> ledger.lockAbandoned(clock.instant().minus(settings.abandonedAfter()), ABANDONED_AT_ONCE));
    }

    /// Takes back what replicas left unfinished that are dead. Returns how many, at most [#ABANDONED_AT_ONCE].
    int takeBackOf(Collection<ReplicaId> dead) {
        return takeBackAll(() -> ledger.lockOwnedBy(dead, ABANDONED_AT_ONCE));
    }

    private int takeBackAll(Supplier<List<Placement>> left) {
        SetupFailure failure = SetupFailure.everywhere(
                FailureReason.UNAVAILABLE, "the control plane stopped in the middle of the setup");
        Integer count = transaction.execute(status -> {
            List<Placement> abandoned = left.get();
            for (Placement placement : abandoned) {
                takeBack(placement, RouteState.ROLLING_BACK, failure.recorded());
                ledger.abandon(placement.route(), failure, clock.instant());
                LOG.atWarn().addKeyValue("route_id", placement.route()).log("an abandoned setup was taken back");
            }
            return abandoned.size();
        });
        int taken = count == null ? 0 : count;
        metrics.recovered(taken);
        return taken;
    }

    /// Takes back what `owner` left of a request, so that this replica can work on it. False if somebody else is ending
    /// it, or has.
    boolean takeOver(RouteUid route, ReplicaId owner, Instant deadline) {
        Boolean mine = transaction.execute(status -> {
            Optional<Placement> left = ledger.lockLeft(route, owner);
            left.ifPresent(placement -> {
                takeBack(placement, RouteState.ROLLING_BACK, "its replica died; another one begins afresh");
                ledger.takeOver(route, replicas.self(), deadline, clock.instant());
                LOG.atWarn().addKeyValue("route_id", route).log("a setup was taken over");
            });
            return left.isPresent();
        });
        boolean taken = Boolean.TRUE.equals(mine);
        metrics.recovered(taken ? 1 : 0);
        return taken;
    }

    /// Makes a request that failed for reasons of the moment this replica's. False if somebody was faster.
    boolean reopen(RouteUid route, Instant deadline) {
        return Boolean.TRUE.equals(
                transaction.execute(status -> ledger.reopen(route, replicas.self(), deadline, clock.instant())));
    }
}
