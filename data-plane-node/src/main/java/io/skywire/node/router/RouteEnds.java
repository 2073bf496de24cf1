package io.skywire.node.router;

import io.netty.buffer.ByteBuf;

/// Who lives at the ends of routes: hears of them and gets their payloads. Called on the event loop of the transport
/// that a packet came from, or, for [#opened] and [#closed], on the thread that applies rules; must not block.
public interface RouteEnds {
    /// Both rules of a route are in the table now.
    void opened(EdgeRoute route);

    /// The route is gone: its rules were removed or idled out. `reason` is for people.
    void closed(EdgeRoute route, String reason);

    /// A link under the route is away, as the node beside it says: nothing passes now. The rules are still there, and
    /// the link may come back. May be told more than once.
    default void broken(EdgeRoute route) {}

    /// The answer to [EdgeRoute#probe] with that number came back through the route.
    default void replied(EdgeRoute route, long number) {}

    /// One DATA payload. The buffer is direct and belongs to the callee.
    void payload(EdgeRoute route, ByteBuf payload);

    /// One read of the socket that brought payloads is done.
    void endOfRead();
}
