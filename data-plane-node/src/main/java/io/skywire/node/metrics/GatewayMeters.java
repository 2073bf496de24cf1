package io.skywire.node.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.skywire.node.metrics.NodeReadings.ByLabel;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// Names, units and labels of a gateway's numbers. Every series is there from the first scrape on, at 0.
final class GatewayMeters implements MeterBinder {
    private final GatewayReadings gateway;

    GatewayMeters(GatewayReadings gateway) {
        this.gateway = gateway;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge("servers", "messaging servers with which a session stands", GatewayReadings::servers)
                .register(registry);
        gauge("links", "links with nodes", GatewayReadings::links).register(registry);
        gauge("sessions", "sessions inside those links", GatewayReadings::sessions)
                .register(registry);
        gauge("streams", "byte streams to the control plane", GatewayReadings::streams)
                .register(registry);
        gauge("direct.memory", "direct memory that buffers hold", GatewayReadings::directMemory)
                .baseUnit("bytes")
                .register(registry);
        byLabel(registry, "refused", "byte streams that were refused", gateway.refused());
        byLabel(registry, "packets.dropped", "packets that led nowhere", gateway.dropped());
    }

    private <E extends Enum<E>> void byLabel(
            MeterRegistry registry, String name, String description, ByLabel<E> readings) {
        for (E constant : readings.label().getEnumConstants()) {
            counter(name, description, reading -> readings.count().applyAsLong(constant))
                    .tag("reason", constant.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
    }

    private FunctionCounter.Builder<GatewayReadings> counter(
            String name, String description, ToDoubleFunction<GatewayReadings> reading) {
        return FunctionCounter.builder("skywire.gateway." + name, gateway, reading)
                .description(description);
    }

    private Gauge.Builder<GatewayReadings> gauge(
            String name, String description, ToDoubleFunction<GatewayReadings> reading) {
        // Strong: the registry must not lose the gateway to the garbage collector between two scrapes.
        return Gauge.builder("skywire.gateway." + name, gateway, reading)
                .description(description)
                .strongReference(true);
    }
}
