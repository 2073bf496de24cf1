package io.skywire.control.setup;

import io.skywire.control.platform.ReplicaId;
import io.skywire.control.platform.Replicas;
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

    AbandonedSetups(SetupLedger ledger, RouteClosings closings, Replicas replicas, SetupSettings settings) {
        this.ledger = ledger;
        this.closings = closings;
        this.replicas = replicas;
        this.settings = settings;
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
            closings.takeBackAbandoned();
            List<ReplicaId> dead = ledger.ownersOfUnfinished().stream()
                    .filter(owner -> !replicas.isAlive(owner))
                    .toList();
            for (int round = 0; round < ROUNDS && !dead.isEmpty(); round++) {
                if (closings.takeBackOf(dead) < RouteClosings.ABANDONED_AT_ONCE) {
                    return;
                }
            }
        } catch (DataAccessException | TransactionException away) {
            LOG.atDebug().log("abandoned setups cannot be looked for now: {}", away.getMessage());
        }
    }
}
