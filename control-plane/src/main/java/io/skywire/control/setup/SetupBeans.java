package io.skywire.control.setup;

import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// What the room makes of its settings.
@Configuration(proxyBeanMethods = false)
class SetupBeans {
    /// Some 200 bytes each.
    private static final int MOST_NODES = 50_000;

    /// Between two batches of spans.
    private static final Duration TRACES_EVERY = Duration.ofSeconds(2);

    @Bean(destroyMethod = "close")
    SetupTraces setupTraces(TracingSettings settings) {
        return settings.endpoint()
                .<SetupTraces>map(endpoint -> new OtlpSetupTraces(endpoint, settings.fraction(), TRACES_EVERY))
                .orElse(SetupTraces.NONE);
    }

    @Bean
    AckTimes ackTimes(SetupSettings settings) {
        return new AckTimes(settings.leastNodeTimeout(), settings.nodeTimeout(), MOST_NODES);
    }
}
