package io.skywire.node.session;

import java.util.Map;

/// What the sessions of a node have done since it started. A snapshot.
///
/// @param datagramsOut handed to routes
/// @param datagramsIn taken from routes
/// @param droppedInbound came faster than the session's event loop took them
/// @param droppedWithoutRoute the session had no route at that moment
/// @param droppedOversized larger than the route carries
/// @param droppedUnknown payloads of routes without a session
/// @param dialsFailed dials that ended without a session
/// @param switches sessions dialled from here that went over to another route
/// @param sessionsRefused peers that were not let in
public record SessionCounters(
        long datagramsOut,
        long datagramsIn,
        long droppedInbound,
        long droppedWithoutRoute,
        long droppedOversized,
        long droppedUnknown,
        long sessionsOpened,
        long sessionsEnded,
        long dialsFailed,
        long sessionsRefused,
        long streamsOpened,
        long streamsAccepted,
        long streamsRefused,
        Map<SwitchReason, Long> switches) {
    public SessionCounters {
        switches = Map.copyOf(switches);
    }
}
