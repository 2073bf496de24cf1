package io.skywire.node.transport;

import io.skywire.shared.noise.CipherOffer;
import io.skywire.shared.packet.PacketLayout;
import java.time.Duration;

/// Limits and deadlines of links through messaging servers. Sizes are in bytes.
///
/// - `handshakeDeadline`: from the first act to the settled link
/// - `silenceDeadline`: a neighbour that sends nothing for so long is gone; rounded up to whole heartbeats. Longer than
///   it takes to replace a dead server, which the link outlives
/// - `firstResend`, `lastResend`: after which an act, a signature or a search for a server is repeated; doubles
/// - `maxPending`, `maxPendingPerServer`: handshakes that others began, in all and through one server
/// - `linkQueue`: what waits on its way to the link's event loop
/// - `firstBackOff`, `lastBackOff`: between two attempts to dial
/// - `maxPayload`: the largest packet payload that this node carries; what a server carries may be less
public record MessagingLinkSettings(
        Duration handshakeDeadline,
        Duration heartbeatInterval,
        Duration silenceDeadline,
        Duration firstResend,
        Duration lastResend,
        int maxPending,
        int maxPendingPerServer,
        int linkQueue,
        Duration firstBackOff,
        Duration lastBackOff,
        int maxPayload,
        CipherOffer offer) {
    public MessagingLinkSettings {
        require(handshakeDeadline.isPositive(), "handshakeDeadline must be above zero");
        require(heartbeatInterval.isPositive(), "heartbeatInterval must be above zero");
        require(silenceDeadline.compareTo(heartbeatInterval) > 0, "silenceDeadline must be over heartbeatInterval");
        require(firstResend.isPositive(), "firstResend must be above zero");
        require(lastResend.compareTo(firstResend) >= 0, "lastResend must not be below firstResend");
        require(maxPending > 0 && maxPendingPerServer > 0, "maxPending must be at least 1");
        require(firstBackOff.isPositive(), "firstBackOff must be above zero");
        require(lastBackOff.compareTo(firstBackOff) >= 0, "lastBackOff must not be below firstBackOff");
        require(maxPayload <= PacketLayout.MAX_PAYLOAD, "maxPayload is at most " + PacketLayout.MAX_PAYLOAD);
    }

    public static MessagingLinkSettings defaults(CipherOffer offer) {
        return new MessagingLinkSettings(
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofSeconds(8),
                Duration.ofMillis(200),
                Duration.ofSeconds(1),
                256,
                64,
                2 * 1024 * 1024,
                Duration.ofMillis(250),
                Duration.ofSeconds(15),
                PacketLayout.MAX_PAYLOAD,
                offer);
    }

    public MessagingLinkSettings withHandshakes(Duration deadline, int pending, int pendingPerServer) {
        return new MessagingLinkSettings(
                deadline,
                heartbeatInterval,
                silenceDeadline,
                firstResend,
                lastResend,
                pending,
                pendingPerServer,
                linkQueue,
                firstBackOff,
                lastBackOff,
                maxPayload,
                offer);
    }

    public MessagingLinkSettings withHeartbeat(Duration interval, Duration silence) {
        return new MessagingLinkSettings(
                handshakeDeadline,
                interval,
                silence,
                firstResend,
                lastResend,
                maxPending,
                maxPendingPerServer,
                linkQueue,
                firstBackOff,
                lastBackOff,
                maxPayload,
                offer);
    }

    /// Heartbeats without a byte from the neighbour after which it counts as silent.
    int quietHeartbeats() {
        return Math.toIntExact(
                (silenceDeadline.toNanos() + heartbeatInterval.toNanos() - 1) / heartbeatInterval.toNanos());
    }

    private static void require(boolean held, String otherwise) {
        if (!held) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
