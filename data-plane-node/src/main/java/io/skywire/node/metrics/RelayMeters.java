package io.skywire.node.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.skywire.node.metrics.NodeReadings.ByLabel;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// Names, units and labels of a messaging server's numbers. Every series is there from the first scrape on, at 0.
final class RelayMeters implements MeterBinder {
    private final RelayReadings relay;

    RelayMeters(RelayReadings relay) {
        this.relay = relay;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge("sessions", "clients that are connected", RelayReadings::sessions).register(registry);
        gauge("capacity", "clients that may be connected at once", RelayReadings::capacity)
                .register(registry);
        gauge("handshakes", "connections that have not proved a key yet", RelayReadings::handshakes)
                .register(registry);
        gauge(
                        "registered",
                        "1 while the server's entry is in the messaging discovery",
                        reading -> reading.isRegistered() ? 1 : 0)
                .register(registry);
        gauge("waiting", "bytes that wait for addressees", RelayReadings::waiting)
                .baseUnit("bytes")
                .register(registry);
        gauge("direct.memory", "direct memory that buffers hold", RelayReadings::directMemory)
                .baseUnit("bytes")
                .register(registry);
        gauge("loops", "event loops that move letters", RelayReadings::loops).register(registry);
        counter(
                        "loop.cpu",
                        "processor time of event loops",
                        reading -> reading.loopCpuTime().toNanos() / 1e9)
                .baseUnit("seconds")
                .register(registry);
        counter("sessions.opened", "sessions that were opened", RelayReadings::opened)
                .register(registry);
        counter("letters", "letters that went on to their addressee", RelayReadings::letters)
                .register(registry);
        // A base unit would make it skywire_relay_…_bytes_total with a second word in between.
        counter("bytes", "bytes of those letters, heads included", RelayReadings::bytes)
                .register(registry);
        byLabel(registry, "dropped", "letters that were not handed on", relay.dropped());
        byLabel(registry, "refused", "connections that did not become sessions", relay.refused());
        byLabel(registry, "sessions.ended", "sessions that ended", relay.ended());
    }

    private <E extends Enum<E>> void byLabel(
            MeterRegistry registry, String name, String description, ByLabel<E> readings) {
        for (E constant : readings.label().getEnumConstants()) {
            counter(name, description, reading -> readings.count().applyAsLong(constant))
                    .tag("reason", constant.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
    }

    private FunctionCounter.Builder<RelayReadings> counter(
            String name, String description, ToDoubleFunction<RelayReadings> reading) {
        return FunctionCounter.builder("skywire.relay." + name, relay, reading).description(description);
    }

    private Gauge.Builder<RelayReadings> gauge(
            String name, String description, ToDoubleFunction<RelayReadings> reading) {
        // Strong: the registry must not lose the server to the garbage collector between two scrapes.
        return Gauge.builder("skywire.relay." + name, relay, reading)
                .description(description)
                .strongReference(true);
    }
}
