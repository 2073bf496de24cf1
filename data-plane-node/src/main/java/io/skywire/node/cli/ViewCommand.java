package io.skywire.node.cli;

import io.skywire.node.api.ApiException;
import io.skywire.node.api.ApiJson;
import io.skywire.node.api.PublishedView;
import io.skywire.node.api.RouteView;
import io.skywire.node.api.RuleView;
import io.skywire.node.api.SessionView;
import io.skywire.node.api.StatusView;
import io.skywire.node.api.TransportView;
import io.skywire.node.config.ConfigException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/// One command for each view: prints it and changes nothing.
@Command(mixinStandardHelpOptions = true)
final class ViewCommand implements Callable<Integer> {
    private final NodeQuestions nodes;
    private final String view;
    private final NodeQuestions.Text text;

    @Mixin
    private Configs configs = new Configs();

    @Mixin
    private Output output = new Output();

    private ViewCommand(NodeQuestions nodes, String view, NodeQuestions.Text text) {
        this.nodes = nodes;
        this.view = view;
        this.text = text;
    }

    static ViewCommand status(NodeQuestions nodes) {
        return new ViewCommand(
                nodes, "status", (views, answer) -> views.status(ApiJson.MAPPER.treeToValue(answer, StatusView.class)));
    }

    static ViewCommand transports(NodeQuestions nodes) {
        return new ViewCommand(
                nodes, "transports", (views, answer) -> views.transports(list(answer, TransportView.class)));
    }

    static ViewCommand routes(NodeQuestions nodes) {
        return new ViewCommand(nodes, "routes", (views, answer) -> views.routes(list(answer, RouteView.class)));
    }

    static ViewCommand rules(NodeQuestions nodes) {
        return new ViewCommand(nodes, "rules", (views, answer) -> views.rules(list(answer, RuleView.class)));
    }

    static ViewCommand sessions(NodeQuestions nodes) {
        return new ViewCommand(nodes, "sessions", (views, answer) -> views.sessions(list(answer, SessionView.class)));
    }

    static ViewCommand published(NodeQuestions nodes) {
        return new ViewCommand(
                nodes, "published", (views, answer) -> views.published(list(answer, PublishedView.class)));
    }

    @Override
    public Integer call() throws UsageException, ConfigException, ApiException, InterruptedException {
        return nodes.show(configs, output, view, text);
    }

    private static <T> List<T> list(JsonNode answer, Class<T> type) {
        return ApiJson.MAPPER.readerForListOf(type).readValue(answer);
    }
}
