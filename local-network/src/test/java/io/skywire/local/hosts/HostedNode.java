package io.skywire.local.hosts;

import io.skywire.local.ChildProcess;
import io.skywire.local.Installation;
import io.skywire.local.RunHome;
import io.skywire.shared.key.PublicKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A node's process on a host of its own, asked by its command line.
record HostedNode(String namespace, PublicKey key, Path config, Installation installation, ChildProcess child) {
    static final int SOCKS = 1080;
    static final int LISTEN = 7777;

    private static final String MAIN = "io.skywire.node.cli.NodeMain";
    private static final Duration ANSWER = Duration.ofSeconds(60);

    static HostedNode start(
            String name, String namespace, PublicKey key, Path config, Installation installation, RunHome home) {
        List<String> command = new ArrayList<>(installation.java("data-plane-node", "512m", MAIN));
        command.addAll(List.of("run", "--end-with-parent", "--config", config.toString()));
        return new HostedNode(
                namespace,
                key,
                config,
                installation,
                ChildProcess.start(name, Namespaces.in(namespace, command), home));
    }

    /// The answer to one of the node's listings, as `status`.
    JsonNode ask(String view) {
        child.requireAlive();
        List<String> command = new ArrayList<>(installation.java("data-plane-node", "128m", MAIN));
        command.add(1, "-XX:TieredStopAtLevel=1"); // ends before the better compiler would pay
        command.addAll(List.of(view, "--output", "json", "--config", config.toString()));
        Machine.Outcome outcome = Machine.run(command, ANSWER);
        if (!outcome.succeeded()) {
            throw new IllegalStateException(key + " does not answer '" + view + "': " + outcome);
        }
        return new JsonMapper().readTree(outcome.out());
    }

    /// The types of the transports that are up.
    Set<String> transportTypes() {
        Set<String> types = new HashSet<>();
        for (JsonNode transport : ask("transports")) {
            types.add(transport.path("type").asString(""));
        }
        return types;
    }

    /// What the node says by itself of whether others can dial it.
    JsonNode reachability() {
        return ask("status").path("reachability");
    }
}
