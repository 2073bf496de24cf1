package io.skywire.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.skywire.control.agent.SimulatedAgent;
import io.skywire.control.agent.SimulatedNetwork;
import io.skywire.control.directory.NodeBook;
import io.skywire.control.platform.ProblemType;
import io.skywire.control.platform.ServiceKeys;
import io.skywire.control.routefinder.RouteAnswer;
import io.skywire.control.routefinder.RouteFinder;
import io.skywire.control.routefinder.RouteQuery;
import io.skywire.control.setup.FailureReason;
import io.skywire.control.setup.RouteState;
import io.skywire.control.testing.ApiDescription;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.StockCaller;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestKeys;
import io.skywire.proto.v1.RuleRefusalReason;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.node.NodeAddress;
import io.skywire.shared.node.NodeFacts;
import java.lang.reflect.Parameter;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ValueConstants;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;

/// The description of our own API, held against the controllers in both directions and against real answers.
final class OpenApiIT {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @TempDir
    static Path home;

    private static TestControlPlane plane;
    private static ApiDescription description;

    @BeforeAll
    static void start() throws Exception {
        plane = TestControlPlane.start(
                POSTGRES.database().url(),
                home,
                Map.of(
                        "skywire.setup.node-timeout",
                        "2s",
                        "skywire.agent.drain-grace",
                        "100ms",
                        "skywire.agent.drain-spread",
                        "0ms"));
        HttpResponse<String> served = ControlPlaneIT.get(plane, "/api/v1/openapi.yaml");
        assertThat(served.headers().firstValue("Content-Type")).contains("application/yaml");
        description = ApiDescription.parse(served.body());
    }

    @AfterAll
    static void stop() {
        plane.close();
    }

