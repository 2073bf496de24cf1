package io.skywire.local.conformance;

import static io.skywire.local.conformance.StockNetwork.holds;
import static io.skywire.local.conformance.StockNetwork.problem;
import static io.skywire.local.conformance.StockNetwork.refused;
import static io.skywire.local.conformance.StockNetwork.same;
import static io.skywire.local.conformance.StockNetwork.status;
import static io.skywire.local.conformance.StockNetwork.textError;

import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Section 7 of the reference, as far as it is served here: uptime, service URLs; and our own node directory.
final class DirectoryCases {
    private static final Set<String> SERVICES = Set.of(
            "dmsg_discovery",
            "transport_discovery",
            "address_resolver",
            "route_finder",
            "route_setup_nodes",
            "transport_setup",
            "uptime_tracker",
            "service_discovery",
            "stun_servers",
            "dns_server",
            "survey_whitelist");

    private DirectoryCases() {}

    static List<Case> all() {
        return List.of(
                new Case("uptime: an update needs a signature", network -> {
                    refused(network.a.unsigned("GET", "/v4/update?version=v1", ""), "SW-Public missing");
                    textError(network.a.unsigned("GET", uptime(network.a), ""), 404);
                }),
                new Case("uptime: an update credits today and is answered 200 and nothing", network -> {
                    for (int i = 0; i < 3; i++) {
                        var answer = network.a.call("GET", "/v4/update?version=v1.3.29", "");
                        status(answer, 200);
                        same("body", "", answer.body());
                    }
                    same("refreshes", 0, network.a.refreshes());
                    var brief = network.b.unsigned("GET", uptime(network.a), "");
                    status(brief, 200);
                    same(
                            "body",
                            "{\"key\":\"" + network.a.publicKey().hex() + "\",\"online\":true}",
                            brief.body().strip());
                    JsonNode detailed = StockClient.json(network.b.unsigned("GET", uptime(network.a) + "?v=v2", ""));
                    same("version", "v1.3.29", detailed.path("version").asString(""));
                    same("on", true, detailed.path("on").asBoolean(false));
                    // One stretch of 300 s, or two if the second began in between.
                    for (JsonNode percent : detailed.path("daily")) {
                        holds("a day of " + percent, Set.of("0.35", "0.69").contains(percent.asString("")));
                    }
                    holds("no day is credited", !detailed.path("daily").isEmpty());
                }),
                new Case("uptime: older updates are gone", network -> {
                    for (String path : List.of("/update", "/v2/update", "/v3/update")) {
                        var answer = network.a.call("GET", path, "");
                        status(answer, 410);
                        same("body", "", answer.body());
                    }
                    status(network.a.call("GET", "/v4/update", ""), 200);
                }),
                new Case("uptime: lists are filtered by visor and by status", network -> {
                    network.a.call("GET", "/v4/update?version=v1", "");
                    String both = "visors=" + network.a.publicKey().hex() + ","
                            + network.b.publicKey().hex();
                    String one = "[{\"key\":\"" + network.a.publicKey().hex() + "\",\"online\":true}]";
                    same("all", one, list(network, both));
                    same("on", one, list(network, both + "&status=on"));
                    same("off", "[]", list(network, both + "&status=off"));
                    JsonNode detailed = StockClient.json(network.a.unsigned("GET", "/uptimes?v=v2&" + both, ""));
                    same(
                            "pk",
                            network.a.publicKey().hex(),
                            detailed.path(0).path("pk").asString(""));
                }),
                new Case("uptime: bad parameters are the caller's", network -> {
                    for (String bad : List.of(
                            "/uptimes?visors=zz",
                            "/uptimes?startDate=x",
                            "/uptimes?startDate=200000&endDate=0",
                            "/uptime/zz")) {
                        textError(network.a.unsigned("GET", bad, ""), 400);
                    }
                    same(
                            "good parameters",
                            "[]",
                            list(network, "visors=" + network.a.publicKey().hex()));
                }),
                new Case("uptime: the map of visors is a list", network -> {
                    var answer = network.a.unsigned("GET", "/visors", "");
                    status(answer, 200);
                    holds("no list: " + answer.body(), StockClient.json(answer).isArray());
                    status(network.a.unsigned("DELETE", "/visors", ""), 405);
                }),
                new Case("config: names services by their stock names and none that is empty", network -> {
                    var answer = network.a.unsigned("GET", "/config", "");
                    status(answer, 200);
                    JsonNode config = StockClient.json(answer);
                    holds("no object: " + answer.body(), config.isObject());
                    status(network.a.unsigned("DELETE", "/config", ""), 405);
                    for (var service : config.properties()) {
                        holds("unknown service " + service.getKey(), SERVICES.contains(service.getKey()));
                        holds(
                                service.getKey() + " is empty",
                                !service.getValue().isEmpty()
                                        || !service.getValue().asString("").isEmpty());
                    }
                }),
                new Case("config: names the messaging servers", network -> {
                    status(
                            MessagingCases.post(
                                    network,
                                    StockDocument.server(network.a, "0", java.time.Instant.now(), "192.0.2.9:8080", 1)
                                            .text()),
                            200);
                    var answer = network.a.unsigned("GET", "/dmsghttp", "");
                    status(answer, 200);
                    holds(
                            "it is not named",
                            answer.body()
                                    .contains("{\"static\":\""
                                            + network.a.publicKey().hex()
                                            + "\",\"server\":{\"address\":\"192.0.2.9:8080\"}}"));
                }),
                new Case("nodes: one that only sends updates is known, but nowhere", network -> {
                    network.a.call("GET", "/v4/update?version=v1.3.29", "");
                    var answer = network.b.unsigned("GET", node(network.a), "");
                    status(answer, 200);
                    JsonNode node = StockClient.json(answer);
                    same("software", "v1.3.29", node.path("software").asString(""));
                    same("online", true, node.path("online").asBoolean(false));
                    same("public", false, node.path("public").asBoolean(true));
                    holds("it has addresses", node.path("addresses").isEmpty());
                    problem(network.a.unsigned("GET", node(network.b), ""), 404);
                }),
                new Case("nodes: pages are bounded and bad input is a problem", network -> {
                    var page = network.a.unsigned("GET", "/api/v1/nodes?public=true&limit=1", "");
                    status(page, 200);
                    holds(
                            "too many: " + page.body(),
                            StockClient.json(page).path("nodes").size() <= 1);
                    for (String bad : List.of("?limit=0", "?limit=501", "?public=x", "?after=zz", "/zz")) {
                        problem(network.a.unsigned("GET", "/api/v1/nodes" + bad, ""), 400);
                    }
                }));
    }

    private static String uptime(StockClient visor) {
        return "/uptime/" + visor.publicKey().hex();
    }

    private static String node(StockClient visor) {
        return "/api/v1/nodes/" + visor.publicKey().hex();
    }

    private static String list(StockNetwork network, String query) throws java.io.IOException, Case.Mismatch {
        var answer = network.a.unsigned("GET", "/uptimes?" + query, "");
        status(answer, 200);
        return answer.body().strip();
    }
}
