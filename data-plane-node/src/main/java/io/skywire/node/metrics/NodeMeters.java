package io.skywire.node.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.skywire.node.api.LinkState;
import io.skywire.node.metrics.NodeReadings.ByLabel;
import io.skywire.shared.transport.TransportType;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/// Names, units and labels of a node's numbers. Every series is there from the first scrape on, at 0.
final class NodeMeters implements MeterBinder {
    private static final List<TransportType> TYPES = List.of(TransportType.TCP, TransportType.MESSAGING);

    private final NodeReadings node;

    NodeMeters(NodeReadings node) {
        this.node = node;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        counter("packets.forwarded", "packets that relay rules sent on", NodeReadings::packetsForwarded)
                .register(registry);
        counter("forwarded", "bytes of packets that relay rules sent on", NodeReadings::bytesForwarded)
                .baseUnit("bytes")
                .register(registry);
        byLabel(registry, "packets.dropped", "packets thrown away", "reason", node.packetsDropped());
        byLabel(registry, "link.failures", "links not made or ended by this node", "kind", node.linkFailures());
        byLabel(registry, "letters.refused", "letters of other nodes not taken", "reason", node.lettersRefused());
        byLabel(registry, "rule.refusals", "rules and deltas not applied", "reason", node.ruleRefusals());
        counter("udp.sent", "datagrams of applications that sessions sent", NodeReadings::udpSent)
                .register(registry);
        counter("udp.received", "datagrams of applications out of sessions", NodeReadings::udpReceived)
                .register(registry);
        byLabel(registry, "udp.dropped", "datagrams of applications thrown away", "reason", node.udpDropped());
        byLabel(registry, "failovers", "sessions that went over to another route", "reason", node.failovers());
        FunctionTimer.builder(
                        "skywire.node.failover",
                        node,
                        NodeReadings::failoversTimed,
                        reading -> reading.failoverTime().toNanos() / 1e9,
                        TimeUnit.SECONDS)
                .description(
                        "for how long nothing had come through a failed route when its session, under traffic, left it")
                .register(registry);
        counter("failovers.slow", "failovers under traffic after more than a second", NodeReadings::slowFailovers)
                .register(registry);
        counter(
                        "route.broken.told",
                        "ROUTE_BROKEN packets sent beside a link that is away",
                        NodeReadings::brokenRoutesTold)
                .register(registry);
        byLabel(
                registry,
                "control.sessions",
                "sessions with a control plane that came up",
                "via",
                node.controlSessions());
        gaugeByLabel(
                registry, "control.session", "1 for the way in use to a control plane", "via", node.controlSession());
        for (TransportType type : TYPES) {
            for (LinkState state : LinkState.values()) {
                gauge("links", "links to neighbours", reading -> reading.links(type, state))
                        .tag("type", type.name())
                        .tag("state", lower(state))
                        .register(registry);
            }
        }
        for (TransportType type : TYPES) {
            traffic(
                    registry,
                    type,
                    "link.received.packets",
                    "packets that came over links",
                    "",
                    LinkTraffic::packetsReceived);
            traffic(registry, type, "link.received", "bytes of those packets", "bytes", LinkTraffic::bytesReceived);
            traffic(registry, type, "link.sent.packets", "packets that went over links", "", LinkTraffic::packetsSent);
            traffic(registry, type, "link.sent", "bytes of those packets", "bytes", LinkTraffic::bytesSent);
            traffic(
                    registry,
                    type,
                    "link.dropped.packets",
                    "packets that found no room in a link's queues, or did not fit it",
                    "",
                    LinkTraffic::packetsDropped);
        }
        gauge("link.queued", "bytes of packets that wait in the queues of links", NodeReadings::bytesQueued)
                .baseUnit("bytes")
                .register(registry);
        gauge("rules", "rules in the table", NodeReadings::rules).register(registry);
        gauge("routes", "routes that end here", NodeReadings::routes).register(registry);
        gauge("sessions", "sessions with peers", NodeReadings::sessions).register(registry);
        counter("sessions.opened", "sessions with peers that were opened", NodeReadings::sessionsOpened)
                .register(registry);
        counter("sessions.ended", "sessions with peers that ended", NodeReadings::sessionsEnded)
                .register(registry);
        counter("sessions.refused", "peers that were not let in", NodeReadings::sessionsRefused)
                .register(registry);
        counter("dials.failed", "dials that ended without a session", NodeReadings::dialsFailed)
                .register(registry);
        byLabel(
                registry,
                "datagrams.dropped",
                "datagrams of sessions that went nowhere",
                "reason",
                node.datagramsDropped());
        gauge("streams", "application connections inside sessions", NodeReadings::streams)
                .register(registry);
        gauge("applied.revision", "revision of the rule table", NodeReadings::appliedRevision)
                .register(registry);
        gauge(
                        "applied.revision.age",
                        "time since the last delta was applied; NaN before the first",
                        reading -> reading.appliedRevisionAge()
                                .map(age -> age.toNanos() / 1e9)
                                .orElse(Double.NaN))
                .baseUnit("seconds")
                .register(registry);
        gauge(
                        "control.contact.age",
                        "time since a control plane was last heard; NaN before the first time",
                        reading -> reading.lastContactAge()
                                .map(age -> age.toNanos() / 1e9)
                                .orElse(Double.NaN))
                .baseUnit("seconds")
                .register(registry);
        gauge("rules.restored", "rules that came back from disk at the start", NodeReadings::rulesRestored)
                .register(registry);
        counter("rule.writes.failed", "writes of the rules to disk that failed", NodeReadings::ruleWritesFailed)
                .register(registry);
        gauge("loops", "event loops that move packets", NodeReadings::loops).register(registry);
        counter("loop.allocated", "heap that event loops allocated", NodeReadings::loopAllocatedBytes)
                .baseUnit("bytes")
                .register(registry);
        counter(
                        "loop.cpu",
                        "processor time of event loops",
                        reading -> reading.loopCpuTime().toNanos() / 1e9)
                .baseUnit("seconds")
                .register(registry);
        gauge("direct.memory", "direct memory that buffers hold", NodeReadings::directMemory)
                .baseUnit("bytes")
                .register(registry);
        gauge("direct.memory.budget", "direct memory that buffers may hold", NodeReadings::directMemoryBudget)
                .baseUnit("bytes")
                .register(registry);
    }

