package io.skywire.node.transport;

import io.skywire.shared.noise.CipherOffer;
import io.skywire.shared.noise.LinkHandshake;
import io.skywire.shared.packet.PacketLayout;
import java.time.Duration;

/// Limits and deadlines of links over TCP. Sizes are in bytes; [#defaults()] is what a node runs with.
///
/// - `handshakeDeadline`: from the connection to the settled link
/// - `silenceDeadline`: a neighbour that sends nothing for so long is gone; rounded up to whole heartbeats
/// - `pulseInterval`, `pulseDeadline`: the same for a link that routes use; such a link is looked at more often
/// - `pulseAfter`: a link younger than this has no pulse, because the processes at both ends may have just started
/// - `restsAfter`: a link that carried no packet of a route for so long beats once in `restingInterval` only, until one
///   comes or a heartbeat is not answered
/// - `maxPendingHandshakes`: incoming connections that are not settled yet; `maxPendingPerAddress`: of one IPv4
/// address,
///   or one IPv6 network of 64 bits
/// - `routeQueue`, `linkQueue`: what waits for the socket, per route and per link
/// - `crowdedLinkQueue`: the same per link once so many routes wait that `linkQueue` has no room for
///   [#LEAST_ROUTE_QUEUE] of each
/// - `maxQueuedRoutes`: routes that may wait on one link at once
/// - `firstBackOff`, `lastBackOff`: between two attempts to dial
/// - `maxPayload`: the largest packet payload that this node carries
/// - `offer`: the ciphers, and which of them this machine is faster at
/// - `congestionControl`: of the links' TCP
public record TcpSettings(
        Duration handshakeDeadline,
        Duration heartbeatInterval,
        Duration silenceDeadline,
        Duration pulseInterval,
        Duration pulseDeadline,
        Duration pulseAfter,
        Duration restsAfter,
        Duration restingInterval,
        int maxPendingHandshakes,
        int maxPendingPerAddress,
        int routeQueue,
        int linkQueue,
        int crowdedLinkQueue,
        int maxQueuedRoutes,
        Duration firstBackOff,
        Duration lastBackOff,
        int maxPayload,
        CipherOffer offer,
        CongestionControl congestionControl) {
    /// What a session sends at least in one round trip: four datagrams. A queue with less room for each of its routes
    /// loses most of what comes, and sessions that lose all they send fall silent for seconds.
    static final int LEAST_ROUTE_QUEUE = 64 * 1024;

    private static final int LINK_QUEUE = 2 * 1024 * 1024;
    private static final int MOST_CROWDED_QUEUE = 64 * 1024 * 1024;

    public TcpSettings {
        requirePositive(handshakeDeadline, "handshakeDeadline");
        requirePositive(heartbeatInterval, "heartbeatInterval");
        requirePositive(pulseInterval, "pulseInterval");
        require(pulseDeadline.compareTo(pulseInterval) > 0, "pulseDeadline must be over pulseInterval");
        require(restsAfter.compareTo(pulseAfter) >= 0, "restsAfter must not be below pulseAfter");
        require(
                restingInterval.compareTo(heartbeatInterval) >= 0,
                "restingInterval must not be below heartbeatInterval");
        requirePositive(firstBackOff, "firstBackOff");
        require(silenceDeadline.compareTo(heartbeatInterval) > 0, "silenceDeadline must be over heartbeatInterval");
        require(lastBackOff.compareTo(firstBackOff) >= 0, "lastBackOff must not be below firstBackOff");
        require(maxPendingHandshakes > 0, "maxPendingHandshakes must be at least 1");
        require(maxPendingPerAddress > 0, "maxPendingPerAddress must be at least 1");
        require(routeQueue >= PacketLayout.MAX_PACKET, "routeQueue must hold a packet of " + PacketLayout.MAX_PACKET);
        require(linkQueue >= 2 * routeQueue, "linkQueue must be at least twice routeQueue");
        require(crowdedLinkQueue >= linkQueue, "crowdedLinkQueue must not be below linkQueue");
        require(maxQueuedRoutes > 0, "maxQueuedRoutes must be at least 1");
        require(
                maxPayload >= LinkHandshake.LEAST_MAX_PAYLOAD && maxPayload <= PacketLayout.MAX_PAYLOAD,
                "maxPayload must be " + LinkHandshake.LEAST_MAX_PAYLOAD + " to " + PacketLayout.MAX_PAYLOAD);
    }

    /// Asks the machine once which cipher it is faster at.
    public static TcpSettings defaults() {
        return new TcpSettings(
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofSeconds(3),
                Duration.ofMillis(150),
                Duration.ofMillis(900),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                256,
                32,
                256 * 1024,
                LINK_QUEUE,
                crowdedQueueOf(Runtime.getRuntime().maxMemory()),
                4_096,
                Duration.ofMillis(100),
                Duration.ofSeconds(10),
                PacketLayout.MAX_PAYLOAD,
                CipherOffer.preferring(FasterCipher.ofThisMachine()),
                CongestionControl.BBR);
    }

    public TcpSettings withHandshakes(Duration deadline, int maxPending, int maxPerAddress) {
        return new TcpSettings(
                deadline,
                heartbeatInterval,
                silenceDeadline,
                pulseInterval,
                pulseDeadline,
                pulseAfter,
                restsAfter,
                restingInterval,
                maxPending,
                maxPerAddress,
                routeQueue,
                linkQueue,
                crowdedLinkQueue,
                maxQueuedRoutes,
                firstBackOff,
                lastBackOff,
                maxPayload,
                offer,
                congestionControl);
    }

    /// For links in use, at rest and others alike.
    public TcpSettings withHeartbeat(Duration interval, Duration silence) {
        return new TcpSettings(
                handshakeDeadline,
                interval,
                silence,
                interval,
                silence,
                pulseAfter,
                restsAfter,
                interval,
                maxPendingHandshakes,
                maxPendingPerAddress,
                routeQueue,
                linkQueue,
                crowdedLinkQueue,
                maxQueuedRoutes,
                firstBackOff,
                lastBackOff,
                maxPayload,
                offer,
                congestionControl);
    }

    public TcpSettings withPulse(Duration interval, Duration silence, Duration after) {
        return new TcpSettings(
                handshakeDeadline,
                heartbeatInterval,
                silenceDeadline,
                interval,
                silence,
                after,
                restsAfter,
                restingInterval,
                maxPendingHandshakes,
                maxPendingPerAddress,
                routeQueue,
                linkQueue,
                crowdedLinkQueue,
                maxQueuedRoutes,
                firstBackOff,
                lastBackOff,
                maxPayload,
                offer,
                congestionControl);
    }

    public TcpSettings withOffer(CipherOffer ciphers) {
        return new TcpSettings(
                handshakeDeadline,
                heartbeatInterval,
                silenceDeadline,
                pulseInterval,
                pulseDeadline,
                pulseAfter,
                restsAfter,
                restingInterval,
                maxPendingHandshakes,
                maxPendingPerAddress,
                routeQueue,
                linkQueue,
                crowdedLinkQueue,
                maxQueuedRoutes,
                firstBackOff,
                lastBackOff,
                maxPayload,
                ciphers,
                congestionControl);
    }

    public TcpSettings withCongestionControl(CongestionControl other) {
        return new TcpSettings(
                handshakeDeadline,
                heartbeatInterval,
                silenceDeadline,
                pulseInterval,
                pulseDeadline,
                pulseAfter,
                restsAfter,
                restingInterval,
                maxPendingHandshakes,
                maxPendingPerAddress,
                routeQueue,
                linkQueue,
                crowdedLinkQueue,
                maxQueuedRoutes,
                firstBackOff,
                lastBackOff,
                maxPayload,
                offer,
                other);
    }

    /// Heartbeats without a byte from the neighbour after which it counts as silent.
    int quietHeartbeats() {
        return Math.toIntExact(
                (silenceDeadline.toNanos() + heartbeatInterval.toNanos() - 1) / heartbeatInterval.toNanos());
    }

    /// At most an eighth of the heap.
    private static int crowdedQueueOf(long maxHeap) {
        return (int) Math.clamp(maxHeap / 8, LINK_QUEUE, MOST_CROWDED_QUEUE);
    }

    private static void requirePositive(Duration duration, String name) {
        require(duration.isPositive(), name + " must be above zero");
    }

    private static void require(boolean held, String otherwise) {
        if (!held) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
