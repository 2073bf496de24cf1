package io.skywire.local.drill;

import io.skywire.local.LiveNetwork;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Follows which route each session uses that was dialled at certain nodes, and counts how often that changes. For one
/// thread.
///
/// | what happens | counts as |
/// |---|---|
/// | the link of the route in use goes down | one switch that is allowed |
/// | the session uses another route than when it was last looked at | one switch |
final class RouteWatch {
    private final LiveNetwork network;
    private final Set<String> diallers;
    private final Map<String, String> routes = new HashMap<>();
    private int switches;
    private int allowed;

    RouteWatch(LiveNetwork network, Set<String> diallers) {
        this.network = network;
        this.diallers = diallers;
    }

    /// Looks at every session now.
    void look() {
        diallers.forEach(node -> {
            for (JsonNode session : network.read(node, "/v1/sessions")) {
                if (session.path("end").asString("").equals("initiator")
                        && session.path("primary").isString()) {
                    seen(
                            session.path("session").asString(""),
                            session.path("primary").asString(""));
                }
            }
        });
    }

    /// A session uses this route.
    void seen(String session, String route) {
        String before = routes.put(session, route);
        if (before != null && !before.equals(route)) {
            switches++;
        }
    }

    /// A link goes down now: each session whose route in use leaves its dialler over one of `egresses` may switch once.
    void goesDown(Set<String> egresses) {
        look();
        diallers.forEach(node -> {
            for (JsonNode rule : network.read(node, "/v1/rules")) {
                if (rule.path("kind").asString("").equals("forward")
                        && egresses.contains(rule.path("egress").asString(""))) {
                    goesDown(rule.path("route").asString(""));
                }
            }
        });
    }

    /// The link of this route goes down now.
    void goesDown(String route) {
        if (routes.containsValue(route)) {
            allowed++;
        }
    }

    int switches() {
        return switches;
    }

    int allowed() {
        return allowed;
    }
}
