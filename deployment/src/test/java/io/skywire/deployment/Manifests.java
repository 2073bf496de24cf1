package io.skywire.deployment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/// What a chart rendered: one JSON tree per object.
record Manifests(List<JsonNode> all) {
    Manifests {
        all = List.copyOf(all);
    }

    List<JsonNode> of(String kind) {
        return all.stream().filter(one -> kind(one).equals(kind)).toList();
    }

    /// The only object of that kind and name, without the release's part of the name.
    JsonNode one(String kind, String name) {
        String whole = Chart.RELEASE + "-skywire" + (name.isEmpty() ? "" : "-" + name);
        return of(kind).stream()
                .filter(one -> name(one).equals(whole))
                .findAny()
                .orElseThrow(() -> new AssertionError("no " + kind + " " + whole + " among "
                        + of(kind).stream().map(Manifests::name).toList()));
    }

    /// Every pod that would run, those of workloads too.
    List<Pod> pods() {
        List<Pod> pods = new ArrayList<>();
        for (JsonNode one : all) {
            switch (kind(one)) {
                case "Deployment", "StatefulSet" -> {
                    JsonNode template = one.at("/spec/template");
                    pods.add(new Pod(name(one), labels(template), template.path("spec")));
                }
                case "Pod" -> pods.add(new Pod(name(one), labels(one), one.path("spec")));
                default -> {}
            }
        }
        return pods;
    }

    Pod pod(String component) {
        return pods().stream()
                .filter(pod -> component.equals(pod.labels().get("app.kubernetes.io/component")))
                .findAny()
                .orElseThrow(() -> new AssertionError("no pod of component " + component));
    }

    static String kind(JsonNode object) {
        return object.path("kind").asString();
    }

    static String name(JsonNode object) {
        return object.at("/metadata/name").asString();
    }

    static Map<String, String> labels(JsonNode object) {
        return texts(object.at("/metadata/labels"));
    }

    static Map<String, String> texts(JsonNode mapping) {
        Map<String, String> texts = new LinkedHashMap<>();
        mapping.properties()
                .forEach(entry -> texts.put(entry.getKey(), entry.getValue().asString()));
        return texts;
    }

    static Stream<JsonNode> items(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }

    /// A pod or a template of pods.
    ///
    /// @param owner the object it is in
    record Pod(String owner, Map<String, String> labels, JsonNode spec) {
        JsonNode container() {
            return spec.at("/containers/0");
        }

        List<JsonNode> containers() {
            return Stream.concat(items(spec.path("containers")), items(spec.path("initContainers")))
                    .toList();
        }

        boolean isChosenBy(JsonNode labelSelector) {
            return labels.entrySet().containsAll(texts(labelSelector).entrySet());
        }

        /// The ports of all containers by name.
        Map<String, Integer> ports() {
            Map<String, Integer> ports = new LinkedHashMap<>();
            containers()
                    .forEach(container -> items(container.path("ports"))
                            .forEach(port -> ports.put(
                                    port.path("name").asString(),
                                    port.path("containerPort").asInt())));
            return ports;
        }

        /// The environment as far as it is written down, not referred to.
        Map<String, String> environment() {
            Map<String, String> environment = new LinkedHashMap<>();
            items(container().path("env"))
                    .filter(variable -> variable.has("value"))
                    .forEach(variable -> environment.put(
                            variable.path("name").asString(),
                            variable.path("value").asString()));
            return environment;
        }
    }
}
