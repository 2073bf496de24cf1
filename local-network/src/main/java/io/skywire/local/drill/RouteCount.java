package io.skywire.local.drill;

import java.util.HashMap;
import java.util.Map;

/// How often sessions went over to another route, and how often they had to. Not thread-safe.
///
/// | what happens | counts as |
/// |---|---|
/// | the link of a route in use goes down | one switch that is allowed |
/// | a session uses another route than when it was last looked at | one switch |
final class RouteCount {
    private final Map<String, String> routes = new HashMap<>();
    private int switches;
    private int allowed;

    /// A session uses this route.
    void seen(String session, String route) {
        String before = routes.put(session, route);
        if (before != null && !before.equals(route)) {
            switches++;
        }
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
