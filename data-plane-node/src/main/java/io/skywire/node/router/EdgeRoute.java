package io.skywire.node.router;

import io.netty.buffer.ByteBuf;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;

/// This node's end of one route: both of its rules are in the table. Safe for any thread.
public interface EdgeRoute {
    RouteUid route();

    /// The session the route was set up for; its initiator chose it.
    SessionUid session();

    /// Which end this node is. The initiator's side of a session is the QUIC client.
    RouteEnd end();

    PublicKey peer();

    /// The largest payload that every transport of the route carries.
    int maxPayload();

    /// Sends the readable bytes as one DATA packet and releases the buffer. May drop; never blocks. The packet leaves
    /// at [#flush()] at the latest.
    void send(ByteBuf payload);

    void flush();

    /// Sends a PROBE with that number at once; what comes back goes to [RouteEnds#replied].
    default void probe(long number) {}
}
