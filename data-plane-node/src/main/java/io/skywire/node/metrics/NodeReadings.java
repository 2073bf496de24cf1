package io.skywire.node.metrics;

import io.skywire.node.api.LinkState;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.util.Optional;
import java.util.function.ToLongFunction;

/// The numbers of a node at the moment it is asked. Called while a scrape is answered: cheap, and safe on any thread.
/// Totals never fall while the process lives.
public interface NodeReadings {
    /// Packets that a relay rule sent on, in total.
    long packetsForwarded();

    /// Bytes of those packets, headers included, in total.
    long bytesForwarded();

    /// Packets thrown away, in total by reason.
    ByLabel<?> packetsDropped();

    /// Links now. Live ones have a type; kept ones that are not up have the type they would have.
    long links(TransportType type, LinkState state);

    /// What links of that type have carried, in total.
    LinkTraffic linkTraffic(TransportType type);

    /// Bytes of packets that wait in the queues of links now.
    long bytesQueued();

    /// Links that were not made or were ended, in total by kind.
    ByLabel<?> linkFailures();

    /// Letters of other nodes that were not taken, in total by reason.
    ByLabel<?> lettersRefused();

    long rules();

    /// Signed deltas or rules in them that were not applied, in total by reason.
    ByLabel<?> ruleRefusals();

    /// Routes that end here.
    long routes();

    long sessions();

    /// Sessions that were opened, in total.
    long sessionsOpened();

    /// Sessions that ended, in total.
    long sessionsEnded();

    /// Dials that ended without a session, in total.
    long dialsFailed();

    /// Peers that were not let in, in total.
    long sessionsRefused();

    /// Datagrams of sessions that went nowhere, in total by reason.
    ByLabel<?> datagramsDropped();

    /// Application connections inside sessions.
    long streams();

    /// Sessions dialled from here that went over to another route, in total by reason.
    ByLabel<?> failovers();

    /// Failovers under traffic away from a route that failed, in total.
    long failoversTimed();

    /// For how long nothing had come through the routes that those left, all together.
    Duration failoverTime();

    /// Those of them that took more than a second.
    long slowFailovers();

    /// Datagrams of applications that sessions sent, in total.
    long udpSent();

    /// Datagrams of applications that came out of sessions, in total.
    long udpReceived();

    /// Datagrams of applications that were thrown away, in total by reason.
    ByLabel<?> udpDropped();

    /// ROUTE_BROKEN packets sent because a link of this node was away, in total.
    long brokenRoutesTold();

    long appliedRevision();

    /// Sessions with a control plane that came up, in total by way.
    ByLabel<?> controlSessions();

    /// The session with a control plane now by way: 1 for the one in use.
    ByLabel<?> controlSession();

    /// How long ago the last delta was applied; none before the first.
    Optional<Duration> appliedRevisionAge();

    /// How long ago a control plane was last heard: zero with a session, none before the first.
    Optional<Duration> lastContactAge();

    /// Rules that came back from disk when this node started.
    long rulesRestored();

    /// Writes of the rules to disk that failed, in total.
    long ruleWritesFailed();

    /// Direct memory that the node's buffers hold, in bytes.
    long directMemory();

    /// What they may hold, in bytes.
    long directMemoryBudget();

    /// Heap that the event loops of the links have allocated, in bytes, in total.
    long loopAllocatedBytes();

    /// Processor time of those loops, in total.
    Duration loopCpuTime();

    /// Event loops that move packets.
    long loops();

    /// One number for each constant of an enum, so that the labels are bounded.
    record ByLabel<E extends Enum<E>>(Class<E> label, ToLongFunction<E> count) {}
}
