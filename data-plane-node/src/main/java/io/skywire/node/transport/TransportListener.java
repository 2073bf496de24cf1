package io.skywire.node.transport;

import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportId;

/// Hears of links that come and go. Called on the link's event loop; must not block.
public interface TransportListener {
    /// The transport is settled and carries packets from now on.
    void up(Transport transport);

    /// The transport that was up is gone. `reason` is for people.
    void down(Transport transport, String reason);

    /// A link could not be made, or was refused: a wrong key, a replayed handshake, a frame over the limit.
    /// `kind` is a bounded label for metrics, `detail` is for people.
    default void failed(LinkFailure kind, String detail) {}

    /// What the link achieves now; about once per heartbeat.
    default void measured(TransportId id, LinkMeasurement measured) {}
}
