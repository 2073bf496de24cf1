package io.skywire.control.setup;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings under `skywire.setup`.
///
/// @param idleTimeout how long a rule lives without a packet
/// @param nodeTimeout how long a node may take to acknowledge its rules
/// @param leastNodeTimeout the least time that a node gets whose usual time is known; [AckTimes]
/// @param probeTimeout how long the probe may take once all nodes have acknowledged
/// @param plans how many ways are tried for one request
/// @param renumberings how often route numbers are drawn again because a node had one already
/// @param patience how long a request may take if it names no time of its own
/// @param longestPatience the most that a request may ask for
/// @param abandonedAfter how long after its deadline an unfinished setup counts as abandoned by its replica; looked for
///     every `skywire.setup.sweep-interval` (1s)
/// @param recovery who ends the setups of a replica that died
/// @param orphanedAfter how long neither end of an active route may be without a session before it is closed
/// @param retention how long closed and failed routes stay in the ledger
/// @param mostKept how many closed and failed routes stay at most, the newest
/// @param runningPerInitiator how many setups one node may have running
/// @param running how many setups run on this replica
@ConfigurationProperties("skywire.setup")
public record SetupSettings(
        @DefaultValue("60s") Duration idleTimeout,
        @DefaultValue("3s") Duration nodeTimeout,
        @DefaultValue("250ms") Duration leastNodeTimeout,
        @DefaultValue("3s") Duration probeTimeout,
        @DefaultValue("3") int plans,
        @DefaultValue("3") int renumberings,
        @DefaultValue("10s") Duration patience,
        @DefaultValue("30s") Duration longestPatience,
        @DefaultValue("5s") Duration abandonedAfter,
        @DefaultValue("ANY_REPLICA") Recovery recovery,
        @DefaultValue("24h") Duration orphanedAfter,
        @DefaultValue("7d") Duration retention,
        @DefaultValue("1000000") int mostKept,
        @DefaultValue("16") int runningPerInitiator,
        @DefaultValue("1024") int running) {
    public SetupSettings {
        if (plans < 1 || renumberings < 0 || runningPerInitiator < 1 || running < 1) {
            throw new IllegalArgumentException(
                    "skywire.setup.plans, running-per-initiator and running must be at least 1, renumberings at least 0");
        }
        for (Duration duration : new Duration[] {
            idleTimeout,
            nodeTimeout,
            leastNodeTimeout,
            probeTimeout,
            patience,
            longestPatience,
            orphanedAfter,
            retention
        }) {
            if (!duration.isPositive()) {
                throw new IllegalArgumentException("skywire.setup: times must be above zero, not " + duration);
            }
        }
        if (mostKept < 1) {
            throw new IllegalArgumentException("skywire.setup.most-kept must be at least 1");
        }
        if (orphanedAfter.compareTo(idleTimeout) < 0) {
            throw new IllegalArgumentException("skywire.setup.orphaned-after is below skywire.setup.idle-timeout ("
                    + idleTimeout + "): the rules of such a route may still be there");
        }
        if (abandonedAfter.isNegative()) {
            throw new IllegalArgumentException("skywire.setup.abandoned-after must not be negative");
        }
    }

    SetupLimits limits() {
        return new SetupLimits(nodeTimeout, probeTimeout, plans, renumberings);
    }

    /// The bounded patience of a request; zero stands for the default.
    Duration bounded(Duration asked) {
        if (!asked.isPositive()) {
            return patience;
        }
        return asked.compareTo(longestPatience) < 0 ? asked : longestPatience;
    }
}
