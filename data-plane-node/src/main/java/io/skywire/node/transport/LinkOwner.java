package io.skywire.node.transport;

import io.skywire.shared.transport.TransportId;
import java.time.Duration;

/// What a link tells those who made it, on its event loop.
interface LinkOwner {
    /// Both edges have signed. The owner decides whether this link stays, and calls [Link#open] or [Link#fail].
    void settled(Link link);

    /// A link that had settled has ended.
    void gone(Link link, String reason);

    /// A link was not made, or was ended by this side.
    void failed(LinkFailure kind, String detail);

    void roundTrip(TransportId id, Duration roundTrip);
}
