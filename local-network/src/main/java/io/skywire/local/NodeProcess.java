package io.skywire.local;

import io.skywire.shared.key.PublicKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        return start(installation, state, config, List.of());
    }

    /// With flags for its JVM.
    static NodeProcess start(Installation installation, StateDirectory state, NodeConfig config, List<String> flags) {
        List<String> command = new ArrayList<>(installation.java("data-plane-node", "512m", MAIN));
        command.addAll(1, flags);
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

    /// Any command of the node's command line, with `--output json`.
    ChildProcess.Outcome command(String command, String... arguments) {
        child.requireAlive();
        List<String> line = commandLine(installation, command);
        line.addAll(List.of("--config", config.file().toString()));
        line.addAll(List.of(arguments));
        return ChildProcess.run(line, Path.of("/"), ANSWER);
    }

    /// `GET path` of its API, without a process of its own.
    JsonNode read(String path) throws IOException {
        return ApiSocket.get(config.apiSocket(), path);
    }

    /// The status line and body with which its API answers `POST path`, as `200 OK {…}`.
    String post(String path, String body) throws IOException {
        return ApiSocket.post(config.apiSocket(), path, body);
    }

    /// One of the listings (`status`, `transports`, `routes`, `rules`, `sessions`) of several nodes at once, each as
    /// its own single answer would be, by name. One JVM for all of them.
    static Map<String, JsonNode> ask(Installation installation, Collection<NodeProcess> nodes, String view) {
        List<String> line = commandLine(installation, view);
        for (NodeProcess node : nodes) {
            node.child.requireAlive();
            line.addAll(List.of("--config", node.config.file().toString()));
        }
        ChildProcess.Outcome outcome = ChildProcess.run(line, Path.of("/"), ANSWER);
        if (!outcome.succeeded()) {
            throw new NetworkFailure("the nodes do not answer '" + view + "': " + outcome.said());
        }
        Map<String, JsonNode> answers = new LinkedHashMap<>();
        JsonNode all = json(outcome);
        for (NodeProcess node : nodes) {
            answers.put(node.name(), nodes.size() == 1 ? all : of(all, node, view));
        }
        return answers;
    }

    /// What a command printed.
    static JsonNode json(ChildProcess.Outcome outcome) {
        try {
            return JSON.readTree(outcome.out());
        } catch (JacksonException notJson) {
            throw new NetworkFailure("this was to be JSON: " + outcome.said());
        }
    }

    /// A status is an object with more keys in it; the other listings stand under their own name.
    private static JsonNode of(JsonNode all, NodeProcess node, String view) {
        for (JsonNode answer : all) {
            if (answer.path("node").asString("").equals(node.key().hex())) {
                return view.equals("status") ? answer : answer.required(view);
            }
        }
        throw new NetworkFailure(node.name() + " is missing in the answer: " + all);
    }

    private static List<String> commandLine(Installation installation, String command) {
        List<String> line = new ArrayList<>(installation.java("data-plane-node", "128m", MAIN));
        line.add(1, "-XX:TieredStopAtLevel=1"); // ends before the better compiler would pay
        line.addAll(List.of(command, "--output", "json"));
        return line;
    }
}
