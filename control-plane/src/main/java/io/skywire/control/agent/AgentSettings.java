package io.skywire.control.agent;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings under `skywire.agent`.
///
/// @param proofTimeout how long a new session has to say hello, and then to prove its key
/// @param unproven how many sessions may be unproven at once
/// @param outbound how many messages may wait for a slow agent before its session ends
/// @param deltaTimeout how long an agent may take to answer a rule delta before its session ends
/// @param drainSpread over how long agents are asked to leave when this replica ends and others serve
/// @param drainGrace how long agents have to leave, and setups to be answered, from the beginning of that
/// @param databaseTurns how many sessions may work on the database at once; below the size of the connection pool, so
///     that others find connections while thousands of agents come back
/// @param gathered how many sessions may wait for one common question to the database
/// @param patience how long a session waits for the database before it ends
@ConfigurationProperties("skywire.agent")
public record AgentSettings(
        @DefaultValue("20s") Duration proofTimeout,
        @DefaultValue("4096") int unproven,
        @DefaultValue("256") int outbound,
        @DefaultValue("30s") Duration deltaTimeout,
        @DefaultValue("5s") Duration drainSpread,
        @DefaultValue("20s") Duration drainGrace,
        @DefaultValue("8") int databaseTurns,
        @DefaultValue("16384") int gathered,
        @DefaultValue("20s") Duration patience) {
    public AgentSettings {
        if (unproven < 1 || outbound < 1 || databaseTurns < 1 || gathered < 1) {
            throw new IllegalArgumentException(
                    "skywire.agent.unproven, outbound, database-turns and gathered must be at least 1");
        }
        if (!proofTimeout.isPositive()
                || !deltaTimeout.isPositive()
                || !patience.isPositive()
                || drainSpread.isNegative()
                || drainGrace.compareTo(drainSpread) < 0) {
            throw new IllegalArgumentException(
                    "skywire.agent: times must be above zero, and drain-grace not below drain-spread");
        }
    }
}
