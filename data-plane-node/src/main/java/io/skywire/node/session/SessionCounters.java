package io.skywire.node.session;

import java.time.Duration;
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
/// @param failovers those of them that left a failed route under traffic, and how long each took
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
        Map<SwitchReason, Long> switches,
        Failovers failovers) {
    /// A failover that takes longer is slow.
    static final Duration SLOW_FAILOVER = Duration.ofSeconds(1);

    /// Switches under traffic away from a route that failed.
    ///
    /// @param slow those of them after more than a second of silence
    /// @param silence for how long nothing had come through the routes that were left, all together
    public record Failovers(long count, long slow, Duration silence) {}

    public SessionCounters {
        switches = Map.copyOf(switches);
    }
}
