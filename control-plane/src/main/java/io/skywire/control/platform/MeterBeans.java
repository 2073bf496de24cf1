package io.skywire.control.platform;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// What libraries count: named and explained as our own meters are.
@Configuration(proxyBeanMethods = false)
class MeterBeans {
    /// Observations come without a help text.
    @Bean
    static MeterFilter helpForHttpRequests() {
        return new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id id) {
                return id.getName().equals("http.server.requests") && id.getDescription() == null
                        ? new Meter.Id(
                                id.getName(),
                                Tags.of(id.getTagsAsIterable()),
                                id.getBaseUnit(),
                                "Time of HTTP requests; uri is the pattern of the path",
                                id.getType())
                        : id;
            }
        };
    }

    /// In units that are no base units, or named like a part of a histogram; others say the same.
    @Bean
    static MeterFilter withoutOddNames() {
        return MeterFilter.deny(id -> switch (id.getName()) {
            case "process.cpu.time", "jvm.compilation.time", "system.cpu.count" -> true;
            default -> false;
        });
    }
}
