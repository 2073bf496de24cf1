package io.skywire.local;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/// How far the clocks of processes are off, to the front or behind.
///
/// @param nodes by name; who is missing has the right time
public record Clocks(Duration controlPlane, Map<String, Duration> nodes) {
    /// Every process has the machine's time.
    public static final Clocks RIGHT = new Clocks(Duration.ZERO, Map.of());

    public Clocks {
        nodes = Map.copyOf(nodes);
    }

    List<String> flagsOf(String node) {
        Duration offset = nodes.getOrDefault(node, Duration.ZERO);
        return offset.isZero() ? List.of() : List.of("-Dskywire.clock.offset=" + offset);
    }

    Map<String, String> settingsOfControlPlane() {
        return controlPlane.isZero() ? Map.of() : Map.of("skywire.clock.offset", controlPlane.toString());
    }
}
