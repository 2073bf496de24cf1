package io.skywire.node.transport;

import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportId;

/// What a link tells those who made it, on its event loop.
interface LinkOwner {
    /// Both edges have signed. The owner decides whether this link stays, and calls [Link#open] or [Link#fail].
    void settled(Link link);

    /// A link that had settled has ended.
    void gone(Link link, String reason);

    /// A link was not made, or was ended by this side.
    void failed(LinkFailure kind, String detail);

    /// What the link achieves now; once per heartbeat.
    void measured(TransportId id, LinkMeasurement measured);
}
