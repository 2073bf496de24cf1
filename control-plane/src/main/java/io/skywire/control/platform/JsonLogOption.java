package io.skywire.control.platform;

import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/// Turns `skywire.json-log=true` into Boot's structured logging, before logging starts.
final class JsonLogOption implements EnvironmentPostProcessor {
    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        if (environment.getProperty("skywire.json-log", Boolean.class, false)) {
            environment
                    .getPropertySources()
                    .addLast(new MapPropertySource(
                            "skywire-json-log", Map.of("logging.structured.format.console", "logstash")));
        }
    }
}
