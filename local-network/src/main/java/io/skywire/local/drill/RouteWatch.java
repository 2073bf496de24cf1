package io.skywire.local.drill;

import io.skywire.local.LiveNetwork;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Follows which route each session uses that was dialled at certain nodes. For one thread.
record RouteWatch(LiveNetwork network, Set<String> diallers, RouteCount count) {
    RouteWatch(LiveNetwork network, Set<String> diallers) {
        this(network, diallers, new RouteCount());
    }

    /// Looks at every session now.
    void look() {
        for (String node : diallers) {
            for (JsonNode session : network.read(node, "/v1/sessions")) {
                if (session.path("end").asString("").equals("initiator")
                        && session.path("primary").isString()) {
                    count.seen(
                            session.path("session").asString(""),
                            session.path("primary").asString(""));
                }
            }
        }
    }

    /// A link goes down now: each session whose route in use leaves its dialler over one of `egresses` may switch once.
    void goesDown(Set<String> egresses) {
        look();
        for (String node : diallers) {
            for (JsonNode rule : network.read(node, "/v1/rules")) {
                if (rule.path("kind").asString("").equals("forward")
                        && egresses.contains(rule.path("egress").asString(""))) {
                    count.goesDown(rule.path("route").asString(""));
                }
            }
        }
    }
}
