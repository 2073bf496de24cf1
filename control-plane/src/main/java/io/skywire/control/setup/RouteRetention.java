package io.skywire.control.setup;

import io.skywire.control.platform.Sweeps;
import io.skywire.control.platform.Sweeps.Sweeper;
import io.skywire.control.rules.RuleLedger;
import io.skywire.control.rules.RuleWatch;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/// Keeps the ledger bounded: forgets routes that ended long ago, and closes those of which nobody will ever hear again.
/// Every replica does it; what one works on the others pass over.
@Component
final class RouteRetention {
    private static final Logger LOG = LoggerFactory.getLogger(RouteRetention.class);
    private static final int AT_ONCE = 500;

    /// So that one sweep ends; the next one goes on.
    private static final int BATCHES = 200;

    private final SetupLedger ledger;
    private final RuleLedger rules;
    private final RuleWatch watch;
    private final RouteClosings closings;
    private final SetupSettings settings;
    private final InstantSource clock;
    private final TransactionTemplate transaction;
    private final Sweeps sweeps;

    RouteRetention(
            SetupLedger ledger,
            RuleLedger rules,
            RuleWatch watch,
            RouteClosings closings,
            SetupSettings settings,
            InstantSource clock,
            PlatformTransactionManager transactions,
            Sweeps sweeps) {
        this.ledger = ledger;
        this.rules = rules;
        this.watch = watch;
        this.closings = closings;
        this.settings = settings;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
        this.sweeps = sweeps;
    }

    @Scheduled(fixedDelayString = "${skywire.setup.retention-interval:60s}")
    void sweep() {
        try {
            closeOrphans();
            sweeps.did(Sweeper.ROUTES, forgetFinished());
        } catch (DataAccessException | TransactionException away) {
            sweeps.failed(Sweeper.ROUTES);
            LOG.atDebug().log("the ledger is not tidied now: {}", away.getMessage());
        }
    }

    /// Forgets finished routes that are too old or too many, with their hops, their receipts, and the removals that
    /// nodes never came back for: such a node gets a snapshot.
    private int forgetFinished() {
        Instant old = clock.instant().minus(settings.retention());
        Instant crowdedOrOld = ledger.oldestToKeep(settings.mostKept())
                .filter(crowded -> crowded.isAfter(old))
                .orElse(old);
        // A node that has not answered yet may hold a rule for that long.
        Instant removable = clock.instant().minus(settings.idleTimeout());
        Instant before = crowdedOrOld.isBefore(removable) ? crowdedOrOld : removable;
        int forgotten = 0;
        for (int batch = 0; batch < BATCHES; batch++) {
            Integer gone = transaction.execute(status -> {
                List<RouteUid> plans = ledger.forgetFinished(before, AT_ONCE);
                rules.forget(plans);
                return plans.size();
            });
            if (gone == null || gone == 0) {
                break;
            }
            forgotten += gone;
        }
        if (forgotten > 0) {
            LOG.atInfo().log("{} plans of routes that ended before {} are forgotten", forgotten, before);
        }
        return forgotten;
    }

    /// A node tells which of its rules idled out as soon as it has a session. If neither end ever has one again, nobody
    /// tells.
    private void closeOrphans() {
        Instant now = clock.instant();
        long after = 0;
        for (int batch = 0; batch < BATCHES; batch++) {
            List<SetupLedger.Ends> page = ledger.active(after, AT_ONCE);
            if (page.isEmpty()) {
                return;
            }
            after = page.getLast().id();
            Set<PublicKey> ends = new HashSet<>();
            page.forEach(route -> ends.addAll(List.of(route.initiator(), route.destination())));
            Set<PublicKey> away = watch.unwatched(ends);
            ledger.unattended(
                    page.stream()
                            .filter(route -> route.unattendedSince().isEmpty() && isUnattended(route, away))
                            .toList(),
                    Optional.of(now));
            ledger.unattended(
                    page.stream()
                            .filter(route -> route.unattendedSince().isPresent() && !isUnattended(route, away))
                            .toList(),
                    Optional.empty());
            page.stream()
                    .filter(route -> isUnattended(route, away))
                    .filter(route -> route.unattendedSince()
                            .filter(since -> since.isBefore(now.minus(settings.orphanedAfter())))
                            .isPresent())
                    .forEach(route -> closings.close(route.uid(), new SetupEvent.Orphaned(route.uid())));
        }
    }

    private static boolean isUnattended(SetupLedger.Ends route, Set<PublicKey> away) {
        return away.contains(route.initiator()) && away.contains(route.destination());
    }
}
