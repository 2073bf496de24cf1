package io.skywire.local;

import io.skywire.shared.key.PublicKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One node in a process of its own. It is asked through the node's command line, as an operator would.
final class NodeProcess {
    private static final String MAIN = "io.skywire.node.cli.NodeMain";
    private static final Duration READY = Duration.ofSeconds(60);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final JsonMapper JSON = new JsonMapper();

    private final Installation installation;
    private final NodeConfig config;
    private final ChildProcess child;

    private NodeProcess(Installation installation, NodeConfig config, ChildProcess child) {
        this.installation = installation;
        this.config = config;
        this.child = child;
    }

    /// Starts a node over a configuration that was written before.
    static NodeProcess start(Installation installation, StateDirectory state, NodeConfig config) {
        List<String> command = new ArrayList<>(installation.java("data-plane-node", "512m", MAIN));
        command.addAll(
                List.of("run", "--end-with-parent", "--config", config.file().toString()));
        return new NodeProcess(installation, config, ChildProcess.start(config.name(), command, state));
    }

    ChildProcess child() {
        return child;
    }

    NodeConfig config() {
        return config;
    }

    String name() {
        return config.name();
    }

    PublicKey key() {
        return config.key();
    }

    /// Waits for the line `ready node=…` of this very node.
    void awaitReady() {
        boolean ready = Patience.until(READY, () -> {
            child.requireAlive();
            return child.lines().stream().anyMatch(line -> line.startsWith("ready node=" + key().hex()));
        });
        if (!ready) {
            throw new NetworkFailure(
                    name() + " was not ready after " + READY.toSeconds() + " s; its log is " + child.log());
        }
    }

    /// The answer of a read-only command: `status`, `transports`, `routes`, `rules`, `sessions`.
    JsonNode ask(String command) {
        ChildProcess.Outcome outcome = command(command);
        if (!outcome.succeeded()) {
            throw new NetworkFailure(name() + " does not answer '" + command + "': " + outcome.said());
        }
        try {
            return JSON.readTree(outcome.out());
        } catch (JacksonException notJson) {
            throw new NetworkFailure(
                    name() + " answers '" + command + "' with something that is no JSON: " + outcome.said());
        }
    }

    /// Any command of the node's command line, with `--output json`.
    ChildProcess.Outcome command(String command, String... arguments) {
        List<String> line = new ArrayList<>(installation.java("data-plane-node", "128m", MAIN));
        line.add(1, "-XX:TieredStopAtLevel=1");
        line.add(command);
        line.addAll(List.of("--config", config.file().toString(), "--output", "json"));
        line.addAll(List.of(arguments));
        child.requireAlive();
        return ChildProcess.run(line, Path.of("/"), ANSWER);
    }
}
