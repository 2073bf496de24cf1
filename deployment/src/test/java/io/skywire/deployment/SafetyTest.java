package io.skywire.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.deployment.Manifests.Pod;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// What must be true of a rendered chart whatever the values: nobody has to ask for safety.
class SafetyTest {
    private static final int GROUP_MAY_READ = 0440;
    private static final Pattern SECRETS_NAME =
            Pattern.compile("PASS|SECRET|TOKEN|CREDENTIAL|PRIVATE|KEY$", Pattern.CASE_INSENSITIVE);

    /// A key in hex, which is shorter than a public one, or in PEM, or a password in a URL.
    private static final Pattern SECRET = Pattern.compile(
            "(?<![0-9a-fA-F:])[0-9a-fA-F]{64}(?![0-9a-fA-F])|PRIVATE KEY|(?i:password|secret|token)\\s*[=:]\\s*[^\\s,&]");

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void noProcessIsRootOrMayBecomeIt(String example) {
        for (Pod pod : Chart.SKYWIRE.render(example).pods()) {
            JsonNode security = pod.spec().path("securityContext");
            assertThat(security.path("runAsNonRoot").asBoolean(false)).isTrue();
            assertThat(security.path("runAsUser").asInt()).isPositive();
            assertThat(security.path("runAsGroup").asInt()).isPositive();
            assertThat(security.at("/seccompProfile/type").asString()).isEqualTo("RuntimeDefault");
            for (String shared : List.of("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace")) {
                assertThat(pod.spec().has(shared)).as(shared).isFalse();
            }
            assertThat(pod.containers()).allSatisfy(container -> {
                JsonNode own = container.path("securityContext");
                assertThat(own.path("runAsNonRoot").asBoolean(false)).isTrue();
                assertThat(own.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
                assertThat(own.path("privileged").asBoolean(true)).isFalse();
                assertThat(own.path("readOnlyRootFilesystem").asBoolean(false)).isTrue();
                assertThat(own.path("capabilities").toString()).isEqualTo("{\"drop\":[\"ALL\"]}");
                assertThat(own.has("runAsUser")).isFalse();
            });
        }
    }

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void noPodHoldsATokenOfKubernetes(String example) {
        Manifests manifests = Chart.SKYWIRE.render(example);

        assertThat(manifests.pods())
                .allSatisfy(pod -> assertThat(
                                pod.spec().path("automountServiceAccountToken").asBoolean(true))
                        .isFalse());
        assertThat(manifests.of("ServiceAccount"))
                .allSatisfy(account -> assertThat(
                                account.path("automountServiceAccountToken").asBoolean(true))
                        .isFalse());
        assertThat(manifests.all()).noneMatch(one -> Manifests.kind(one).contains("Role"));
    }

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void secretsAreReferredToAndNeverMade(String example) {
        Manifests manifests = Chart.SKYWIRE.render(example);

        assertThat(manifests.of("Secret")).isEmpty();
        for (Pod pod : manifests.pods()) {
            assertThat(pod.environment()).allSatisfy((name, value) -> {
                assertThat(name).doesNotContainIgnoringCase("password").doesNotContainIgnoringCase("token");
                assertThat(value).doesNotContain("password=");
            });
            assertThat(Manifests.items(pod.spec().path("volumes"))).allSatisfy(volume -> {
                assertThat(List.of("emptyDir", "secret", "configMap")).anyMatch(volume::has);
                if (volume.has("secret")) {
                    assertThat(volume.at("/secret/defaultMode").asInt()).isEqualTo(GROUP_MAY_READ);
                }
            });
        }
        for (String variable : List.of("SPRING_DATASOURCE_USERNAME", "SPRING_DATASOURCE_PASSWORD")) {
            assertThat(Manifests.items(
                            manifests.pod("control-plane").container().path("env")))
                    .filteredOn(one -> one.path("name").asString().equals(variable))
                    .singleElement()
                    .satisfies(one -> assertThat(
                                    one.at("/valueFrom/secretKeyRef/name").asString())
                            .isNotEmpty());
        }
    }

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void nothingThatIsWrittenDownLooksLikeASecret(String example) {
        Manifests manifests = Chart.SKYWIRE.render(example);

        for (Pod pod : manifests.pods()) {
            assertThat(pod.environment()).allSatisfy((name, value) -> {
                if (SECRETS_NAME.matcher(name).find()) {
                    assertThat(value).as(name).startsWith("/run/skywire/");
                }
                assertThat(value).as(name).doesNotContainPattern(SECRET);
            });
            assertThat(pod.container().path("args").toString()).doesNotContainPattern(SECRET);
            assertThat(pod.container().path("command").toString()).doesNotContainPattern(SECRET);
        }
        assertThat(manifests.of("ConfigMap"))
                .allSatisfy(map -> assertThat(map.path("data").toString()).doesNotContainPattern(SECRET));
    }

    @Test
    void aPublicKeyIsNoSecretAndASecretKeyIsOne() {
        assertThat("02" + "5e".repeat(32)).doesNotContainPattern(SECRET);
        assertThat("key: " + "5e".repeat(32) + "\n").containsPattern(SECRET);
        assertThat("-----BEGIN EC PRIVATE KEY-----").containsPattern(SECRET);
        assertThat("SKYWIRE_DATABASE_KEY").containsPattern(SECRETS_NAME);
        assertThat("SKYWIRE_KEYSDIRECTORY").doesNotContainPattern(SECRETS_NAME);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SKYWIRE_API_TOKEN", "OTHER_PASSWORD", "SERVER_PORT"})
    void aFurtherVariableIsNoSecretInClearAndNotTheChartsOwn(String name) {
        assertThatThrownBy(() ->
                        Chart.SKYWIRE.render("", "controlPlane: {extraEnv: [{name: " + name + ", value: hunter2}]}"))
                .hasMessageContaining("controlPlane.extraEnv: " + name)
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void aFurtherVariableMayReferToASecret() {
        assertThat(Chart.SKYWIRE
                        .render("", """
                                controlPlane:
                                  extraEnv:
                                    - {name: OTHER_PASSWORD, valueFrom: {secretKeyRef: {name: other, key: password}}}
                                    - {name: PLAIN, value: seen}
                                """)
                        .pod("control-plane")
                        .container()
                        .path("env")
                        .toString())
                .contains("OTHER_PASSWORD", "\"seen\"");
    }

    @Test
    void everyPortOfPostgresIsLetThrough() {
        assertThat(Chart.SKYWIRE
                        .render("", "database: {host: 'a:5433,b,c:5433'}")
                        .one("NetworkPolicy", "control-plane")
                        .at("/spec/egress/0/ports")
                        .findValuesAsString("port"))
                .containsExactly("5433", "5432");
    }

    @Test
    void labelsThatPodsAreChosenByAreNotForEverybodyToSet() {
        assertThatThrownBy(() -> Chart.SKYWIRE.render("", "commonLabels: {app.kubernetes.io/name: mine}"))
                .hasMessageContaining("app.kubernetes.io/name");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "spring.datasource.password",
                "skywire.agent.drain-grace",
                "skywire.agent.drainGrace",
                "server.port",
                "management.server.address"
            })
    void aSettingThatIsASecretOrTheChartsOwnIsRefused(String setting) {
        assertThatThrownBy(() -> Chart.SKYWIRE.render("", "controlPlane: {settings: {" + setting + ": 90s}}"))
                .hasMessageContaining(setting);
    }

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void everyContainerSaysWhatItNeedsAndWritesToTmpOnly(String example) {
        for (Pod pod : Chart.SKYWIRE.render(example).pods()) {
            for (JsonNode container : pod.containers()) {
                for (String amount : List.of("cpu", "memory")) {
                    assertThat(container.at("/resources/requests").has(amount)).isTrue();
                    assertThat(container.at("/resources/limits").has(amount)).isTrue();
                }
                assertThat(container.path("image").asString())
                        .matches(".+(:[^:/]+|@sha256:[0-9a-f]{64})")
                        .doesNotEndWith(":latest");
                assertThat(Manifests.items(container.path("volumeMounts")))
                        .allSatisfy(mount -> assertThat(mount.path("readOnly").asBoolean(false)
                                        || mount.path("mountPath").asString().equals("/tmp"))
                                .as("%s", mount)
                                .isTrue());
            }
            if (!pod.owner().endsWith("-test")) {
                assertThat(Manifests.items(pod.spec().path("volumes")))
                        .anyMatch(volume -> volume.path("name").asString().equals("tmp")
                                && volume.at("/emptyDir/sizeLimit").isString());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void anUpdateOfTheControlPlaneTakesNobodyAwayBeforeAnotherServes(String example) {
        JsonNode deployment = Chart.SKYWIRE.render(example).one("Deployment", "control-plane");

        assertThat(deployment.at("/spec/strategy/type").asString()).isEqualTo("RollingUpdate");
        assertThat(deployment.at("/spec/strategy/rollingUpdate/maxUnavailable").asInt(-1))
                .isZero();
        assertThat(deployment.at("/spec/strategy/rollingUpdate/maxSurge").asInt())
                .isEqualTo(1);
        assertThat(deployment.at("/spec/minReadySeconds").asInt()).isPositive();
    }

    @Test
    void twoReplicasRunUnlessSomethingElseIsSaid() {
        assertThat(replicas("")).isEqualTo(2);
        assertThat(replicas("managed-postgresql")).isEqualTo(2);
        assertThat(replicas("air-gapped")).isEqualTo(2);
        assertThat(replicas("small")).isEqualTo(1);
    }

    private static int replicas(String example) {
        return Chart.SKYWIRE
                .render(example)
                .one("Deployment", "control-plane")
                .at("/spec/replicas")
                .asInt();
    }

    @Test
    void theAutoscalerHasTheWordAboutReplicas() {
        Manifests manifests = Chart.SKYWIRE.render("production");
        JsonNode scaler = manifests.one("HorizontalPodAutoscaler", "control-plane");

        assertThat(manifests
                        .one("Deployment", "control-plane")
                        .at("/spec/replicas")
                        .isMissingNode())
                .isTrue();
        assertThat(scaler.at("/spec/minReplicas").asInt()).isEqualTo(3);
        assertThat(scaler.at("/spec/maxReplicas").asInt()).isEqualTo(6);
        assertThat(scaler.at("/spec/behavior/scaleDown/stabilizationWindowSeconds")
                        .asInt())
                .isGreaterThanOrEqualTo(300);
    }

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void drainingNodesOfTheClusterTakesOnePodAtATime(String example) {
        Manifests manifests = Chart.SKYWIRE.render(example);
        List<Pod> lasting = manifests.pods().stream()
                .filter(pod -> !pod.owner().endsWith("-test"))
                .toList();

        assertThat(lasting).allSatisfy(pod -> {
            assertThat(manifests.of("PodDisruptionBudget"))
                    .filteredOn(budget -> pod.isChosenBy(budget.at("/spec/selector/matchLabels")))
                    .singleElement()
                    .satisfies(budget -> assertThat(
                                    budget.at("/spec/maxUnavailable").asInt())
                            .isEqualTo(1));
            assertThat(Manifests.items(pod.spec().path("topologySpreadConstraints")))
                    .allSatisfy(spread -> assertThat(pod.isChosenBy(spread.at("/labelSelector/matchLabels")))
                            .isTrue())
                    .anyMatch(spread -> spread.path("topologyKey").asString().equals("kubernetes.io/hostname"));
        });
        assertThat(Manifests.items(manifests.pod("control-plane").spec().path("topologySpreadConstraints")))
                .anyMatch(spread -> spread.path("topologyKey").asString().equals("topology.kubernetes.io/zone"));
    }

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void everyEndIsLongEnoughForItsDraining(String example) {
        Manifests manifests = Chart.SKYWIRE.render(example, "controlPlane: {drain: {graceSeconds: 40}}");
        Pod plane = manifests.pod("control-plane");
        int preStop = plane.container().at("/lifecycle/preStop/sleep/seconds").asInt();
        int grace = seconds(plane.environment().get("SKYWIRE_AGENT_DRAINGRACE"));

        assertThat(preStop).isPositive();
        assertThat(grace).isEqualTo(40);
        assertThat(plane.spec().path("terminationGracePeriodSeconds").asInt()).isGreaterThan(preStop + grace + 30);
        if (!manifests.of("StatefulSet").isEmpty()) {
            Pod server = manifests.pod("messaging");
            String config = manifests
                    .one("ConfigMap", "messaging")
                    .path("data")
                    .path("0.yaml")
                    .asString();
            assertThat(config).contains("drain_seconds: 30\n");
            assertThat(server.spec().path("terminationGracePeriodSeconds").asInt())
                    .isGreaterThan(60);
        }
    }

    private static int seconds(String duration) {
        assertThat(duration).endsWith("s");
        return Integer.parseInt(duration.substring(0, duration.length() - 1));
    }

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void probesAskWhatTheyMean(String example) {
        Pod plane = Chart.SKYWIRE.render(example).pod("control-plane");

        assertThat(plane.container().at("/livenessProbe/httpGet/path").asString())
                .isEqualTo("/actuator/health/liveness");
        assertThat(plane.container().at("/readinessProbe/httpGet/path").asString())
                .isEqualTo("/actuator/health/readiness");
        JsonNode startup = plane.container().path("startupProbe");
        assertThat(startup.at("/httpGet/path").asString()).isEqualTo("/actuator/health/liveness");
        assertThat(startup.path("periodSeconds").asInt()
                        * startup.path("failureThreshold").asInt())
                .as("another replica's migrations are waited for up to a minute")
                .isGreaterThanOrEqualTo(120);
        for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            assertThat(plane.container().at("/" + probe + "/httpGet/port").asString())
                    .isEqualTo("management");
        }
        assertThat(plane.ports())
                .containsOnly(Map.entry("http", 8181), Map.entry("grpc", 9191), Map.entry("management", 8182));
    }

    /// On the port of metrics: on that of clients each question would be a handshake that failed.
    @ParameterizedTest
    @ValueSource(strings = {"livenessProbe", "readinessProbe", "startupProbe"})
    void messagingServersAreAskedForTheirHealthWhereTheyAnswer(String probe) {
        JsonNode asked =
                Chart.SKYWIRE.render("production").pod("messaging").container().at("/" + probe + "/httpGet");

        assertThat(asked.path("path").asString("")).isEqualTo("/healthz");
        assertThat(asked.path("port").asString("")).isEqualTo("metrics");
    }

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void nothingPassesTheNetworkButWhatIsNamed(String example) {
        Manifests manifests = Chart.SKYWIRE.render(example);
        JsonNode deny = manifests.one("NetworkPolicy", "default-deny");

        assertThat(deny.at("/spec/policyTypes").toString()).isEqualTo("[\"Ingress\",\"Egress\"]");
        assertThat(deny.path("spec").has("ingress") || deny.path("spec").has("egress"))
                .isFalse();
        assertThat(manifests.pods()).allMatch(pod -> pod.isChosenBy(deny.at("/spec/podSelector/matchLabels")));
        for (JsonNode policy : manifests.of("NetworkPolicy")) {
            assertThat(Manifests.items(policy.at("/spec/ingress")))
                    .allSatisfy(rule -> assertThat(rule.path("ports").size()).isPositive());
            assertThat(Manifests.items(policy.at("/spec/egress")))
                    .allSatisfy(rule -> assertThat(rule.path("ports").size()).isPositive());
        }
        for (JsonNode rule : manifests.one("NetworkPolicy", "control-plane").at("/spec/ingress")) {
            boolean management = Manifests.items(rule.path("ports"))
                    .anyMatch(port -> port.path("port").asString().equals("management"));
            assertThat(!management || rule.path("from").size() > 0)
                    .as("metrics are for those who are named only")
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"control-plane, management, /actuator/prometheus", "messaging, metrics, /metrics"})
    void whoIsNamedReachesTheNumbers(String component, String port, String path) {
        Manifests manifests = Chart.SKYWIRE.render("production");

        assertThat(Manifests.items(manifests.one("NetworkPolicy", component).at("/spec/ingress")))
                .filteredOn(rule -> rule.at("/ports/0/port").asString("").equals(port))
                .singleElement()
                .satisfies(rule -> assertThat(rule.path("from").toString()).contains("monitoring"));
        JsonNode endpoint = manifests.one("ServiceMonitor", component).at("/spec/endpoints/0");
        assertThat(endpoint.path("port").asString("")).isEqualTo(port);
        assertThat(endpoint.path("path").asString("")).isEqualTo(path);
    }

    @Test
    void theControlPlaneDialsNoPrivateAddress() {
        JsonNode egress =
                Chart.SKYWIRE.render("").one("NetworkPolicy", "control-plane").at("/spec/egress");

        assertThat(Manifests.items(egress)
                        .filter(rule -> rule.path("to").toString().contains("0.0.0.0/0")))
                .singleElement()
                .satisfies(rule -> assertThat(rule.at("/to/0/ipBlock/except").toString())
                        .contains("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"));
        assertThat(Chart.SKYWIRE
                        .render("air-gapped")
                        .one("NetworkPolicy", "control-plane")
                        .toString())
                .doesNotContain("0.0.0.0/0")
                .doesNotContain("2000::/3");
    }

    @Test
    void eachMessagingServerHasItsAddressItsConfigAndItsKey() {
        Manifests manifests = Chart.SKYWIRE.render("production");
        Pod server = manifests.pod("messaging");

        assertThat(manifests
                        .one("StatefulSet", "messaging")
                        .at("/spec/replicas")
                        .asInt())
                .isEqualTo(2);
        for (int number = 0; number < 2; number++) {
            JsonNode service = manifests.one("Service", "messaging-" + number);
            assertThat(service.at("/spec/selector/statefulset.kubernetes.io~1pod-name")
                            .asString())
                    .isEqualTo("network-skywire-messaging-" + number);
            assertThat(service.at("/spec/externalTrafficPolicy").asString()).isEqualTo("Local");
            assertThat(manifests
                            .one("ConfigMap", "messaging")
                            .path("data")
                            .path(number + ".yaml")
                            .asString())
                    .contains("address: \"m" + number + ".skywire.example.org:7780\"")
                    .contains("key_file: /run/skywire/keys/server.key");
        }
        assertThat(Manifests.items(server.container().path("volumeMounts"))
                        .filter(mount -> mount.path("name").asString().equals("keys")))
                .singleElement()
                .satisfies(mount -> {
                    assertThat(mount.path("subPathExpr").asString()).isEqualTo("$(POD_INDEX).key");
                    assertThat(mount.path("mountPath").asString()).isEqualTo("/run/skywire/keys/server.key");
                });
        assertThat(manifests.pod("control-plane").environment().get("SKYWIRE_MESSAGING_OFFICIALSERVERS"))
                .startsWith("025edd5c")
                .contains(",0254092095");
    }

    @Test
    void aFurtherMessagingServerLeavesTheOthersAlone() {
        String two = "messaging: {enabled: true, servers: [{address: 'a:1'}, {address: 'b:1'}]}";
        String three = "messaging: {enabled: true, servers: [{address: 'a:1'}, {address: 'b:1'}, {address: 'c:1'}]}";
        String slower = "messaging: {capacity: 5}";

        assertThat(template(two)).isEqualTo(template(three));
        assertThat(template(two)).isNotEqualTo(template(two, slower));
    }

    private static JsonNode template(String... values) {
        return Chart.SKYWIRE.render("", values).one("StatefulSet", "messaging").at("/spec/template");
    }

    @Test
    void agentsAreServedByAnIngressOrAGatewayOrABalancerThatKeepsTheirAddresses() {
        Manifests gateway = Chart.SKYWIRE.render("production");
        Manifests ingress = Chart.SKYWIRE.render("air-gapped");
        Manifests balancer = Chart.SKYWIRE.render("small");

        assertThat(gateway.one("HTTPRoute", "control-plane")
                        .at("/spec/rules/0/backendRefs/0/port")
                        .asInt())
                .isEqualTo(8181);
        assertThat(gateway.one("GRPCRoute", "control-plane")
                        .at("/spec/rules/0/backendRefs/0/port")
                        .asInt())
                .isEqualTo(9191);
        assertThat(ingress.one("Ingress", "control-plane-http").toString()).contains("\"port\":{\"name\":\"http\"}");
        assertThat(ingress.one("Ingress", "control-plane-grpc").toString()).contains("\"port\":{\"name\":\"grpc\"}");
        JsonNode agents = balancer.one("Service", "control-plane-agents");
        assertThat(agents.at("/spec/type").asString()).isEqualTo("LoadBalancer");
        assertThat(agents.at("/spec/externalTrafficPolicy").asString()).isEqualTo("Local");
        assertThat(agents.at("/spec/ports").toString()).doesNotContain("management");
        assertThat(Chart.SKYWIRE.render("").of("Service"))
                .allSatisfy(service ->
                        assertThat(service.at("/spec/type").asString()).isEqualTo("ClusterIP"));
    }

    @Test
    void theDatabaseIsCheckedByItsCertificate() {
        assertThat(url(""))
                .isEqualTo("jdbc:postgresql://skywire-db-rw:5432/skywire"
                        + "?sslmode=verify-full&sslrootcert=%2Frun%2Fskywire%2Fdatabase-ca%2Fca.crt");
        assertThat(url("managed-postgresql"))
                .isEqualTo("jdbc:postgresql://skywire.postgres.example.org:5432/skywire"
                        + "?sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory&sslmode=verify-full");
        assertThat(url("", "database: {host: 'a:1,b:2', parameters: {targetServerType: primary}}"))
                .startsWith("jdbc:postgresql://a:1,b:2/skywire?")
                .endsWith("&targetServerType=primary");
        assertThat(url("", "database: {sslMode: disable}"))
                .isEqualTo("jdbc:postgresql://skywire-db-rw:5432/skywire?sslmode=disable");
    }

    private static String url(String example, String... values) {
        return Chart.SKYWIRE
                .render(example, values)
                .pod("control-plane")
                .environment()
                .get("SPRING_DATASOURCE_URL");
    }
}
