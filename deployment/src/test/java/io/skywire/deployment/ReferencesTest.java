package io.skywire.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.deployment.Manifests.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// What one object says of another is true: Kubernetes takes a name that leads nowhere without a word.
class ReferencesTest {
    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void everySelectorChoosesSomething(String example) {
        Manifests manifests = Chart.SKYWIRE.render(example);

        for (String kind : List.of("Deployment", "StatefulSet", "PodDisruptionBudget")) {
            assertThat(manifests.of(kind))
                    .allSatisfy(one -> assertThat(manifests.pods())
                            .filteredOn(pod -> pod.isChosenBy(one.at("/spec/selector/matchLabels")))
                            .as(Manifests.name(one))
                            .hasSize(1));
        }
        assertThat(manifests.of("NetworkPolicy"))
                .allSatisfy(policy -> assertThat(manifests.pods())
                        .anyMatch(pod -> pod.isChosenBy(policy.at("/spec/podSelector/matchLabels"))));
        assertThat(manifests.of("ServiceMonitor"))
                .allSatisfy(monitor -> assertThat(manifests.of("Service"))
                        .filteredOn(service -> Manifests.labels(service)
                                .entrySet()
                                .containsAll(Manifests.texts(monitor.at("/spec/selector/matchLabels"))
                                        .entrySet()))
                        .as(Manifests.name(monitor))
                        .singleElement()
                        .satisfies(service -> assertThat(Manifests.items(service.at("/spec/ports")))
                                .anyMatch(port -> port.path("name").equals(monitor.at("/spec/endpoints/0/port")))));
        assertThat(manifests.of("HorizontalPodAutoscaler"))
                .allSatisfy(scaler -> assertThat(manifests.of("Deployment"))
                        .anyMatch(one -> Manifests.name(one)
                                .equals(scaler.at("/spec/scaleTargetRef/name").asString())));
    }

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void everyServiceLeadsToAPortOfItsPod(String example) {
        Manifests manifests = Chart.SKYWIRE.render(example);

        for (JsonNode service : manifests.of("Service")) {
            assertThat(manifests.pods())
                    .as(Manifests.name(service))
                    .filteredOn(pod -> chooses(service, pod))
                    .singleElement()
                    .satisfies(pod -> assertThat(Manifests.items(service.at("/spec/ports")))
                            .allSatisfy(port -> assertThat(pod.ports())
                                    .containsKey(port.path("targetPort").asString())));
        }
    }

    /// The controller gives each pod of a StatefulSet a label with its name.
    private static boolean chooses(JsonNode service, Pod pod) {
        return Manifests.texts(service.at("/spec/selector")).entrySet().stream()
                .allMatch(entry -> entry.getKey().equals("statefulset.kubernetes.io/pod-name")
                        ? entry.getValue().matches(pod.owner() + "-\\d+")
                        : entry.getValue().equals(pod.labels().get(entry.getKey())));
    }

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void whatStandsInFrontLeadsToAServiceAndAPortOfIt(String example) {
        Manifests manifests = Chart.SKYWIRE.render(example);
        List<JsonNode> backends = new ArrayList<>();
        for (JsonNode ingress : manifests.of("Ingress")) {
            backends.add(ingress.at("/spec/rules/0/http/paths/0/backend/service"));
        }
        Stream.of("HTTPRoute", "GRPCRoute")
                .flatMap(kind -> manifests.of(kind).stream())
                .forEach(route -> backends.add(route.at("/spec/rules/0/backendRefs/0")));

        for (JsonNode backend : backends) {
            JsonNode service = manifests.of("Service").stream()
                    .filter(one ->
                            Manifests.name(one).equals(backend.path("name").asString()))
                    .findAny()
                    .orElseThrow();
            JsonNode port = backend.path("port");
            assertThat(Manifests.items(service.at("/spec/ports")))
                    .anyMatch(one -> port.isObject()
                            ? one.path("name").equals(port.path("name"))
                            : one.path("port").equals(port));
        }
    }

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void podsNameOnlyWhatTheyHave(String example) {
        Manifests manifests = Chart.SKYWIRE.render(example);
        for (Pod pod : manifests.pods()) {
            List<String> volumes = Manifests.items(pod.spec().path("volumes"))
                    .map(volume -> volume.path("name").asString())
                    .toList();
            assertThat(pod.ports().keySet()).allSatisfy(port -> assertThat(port).hasSizeLessThanOrEqualTo(15));
            assertThat(manifests.of("ServiceAccount"))
                    .anyMatch(account -> Manifests.name(account)
                            .equals(pod.spec().path("serviceAccountName").asString()));
            for (JsonNode container : pod.containers()) {
                List<String> mounted = Manifests.items(container.path("volumeMounts"))
                        .map(mount -> mount.path("name").asString())
                        .toList();
                assertThat(mounted).containsExactlyInAnyOrderElementsOf(volumes);
                assertThat(Manifests.items(container.path("env"))
                                .map(variable -> variable.path("name").asString()))
                        .doesNotHaveDuplicates();
                for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
                    if (container.has(probe)) {
                        assertThat(pod.ports())
                                .containsKey(container
                                        .at("/" + probe + "/httpGet/port")
                                        .asString());
                    }
                }
            }
            Manifests.items(pod.spec().path("volumes"))
                    .filter(volume -> volume.has("configMap"))
                    .forEach(volume -> assertThat(manifests.of("ConfigMap"))
                            .anyMatch(one -> Manifests.name(one)
                                    .equals(volume.at("/configMap/name").asString())));
        }
    }

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void policiesNamePortsOfTheirPods(String example) {
        Manifests manifests = Chart.SKYWIRE.render(example);
        for (JsonNode policy : manifests.of("NetworkPolicy")) {
            Manifests.items(policy.at("/spec/ingress"))
                    .flatMap(rule -> Manifests.items(rule.path("ports")))
                    .filter(port -> port.path("port").isString())
                    .forEach(port -> assertThat(manifests.pods())
                            .filteredOn(pod -> pod.isChosenBy(policy.at("/spec/podSelector/matchLabels")))
                            .anyMatch(pod ->
                                    pod.ports().containsKey(port.path("port").asString())));
        }
    }
}
