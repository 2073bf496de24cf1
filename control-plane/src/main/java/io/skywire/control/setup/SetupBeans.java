package io.skywire.control.setup;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// What the room makes of its settings.
@Configuration(proxyBeanMethods = false)
class SetupBeans {
    /// Some 200 bytes each.
    private static final int MOST_NODES = 50_000;

    @Bean
    AckTimes ackTimes(SetupSettings settings) {
        return new AckTimes(settings.leastNodeTimeout(), settings.nodeTimeout(), MOST_NODES);
    }
}
