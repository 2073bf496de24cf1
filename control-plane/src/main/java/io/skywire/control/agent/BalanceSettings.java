package io.skywire.control.agent;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings under `skywire.agent.balance`.
///
/// @param slack so many sessions above a quarter more than its share a replica carries without a word
/// @param perSecond how many agents it asks at most in a second to go elsewhere
/// @param rest how old a session must be before its agent is asked
@ConfigurationProperties("skywire.agent.balance")
record BalanceSettings(
        @DefaultValue("50") int slack,
        @DefaultValue("100") int perSecond,
        @DefaultValue("1m") Duration rest) {
    BalanceSettings {
        if (slack < 0 || perSecond < 1 || rest.isNegative()) {
            throw new IllegalArgumentException(
                    "skywire.agent.balance: slack and rest must not be below zero, per-second at least 1");
        }
    }
}
