/// The agents' gRPC sessions: proves keys, translates messages and brings them to the rooms. Holds no behaviour of the
/// network.
///
/// Start here: [ConnectedAgents] is the face; [AgentService] is the gRPC service; on the wire:
/// docs/protocol/agent-session.md and `agent_session.proto`.
/// Allowed arrows: identity, directory, discovery, rules, routefinder, setup, limits, reachability,
/// platform.
@ApplicationModule(
        allowedDependencies = {
            "identity",
            "directory",
            "discovery",
            "rules",
            "routefinder",
            "setup",
            "limits",
            "reachability",
            "platform"
        })
@NullMarked
package io.skywire.control.agent;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
