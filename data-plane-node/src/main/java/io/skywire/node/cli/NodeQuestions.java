package io.skywire.node.cli;

import io.skywire.node.api.ApiClient;
import io.skywire.node.api.ApiException;
import io.skywire.node.api.ApiJson;
import io.skywire.node.config.ConfigException;
import io.skywire.node.config.ConfigFile;
import io.skywire.node.config.NodeConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// Asks running nodes and prints what they say.
final class NodeQuestions {
    private final Terminal terminal;

    NodeQuestions(Terminal terminal) {
        this.terminal = terminal;
    }

    /// A request through an open client.
    @FunctionalInterface
    interface Request {
        JsonNode send(ApiClient client) throws ApiException, InterruptedException;
    }

    /// A node's address book and its answer, as text.
    @FunctionalInterface
    interface Text {
        String of(TextViews views, JsonNode answer);
    }

    /// Shows one view of every node that was named.
    int show(Configs configs, Output output, String view, Text text)
            throws UsageException, ConfigException, ApiException, InterruptedException {
        var files = configs.all(terminal);
        if (files.size() == 1) {
            NodeConfig config = ConfigFile.forAsking(files.getFirst());
            JsonNode answer = ask(config, client -> client.get("/v1/" + view));
            terminal.print(output.isJson() ? Output.json(answer) : text.of(views(config), answer));
            return ExitCode.HELD;
        }
        int exit = ExitCode.HELD;
        var all = ApiJson.MAPPER.createArrayNode();
        for (Path file : files) {
            Answered answered = askOne(file, view);
            exit = Math.max(exit, answered.failure().isPresent() ? ExitCode.MACHINE_LACKS : ExitCode.HELD);
            if (output.isJson()) {
                all.add(answered.json(view));
            } else {
                terminal.print(answered.heading());
                terminal.print(
                        answered.failure().orElseGet(() -> text.of(views(answered.config()), answered.answer())));
                terminal.print("");
            }
        }
        if (output.isJson()) {
            terminal.print(Output.json(all));
        }
        return exit;
    }

    /// Does one thing on one node. A refusal is told in one line, and in JSON on standard output where that was asked
    /// for.
    int act(NodeConfig config, Output output, Request request, Function<JsonNode, String> text)
            throws ApiException, InterruptedException {
        try {
            JsonNode answer = ask(config, request);
            terminal.print(output.isJson() ? Output.json(answer) : text.apply(answer));
            return ExitCode.HELD;
        } catch (ApiException.Refused refused) {
            if (output.isJson()) {
                terminal.print(Output.json(problem(refused)));
            }
            throw refused;
        }
    }

    JsonNode ask(NodeConfig config, Request request) throws ApiException, InterruptedException {
        try (ApiClient client = new ApiClient(config.apiSocket())) {
            return request.send(client);
        }
    }

    private Answered askOne(Path file, String view) throws ConfigException, InterruptedException {
        NodeConfig config = ConfigFile.forAsking(file);
        try {
            JsonNode status = ask(config, client -> client.get("/v1/status"));
            JsonNode answer = view.equals("status") ? status : ask(config, client -> client.get("/v1/" + view));
            return new Answered(file, config, status.path("node"), answer, Optional.empty());
        } catch (ApiException failed) {
            JsonNode unknown = ApiJson.MAPPER.nullNode();
            return new Answered(file, config, unknown, unknown, Optional.of(Failures.line(failed, file)));
        }
    }

    private TextViews views(NodeConfig config) {
        return new TextViews(new Peers(config), terminal.clock());
    }

    private static Map<String, Object> problem(ApiException.Refused refused) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("code", refused.refusal().code().code());
        refused.refusal().hop().ifPresent(hop -> json.put("hop", hop));
        json.put("detail", refused.refusal().detail());
        return json;
    }

    private record Answered(Path file, NodeConfig config, JsonNode node, JsonNode answer, Optional<String> failure) {
        String heading() {
            String key = node.asString("");
            return "== " + file + (key.isEmpty() ? "" : "  " + key.substring(0, Math.min(10, key.length())));
        }

        /// A status is an object with the node's key in it already.
        JsonNode json(String view) {
            var object = ApiJson.MAPPER.createObjectNode();
            object.put("config", file.toString());
            object.set("node", node);
            if (failure.isPresent()) {
                object.put("error", failure.get());
            } else if (answer.isObject()) {
                object.setAll((tools.jackson.databind.node.ObjectNode) answer);
            } else {
                object.set(view, answer);
            }
            return object;
        }
    }
}