    @Test
    void describesEveryMappingAndNothingElse() {
        Map<String, Set<String>> served = new TreeMap<>();
        handlers()
                .forEach((mapping, handler) -> mapping.getPatternValues().stream()
                        .filter(path -> path.startsWith("/api/"))
                        .forEach(path -> mapping.getMethodsCondition()
                                .getMethods()
                                .forEach(method -> served.put(
                                        method.name().toLowerCase(Locale.ROOT) + " " + path, parameters(handler)))));
        Map<String, Set<String>> described = new TreeMap<>();
        description
                .document()
                .get("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(operation -> described.put(
                                operation.getKey() + " " + path.getKey(), describedParameters(operation.getValue()))));

        assertThat(described).isEqualTo(served).isNotEmpty();
    }

    @Test
    void namesTheSameValuesAsTheCode() {
        assertThat(values("/components/schemas/RouteState/enum")).containsExactlyElementsOf(names(RouteState.values()));
        assertThat(values("/components/schemas/FailureReason/enum"))
                .containsExactlyElementsOf(names(FailureReason.values()));
        assertThat(values("/components/schemas/Problem/properties/type/enum"))
                .containsExactlyElementsOf(Arrays.stream(ProblemType.values())
                        .map(type -> type.uri().toString())
                        .toList());
    }

    @Test
    void isWholeInItself() {
        JsonNode document = description.document();
        assertThat(document.get("openapi").stringValue()).isEqualTo("3.1.0");
        List<String> references = document.findValuesAsString("$ref");
        assertThat(references)
                .isNotEmpty()
                .allSatisfy(reference -> assertThat(
                                document.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse());
        document.get("paths")
                .forEach(path -> path.forEach(operation -> {
                    assertThat(operation.at("/responses/200/description").isString())
                            .isTrue();
                    assertThat(operation.at("/responses/default/$ref").stringValue())
                            .isEqualTo("#/components/responses/Problem");
                }));
        assertThat(document.findValuesAsString("operationId"))
                .doesNotHaveDuplicates()
                .hasSameSizeAs(document.get("paths").findValues("responses"));
    }

    @Test
    void realAnswersAreAsDescribed() throws Exception {
        try (SimulatedNetwork network = new SimulatedNetwork()) {
            List<SimulatedAgent> agents = TestKeys.pairs(3, 31_415).stream()
                    .map(keys -> network.join(
                            plane.grpcPort(),
                            keys,
                            plane.room(ServiceKeys.class).setup().publicKey()))
                    .toList();
            network.chain(agents);
            RouteQuery query = new RouteQuery(
                    agents.getFirst().key(), agents.getLast().key(), 0, RouteQuery.MAX_HOPS, 1, Set.of(), Set.of());
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> plane.room(RouteFinder.class).find(query) instanceof RouteAnswer.Found);
            JsonNode explained = assertDescribed(
                    "/api/v1/routes/explain?minHops=1&from="
                            + agents.getFirst().key().hex() + "&to="
                            + agents.getLast().key().hex(),
                    "/api/v1/routes/explain");
            assertThat(explained.get("verdict").stringValue()).isEqualTo("ROUTE");
            assertThat(explained.at("/route/hops")).hasSize(2);
            agents.getFirst().setUp(SimulatedAgent.request(agents.getLast().key()));
            agents.get(1).refuse(rule -> Optional.of(RuleRefusalReason.RULE_REFUSAL_REASON_TABLE_FULL));
            agents.getFirst().setUp(SimulatedAgent.request(agents.getLast().key()));
        }

        JsonNode transports = assertDescribed(
                "/api/v1/transports?edge="
                        + TestKeys.pairs(3, 31_415).get(1).publicKey().hex(),
                "/api/v1/transports");
        assertThat(transports).hasSize(2);
        assertDescribed("/api/v1/transports/" + transports.at("/0/id").stringValue(), "/api/v1/transports/{id}");
        JsonNode list = assertDescribed("/api/v1/routes?limit=10", "/api/v1/routes");
        assertThat(list.findValuesAsString("state")).contains("FAILED").hasSizeGreaterThanOrEqualTo(2);
        assertDescribed("/api/v1/routes/" + list.at("/0/uid").stringValue(), "/api/v1/routes/{uid}");
        assertDescribed("/api/v1/routes?state=FAILED", "/api/v1/routes");
        assertExplained(known());
        NodeBook book = plane.room(NodeBook.class);
        List<KeyPair> known = known();
        book.told(known.get(0).publicKey(), "test/1", NodeFacts.publicAt(List.of(new NodeAddress("192.0.2.7", 7777))));
        book.told(known.get(1).publicKey(), "test/1", NodeFacts.HIDDEN);
        JsonNode nodes = assertDescribed("/api/v1/nodes?limit=2", "/api/v1/nodes");
        assertThat(nodes.get("nodes")).hasSize(2);
        assertDescribed("/api/v1/nodes/" + nodes.at("/nodes/0/key").stringValue(), "/api/v1/nodes/{key}");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(assertDescribed("/api/v1/blame", "/api/v1/blame")
                                .at("/subjects/0/evidence/0/reason")
                                .stringValue())
                        .isEqualTo("REFUSED"));
        assertThat(assertDescribed("/api/v1/routes?state=PROBING", "/api/v1/routes"))
                .isEmpty();
    }

    private static List<KeyPair> known() {
        return TestKeys.pairs(3, 31_415);
    }

    /// With a route, without one, and with nobody there.
    private static void assertExplained(List<KeyPair> nodes) throws Exception {
        String from = nodes.get(0).publicKey().hex();
        String to = nodes.get(2).publicKey().hex();
        String stranger = TestKeys.pairs(1, 2_718).getFirst().publicKey().hex();
        String explain = "/api/v1/routes/explain?from=" + from;
        JsonNode none = assertDescribed(
                explain + "&to=" + to + "&avoid=" + nodes.get(1).publicKey().hex(), "/api/v1/routes/explain");
        assertThat(none.get("verdict").stringValue()).isEqualTo("NO_ROUTE");
        assertThat(none.at("/cut/source/members/0").stringValue()).isEqualTo(from);
        assertThat(none.get("registry").stringValue()).isEqualTo("READ");
        JsonNode unknown = assertDescribed(explain + "&to=" + stranger, "/api/v1/routes/explain");
        assertThat(unknown.get("verdict").stringValue()).isEqualTo("NO_SUCH_NODE");
        assertThat(ControlPlaneIT.get(plane, explain + "&to=" + to + "&metric=beauty")
                        .statusCode())
                .isEqualTo(400);
        assertThat(ControlPlaneIT.get(plane, explain + "&to=" + to + "&maxHops=17")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void theJudgeRefusesWhatIsNotAsDescribed() {
        assertThat(description.violations("PublicKey", "\"04" + "a".repeat(64) + "\""))
                .isNotEmpty();
        assertThat(description.violations("Route", "{}")).isNotEmpty();
        assertThat(description.violations("Problem", "{\"type\":\"/errors/other\"}"))
                .isNotEmpty();
        assertThat(description.violations("RouteState", "\"ACTIVE\"")).isEmpty();
    }

    private static JsonNode assertDescribed(String path, String pattern) throws Exception {
        HttpResponse<String> answer = ControlPlaneIT.get(plane, path);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonNode schema = description
                .document()
                .get("paths")
                .get(pattern)
                .at("/get/responses/200/content")
                .get("application/json")
                .get("schema");
        assertThat(description.violations(schema, answer.body()))
                .as(answer.body())
                .isEmpty();
        return StockCaller.json(answer);
    }

    private static Map<RequestMappingInfo, HandlerMethod> handlers() {
        Map<RequestMappingInfo, HandlerMethod> handlers = new HashMap<>();
        Objects.requireNonNull(plane.room(DispatcherServlet.class).getHandlerMappings(), "no request was served yet")
                .forEach(mapping -> {
                    if (mapping instanceof RequestMappingHandlerMapping methods) {
                        handlers.putAll(methods.getHandlerMethods());
                    }
                });
        return handlers;
    }

    /// `in name required` of each.
    private static Set<String> parameters(HandlerMethod handler) {
        Set<String> parameters = new TreeSet<>();
        for (Parameter parameter : handler.getMethod().getParameters()) {
            RequestParam query = parameter.getAnnotation(RequestParam.class);
            if (query != null) {
                boolean required = query.required()
                        && query.defaultValue().equals(ValueConstants.DEFAULT_NONE)
                        && parameter.getType() != Optional.class;
                parameters.add("query " + named(query.value() + query.name(), parameter) + " " + required);
            }
            PathVariable path = parameter.getAnnotation(PathVariable.class);
            if (path != null) {
                parameters.add("path " + named(path.value(), parameter) + " true");
            }
        }
        return parameters;
    }

    private static String named(String annotated, Parameter parameter) {
        return annotated.isEmpty() ? parameter.getName() : annotated;
    }

    private static Set<String> describedParameters(JsonNode operation) {
        Set<String> parameters = new TreeSet<>();
        operation
                .path("parameters")
                .forEach(parameter -> parameters.add(parameter.get("in").stringValue() + " "
                        + parameter.get("name").stringValue() + " "
                        + parameter.get("required").booleanValue()));
        return parameters;
    }

    private static List<String> values(String pointer) {
        return description
                .document()
                .at(pointer)
                .valueStream()
                .map(JsonNode::stringValue)
                .toList();
    }

    private static List<String> names(Enum<?>[] values) {
        return Arrays.stream(values).map(Enum::name).toList();
    }
}
