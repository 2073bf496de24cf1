package io.skywire.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// The check of manifests can fail: one change to a good manifest, one refusal that names it.
class KubernetesApiTest {
    private static final YAMLMapper YAML = new YAMLMapper();

    private final Manifests manifests =
            Chart.SKYWIRE.render("production", "ingress: {enabled: true, http: {host: a.example.org}}");

    private JsonNode first(String kind) {
        return manifests.of(kind).getFirst();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        Deployment     | /spec/template/spec/containers/0/securityContext | readOnlyRootFileSystem | true
        Deployment     | /spec/template/spec/containers/0/lifecycle/preStop/sleep | second | 5
        Deployment     | /spec/strategy/rollingUpdate | maxUnavailible | 0
        Deployment     | /spec/template/spec/containers/0/env/0 | values | x
        StatefulSet    | /spec/template/spec/volumes/0/emptyDir | sizelimit | 64Mi
        Service        | /spec/ports/0 | protokol | TCP
        NetworkPolicy  | /spec/podSelector | matchLabel | {}
        PodDisruptionBudget | /spec | maxUnavail | 1
        HorizontalPodAutoscaler | /spec/metrics/0/resource/target | averageUtilisation | 70
        Ingress        | /spec/rules/0/http/paths/0/backend/service/port | nam | http
        ServiceMonitor | /spec/endpoints/0 | intervall | 15s
        HTTPRoute      | /spec/rules/0/matches/0/path | kind | PathPrefix
        GRPCRoute      | /spec/rules/0/backendRefs/0 | ports | 1
        """)
    void refusesAFieldThatKubernetesDoesNotKnow(String kind, String where, String field, String value) {
        JsonNode manifest = first(kind);
        assertThat(KubernetesApi.refusal(manifest)).isEmpty();

        ((ObjectNode) manifest.at(where)).set(field, YAML.readTree(value));

        assertThat(KubernetesApi.refusal(manifest).orElse("nothing")).contains(field);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        StatefulSet    | /spec | replicas | "2"
        StatefulSet    | /spec | replicas | two
        Deployment     | /spec/template/spec/containers/0/ports/0 | containerPort | "8181"
        Deployment     | /spec/template/spec/containers/0/securityContext | readOnlyRootFilesystem | "true"
        Deployment     | /spec/template/spec/containers/0/env/0 | value | 5
        Deployment     | /spec/template/spec | containers | {name: one}
        Deployment     | /spec/template/metadata/labels | version | 1.5
        ConfigMap      | /data | number | 1
        ServiceMonitor | /spec/endpoints/0 | honorLabels | "true"
        ServiceMonitor | /spec/endpoints/0 | interval | 15
        GRPCRoute      | /spec/rules/0/backendRefs/0 | port | "9191"
        """)
    void refusesAValueOfAnotherType(String kind, String where, String field, String value) {
        JsonNode manifest = first(kind);

        ((ObjectNode) manifest.at(where)).set(field, YAML.readTree(value));

        assertThat(KubernetesApi.refusal(manifest)).isPresent();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        Deployment     | /spec | selector
        Deployment     | /spec/template/spec | containers
        Deployment     | /spec/template/spec/containers/0 | name
        Deployment     | /spec/template/spec/containers/0/ports/0 | containerPort
        Deployment     | /spec/template/spec/containers/0/livenessProbe/httpGet | port
        Deployment     | /spec/template/spec/topologySpreadConstraints/0 | maxSkew
        Service        | /spec/ports/0 | port
        HorizontalPodAutoscaler | /spec | maxReplicas
        ServiceMonitor | /spec | selector
        HTTPRoute      | /spec/rules/0/backendRefs/0 | name
        """)
    void refusesWhatMissesARequiredField(String kind, String where, String field) {
        JsonNode manifest = first(kind);
        assertThat(manifest.at(where).has(field)).isTrue();

        ((ObjectNode) manifest.at(where)).remove(field);

        assertThat(KubernetesApi.refusal(manifest).orElse("nothing")).contains(field);
    }

    @Test
    void refusesAKindThatNobodyExpects() {
        assertThat(KubernetesApi.refusal(YAML.readTree("{apiVersion: v1, kind: Secret, metadata: {name: a}}")))
                .contains("unexpected kind v1 Secret");
        assertThat(KubernetesApi.refusal(YAML.readTree("{apiVersion: apps/v1beta1, kind: Deployment}")))
                .isPresent();
    }
}
