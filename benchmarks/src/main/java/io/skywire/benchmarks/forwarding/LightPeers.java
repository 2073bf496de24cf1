package io.skywire.benchmarks.forwarding;

import io.skywire.node.Node;
import io.skywire.node.config.ConfigFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Neighbours for an agent that is measured: whole nodes, all in this one process, each with one link.
///
/// `LightPeers CONFIG…`; prints `linked N` when all links are up, and ends with its standard input.
final class LightPeers {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration LOOK = Duration.ofMillis(50);

    private LightPeers() {}

    public static void main(String[] configs) throws Exception {
        List<Node> nodes = new ArrayList<>();
        for (String config : configs) {
            nodes.add(Node.start(ConfigFile.forRunning(Path.of(config)), "bench"));
        }
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (nodes.stream().anyMatch(node -> node.status().counts().transportsUp() != 1)) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("not all links are up after " + LIMIT.toSeconds() + " s");
            }
            LockSupport.parkNanos(LOOK.toNanos());
        }
        System.out.println("linked " + nodes.size());
        awaitEnd();
        System.exit(0);
    }

    private static void awaitEnd() throws IOException {
        while (System.in.read() >= 0) {
            // only the end matters
        }
    }
}
