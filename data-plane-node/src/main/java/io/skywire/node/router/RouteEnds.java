package io.skywire.node.router;

import io.netty.buffer.ByteBuf;

/// Who lives at the ends of routes: hears of them and gets their payloads. Called on the event loop of the transport
/// that a packet came from, or, for [#opened] and [#closed], on the thread that applies rules; must not block.
public interface RouteEnds {
    /// Both rules of a route are in the table now.
    void opened(EdgeRoute route);

    /// The route is gone: its rules were removed or idled out. `reason` is for people.
    void closed(EdgeRoute route, String reason);

    /// One DATA payload. The buffer is direct and belongs to the callee.
    void payload(EdgeRoute route, ByteBuf payload);

    /// One read of the socket that brought payloads is done.
    void endOfRead();
}
