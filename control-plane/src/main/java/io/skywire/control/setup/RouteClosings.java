package io.skywire.control.setup;

import io.skywire.control.platform.ReplicaId;
import io.skywire.control.platform.Replicas;
import io.skywire.control.rules.RuleLedger;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.transport.TransportId;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// Ends routes: removals for every node and the ledger's new state in one transaction. Closing twice does nothing.
@Component
final class RouteClosings {
    private static final Logger LOG = LoggerFactory.getLogger(RouteClosings.class);
    static final int ABANDONED_AT_ONCE = 100;

    private final SetupLedger ledger;
    private final RuleLedger rules;
    private final InstantSource clock;
    private final SetupSettings settings;
    private final SetupMetrics metrics;
    private final Replicas replicas;
    private final ApplicationEventPublisher events;
    private final TransactionTemplate transaction;

    RouteClosings(
            SetupLedger ledger,
            RuleLedger rules,
            InstantSource clock,
            SetupSettings settings,
            SetupMetrics metrics,
            Replicas replicas,
            ApplicationEventPublisher events,
            PlatformTransactionManager transactions) {
        this.ledger = ledger;
        this.rules = rules;
        this.clock = clock;
        this.settings = settings;
        this.metrics = metrics;
        this.replicas = replicas;
        this.events = events;
        this.transaction = new TransactionTemplate(transactions);
    }

    /// Closes an active route if the event is a reason to.
    void close(RouteUid route, SetupEvent event) {
        Optional<String> closed = transaction.execute(status -> {
            Optional<Placement> placement = ledger.lock(route, RouteState.ACTIVE);
            Optional<String> reason = placement.flatMap(at -> new ActiveRoute(at).closedBy(event));
            if (reason.isPresent()) {
                Placement at = placement.orElseThrow();
                takeBack(at, RouteState.CLOSED, reason.get());
                if (event instanceof SetupEvent.TransportLost lost) {
                    new Attribution(at).lost(lost.transport()).ifPresent(events::publishEvent);
                }
            }
            return reason;
        });
        if (closed != null && closed.isPresent()) {
            metrics.closed();
            LOG.atInfo().addKeyValue("route", route).log("route closed: {}", closed.get());
        }
    }

    List<RouteUid> activeOver(Collection<TransportId> transports) {
        return ledger.activeOver(transports);
    }

    /// Must run in a transaction.
    void takeBack(Placement placement, RouteState state, String reason) {
        rules.remove(placement.route(), new HashSet<>(placement.nodes()));
        ledger.state(placement.route(), state, reason, clock.instant());
    }

    /// Takes back what a replica left unfinished: its setups outlived their deadline and their replica did not end
    /// them.
    /// Returns how many.
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
                LOG.atWarn().addKeyValue("route", placement.route()).log("an abandoned setup was taken back");
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
                LOG.atWarn().addKeyValue("route", route).log("a setup was taken over");
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
