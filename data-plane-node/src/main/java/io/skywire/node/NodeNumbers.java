package io.skywire.node;

import io.skywire.node.api.LinkState;
import io.skywire.node.control.ControlStatus;
import io.skywire.node.control.ControlWay;
import io.skywire.node.loops.DirectMemory;
import io.skywire.node.loops.LoopUsage;
import io.skywire.node.metrics.DatagramDrop;
import io.skywire.node.metrics.LinkTraffic;
import io.skywire.node.metrics.NodeReadings;
import io.skywire.node.router.DropReason;
import io.skywire.node.rules.DeltaOutcome;
import io.skywire.node.session.FlowDrop;
import io.skywire.node.session.SessionCounters;
import io.skywire.node.session.SwitchReason;
import io.skywire.node.transport.LetterDrop;
import io.skywire.node.transport.LinkFailure;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.util.Optional;

/// A node's numbers for a scrape.
record NodeNumbers(NodeAnswers node, LoopUsage usage) implements NodeReadings {
    @Override
    public long packetsForwarded() {
        return node.router().forwardedPackets();
    }

    @Override
    public long bytesForwarded() {
        return node.router().forwardedBytes();
    }

    @Override
    public ByLabel<?> packetsDropped() {
        return new ByLabel<>(DropReason.class, reason -> node.router().drops().getOrDefault(reason, 0L));
    }

    @Override
    public long links(TransportType type, LinkState state) {
        return state == LinkState.UP
                ? node.live().stream()
                        .filter(link -> link.signed().entry().type().equals(type))
                        .count()
                : node.links(type).stream()
                        .filter(link -> link.state() == state)
                        .count();
    }

    @Override
    public LinkTraffic linkTraffic(TransportType type) {
        return node.counters().traffic(type, node.live());
    }

    @Override
    public long bytesQueued() {
        return node.live().stream()
                .mapToLong(link -> link.snapshot().bytesQueued())
                .sum();
    }

    @Override
    public ByLabel<?> lettersRefused() {
        return new ByLabel<>(LetterDrop.class, node::lettersRefused);
    }

    @Override
    public ByLabel<?> linkFailures() {
        return new ByLabel<>(LinkFailure.class, kind -> node.counters().linkFailures(kind));
    }

    @Override
    public long rules() {
        return node.router().table().size();
    }

    @Override
    public ByLabel<?> ruleRefusals() {
        return new ByLabel<>(
                DeltaOutcome.Reason.class,
                reason -> node.ruleKeeper().refusals().getOrDefault(reason, 0L));
    }

    @Override
    public long routes() {
        return node.router().table().edges().size();
    }

    @Override
    public long sessions() {
        return node.peerSessions().sessions().size();
    }

    private SessionCounters sessionCounters() {
        return node.peerSessions().counters();
    }

    @Override
    public long sessionsOpened() {
        return sessionCounters().sessionsOpened();
    }

    @Override
    public long sessionsEnded() {
        return sessionCounters().sessionsEnded();
    }

    @Override
    public long dialsFailed() {
        return sessionCounters().dialsFailed();
    }

    @Override
    public long sessionsRefused() {
        return sessionCounters().sessionsRefused();
    }

    @Override
    public ByLabel<?> datagramsDropped() {
        return new ByLabel<>(DatagramDrop.class, reason -> switch (reason) {
            case TOO_FAST -> sessionCounters().droppedInbound();
            case NO_ROUTE -> sessionCounters().droppedWithoutRoute();
            case TOO_LARGE -> sessionCounters().droppedOversized();
            case NO_SESSION -> sessionCounters().droppedUnknown();
        });
    }

    @Override
    public long failoversTimed() {
        return sessionCounters().failovers().count();
    }

    @Override
    public Duration failoverTime() {
        return sessionCounters().failovers().silence();
    }

    @Override
    public long slowFailovers() {
        return sessionCounters().failovers().slow();
    }

    @Override
    public long streams() {
        return node.peerSessions().sessions().stream()
                .mapToLong(session -> session.streams())
                .sum();
    }

    @Override
    public long udpSent() {
        return node.peerSessions().datagramCounts().sentSoFar();
    }

    @Override
    public long udpReceived() {
        return node.peerSessions().datagramCounts().receivedSoFar();
    }

    @Override
    public ByLabel<?> udpDropped() {
        return new ByLabel<>(FlowDrop.class, node::udpDropped);
    }

    @Override
    public ByLabel<?> failovers() {
        return new ByLabel<>(
                SwitchReason.class,
                reason -> node.peerSessions().counters().switches().getOrDefault(reason, 0L));
    }

    @Override
    public long brokenRoutesTold() {
        return node.router().brokenRoutesTold();
    }

    @Override
    public long appliedRevision() {
        return node.ruleKeeper().revision();
    }

    @Override
    public Optional<Duration> appliedRevisionAge() {
        return node.appliedRevisionAge();
    }

    @Override
    public Optional<Duration> lastContactAge() {
        return node.lastContactAge();
    }

    @Override
    public long rulesRestored() {
        return node.ruleKeeper().restored().rules();
    }

    @Override
    public long ruleWritesFailed() {
        return node.ruleLog().failures();
    }

    @Override
    public ByLabel<?> controlSessions() {
        return new ByLabel<>(ControlWay.class, way -> node.control().opened(way));
    }

    @Override
    public ByLabel<?> controlSession() {
        return new ByLabel<>(
                ControlWay.class,
                way -> node.control().status() instanceof ControlStatus.Connected connected && connected.way() == way
                        ? 1
                        : 0);
    }

    @Override
    public long directMemory() {
        return DirectMemory.used();
    }

    @Override
    public long directMemoryBudget() {
        return DirectMemory.budget();
    }

    @Override
    public long loopAllocatedBytes() {
        return usage.allocatedBytes();
    }

    @Override
    public Duration loopCpuTime() {
        return usage.cpuTime();
    }

    @Override
    public long loops() {
        return usage.loops();
    }
}
