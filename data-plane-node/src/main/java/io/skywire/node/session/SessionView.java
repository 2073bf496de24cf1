package io.skywire.node.session;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A live session as people and metrics may see it.
///
/// @param end which end this node is; the initiator dialled
/// @param routes the session's routes, the one in use first
/// @param sharing the second route, if datagrams leave by both now
/// @param routing who stands by; known to the initiator only
/// @param setup known to the initiator only
/// @param datagramSize largest QUIC datagram of the session, in bytes
/// @param streams open streams of both ends, without the control stream
/// @param roundTrip the newest application round trip, where one was measured
public record SessionView(
        SessionUid session,
        PublicKey peer,
        RouteEnd end,
        List<RouteUid> routes,
        Optional<RouteUid> sharing,
        Routing routing,
        Optional<RouteSetup> setup,
        Instant upSince,
        int datagramSize,
        int streams,
        Optional<Duration> roundTrip) {
    /// @param standby the route that would take over now
    /// @param switches how often the session went over to another route, and why it did so last
    public record Routing(Optional<RouteUid> standby, long switches, Optional<SwitchReason> lastSwitch) {
        static final Routing NONE = new Routing(Optional.empty(), 0, Optional.empty());
    }

    public SessionView {
        routes = List.copyOf(routes);
    }
}
