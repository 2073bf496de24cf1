package io.skywire.control.setup;

import io.skywire.control.platform.ReplicaId;
import io.skywire.control.platform.Replicas;
import io.skywire.control.platform.Sweeps;
import io.skywire.control.platform.Sweeps.Sweeper;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// Looks for setups that a replica began and will not end, at start and then regularly, and takes them back: those of
/// replicas that are dead, and those that outlived their deadline whoever works on them.
@Component
final class AbandonedSetups {
    private static final Logger LOG = LoggerFactory.getLogger(AbandonedSetups.class);
    private static final int ROUNDS = 50;

    private final SetupLedger ledger;
    private final RouteClosings closings;
    private final Replicas replicas;
    private final SetupSettings settings;
    private final Sweeps sweeps;

    AbandonedSetups(
            SetupLedger ledger, RouteClosings closings, Replicas replicas, SetupSettings settings, Sweeps sweeps) {
        this.ledger = ledger;
        this.closings = closings;
        this.replicas = replicas;
        this.settings = settings;
        this.sweeps = sweeps;
    }

    @Scheduled(fixedDelayString = "${skywire.setup.sweep-interval:1s}")
    void sweep() {
        switch (settings.recovery()) {
            case ANY_REPLICA -> recover();
            case NOBODY -> {}
        }
    }

    private void recover() {
        try {
            int taken = closings.takeBackAbandoned();
            List<ReplicaId> dead = ledger.ownersOfUnfinished().stream()
                    .filter(owner -> !replicas.isAlive(owner))
                    .toList();
            for (int round = 0; round < ROUNDS && !dead.isEmpty(); round++) {
                int ofThem = closings.takeBackOf(dead);
                taken += ofThem;
                if (ofThem < RouteClosings.ABANDONED_AT_ONCE) {
                    break;
                }
            }
            sweeps.did(Sweeper.ABANDONED_SETUPS, taken);
        } catch (DataAccessException | TransactionException away) {
            sweeps.failed(Sweeper.ABANDONED_SETUPS);
            LOG.atDebug().log("abandoned setups cannot be looked for now: {}", away.getMessage());
        }
    }
}