    private <E extends Enum<E>> void byLabel(
            MeterRegistry registry, String name, String description, String label, ByLabel<E> readings) {
        for (E constant : readings.label().getEnumConstants()) {
            counter(name, description, reading -> readings.count().applyAsLong(constant))
                    .tag(label, lower(constant))
                    .register(registry);
        }
    }

    private <E extends Enum<E>> void gaugeByLabel(
            MeterRegistry registry, String name, String description, String label, ByLabel<E> readings) {
        for (E constant : readings.label().getEnumConstants()) {
            gauge(name, description, reading -> readings.count().applyAsLong(constant))
                    .tag(label, lower(constant))
                    .register(registry);
        }
    }

    private void traffic(
            MeterRegistry registry,
            TransportType type,
            String name,
            String description,
            String unit,
            ToLongFunction<LinkTraffic> of) {
        FunctionCounter.Builder<NodeReadings> counter =
                counter(name, description, reading -> of.applyAsLong(reading.linkTraffic(type)));
        (unit.isEmpty() ? counter : counter.baseUnit(unit))
                .tag("type", type.name())
                .register(registry);
    }

    private FunctionCounter.Builder<NodeReadings> counter(
            String name, String description, ToDoubleFunction<NodeReadings> reading) {
        return FunctionCounter.builder("skywire.node." + name, node, reading).description(description);
    }

    private Gauge.Builder<NodeReadings> gauge(String name, String description, ToDoubleFunction<NodeReadings> reading) {
        // Strong: the registry must not lose the node to the garbage collector between two scrapes.
        return Gauge.builder("skywire.node." + name, node, reading)
                .description(description)
                .strongReference(true);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
