package io.skywire.local.simulation;

import java.util.Map;
import java.util.TreeMap;

/// What a swarm has done so far, all agents together.
///
/// @param refusedConnects dials that reached no control plane: the connection was refused or broke before it was used
/// @param opens dials that reached one: sessions opened, also those it ended at once
/// @param registrations reports of links: whole views, digests, buckets, changes
/// @param agreements times that a control plane said that both sides hold the same
/// @param serverErrors sessions that a control plane ended with a fault of its own, what HTTP calls 5xx
/// @param refusals sessions that a control plane ended with a fault of the agent, what HTTP calls 4xx
/// @param toldToWait sessions that a control plane ended because it had too many
/// @param cuts sessions whose connection broke
/// @param endings how sessions ended, by status and text; at most 32 kinds
public record SwarmCounts(
        long refusedConnects,
        long opens,
        long registrations,
        long agreements,
        long serverErrors,
        long refusals,
        long toldToWait,
        long cuts,
        Map<String, Long> endings) {
    /// What came after `earlier`.
    public SwarmCounts since(SwarmCounts earlier) {
        Map<String, Long> later = new TreeMap<>();
        endings.forEach((kind, count) -> {
            long more = count - earlier.endings().getOrDefault(kind, 0L);
            if (more > 0) {
                later.put(kind, more);
            }
        });
        return new SwarmCounts(
                refusedConnects - earlier.refusedConnects(),
                opens - earlier.opens(),
                registrations - earlier.registrations(),
                agreements - earlier.agreements(),
                serverErrors - earlier.serverErrors(),
                refusals - earlier.refusals(),
                toldToWait - earlier.toldToWait(),
                cuts - earlier.cuts(),
                later);
    }
}
