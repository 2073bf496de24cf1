package io.skywire.node.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// `docs/protocol/node-api.yaml` says what the code does.
class NodeApiContractTest {
    private final JsonNode contract =
            new YAMLMapper().readTree(Path.of("../docs/protocol/node-api.yaml").toFile());
    private final FakeNode node = new FakeNode(Path.of("/run/api.sock"), 5);

    @Test
    void hasExactlyTheServedPaths() {
        Set<String> served = new TreeSet<>();
        new Endpoints(node)
                .all()
                .forEach(endpoint -> served.add(
                        endpoint.method().name().toLowerCase(java.util.Locale.ROOT) + " " + endpoint.template()));

        Set<String> written = new TreeSet<>();
        contract.path("paths")
                .forEachEntry((path, methods) -> methods.propertyNames().forEach(m -> written.add(m + " " + path)));

        assertThat(written).isEqualTo(served);
    }

    @Test
    void hasExactlyTheProblemCodes() {
        assertThat(contract.at("/components/schemas/Problem/properties/code/enum")
                        .valueStream()
                        .map(JsonNode::asString))
                .containsExactlyElementsOf(Arrays.stream(ProblemCode.values())
                        .map(ProblemCode::code)
                        .toList());
    }

    @Test
    void hasExactlyTheKeysOfEveryAnswer() throws Exception {
        DialRequest dial = new DialRequest(node.peer, new DialRequest.Path.Any(0, 0), Duration.ofSeconds(1));
        holds("Dial", value(node.dial(dial)));
        holds("Status", node.status());
        holds("Transport", node.transports().getFirst());
        holds("Route", node.routes().getFirst());
        holds("ForwardRule", node.rules().get(0));
        holds("RelayRule", node.rules().get(1));
        holds("ConsumeRule", node.rules().get(2));
        holds("Session", node.sessions().getFirst());
        holds("Trace", value(node.trace(new TraceRequest(node.peer, 1))));
        holds("Hangup", value(node.hangup(node.peer)));
        holds(
                "Published",
                new PublishedView(80, PublishedView.Protocol.TCP, "127.0.0.1:8080", java.util.Optional.empty()));
    }

    private static <T> Object value(java.util.concurrent.CompletionStage<Outcome<T>> answer) throws Exception {
        return ((Outcome.Done<T>) answer.toCompletableFuture().get(5, TimeUnit.SECONDS)).value();
    }

    private void holds(String schema, Object answer) {
        JsonNode json = ApiJson.MAPPER.valueToTree(answer);
        same(schema, contract.at("/components/schemas/" + schema), json);
    }

    /// Objects inside are compared too.
    private void same(String where, JsonNode schema, JsonNode json) {
        JsonNode resolved =
                schema.has("$ref") ? contract.at(schema.path("$ref").asString().substring(1)) : schema;
        if (json.isObject()) {
            assertThat(json.propertyNames())
                    .as(where)
                    .containsExactlyElementsOf(resolved.path("properties").propertyNames());
            json.forEachEntry((key, value) ->
                    same(where + "." + key, resolved.path("properties").path(key), value));
        } else if (json.isArray()) {
            json.forEach(item -> same(where + "[]", resolved.path("items"), item));
        }
    }
}
