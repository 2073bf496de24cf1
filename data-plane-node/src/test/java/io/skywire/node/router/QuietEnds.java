package io.skywire.node.router;

import io.netty.buffer.ByteBuf;
import io.skywire.shared.rule.RouteUid;
import java.time.Duration;

/// Ends and probes to which nothing happens, for tests of what comes before them.
public final class QuietEnds implements RouteEnds, RouteProbes {
    @Override
    public void opened(EdgeRoute route) {}

    @Override
    public void closed(EdgeRoute route, String reason) {}

    @Override
    public void payload(EdgeRoute route, ByteBuf payload) {
        payload.release();
    }

    @Override
    public void endOfRead() {}

    @Override
    public void answered(RouteUid route, Duration roundTrip) {}

    @Override
    public void unanswered(RouteUid route, String detail) {}
}
