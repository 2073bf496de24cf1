package io.skywire.deployment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Says what Kubernetes would refuse in a manifest: a field that its API does not know at whatever depth, a value of
/// another type, a required field that is missing, a kind that is not expected here.
///
/// Kubernetes' own kinds are checked by code that was generated from its OpenAPI description; in addition a manifest
/// has to come back from it as it went in, so that a number in quotes is not taken for a number. Kinds of Gateway API
/// and of the Prometheus operator are checked by models generated from their types, read strictly; what is required
/// in them stands here, as those models do not say.
final class KubernetesApi {
    private static final Map<String, Class<?>> KUBERNETES = Map.ofEntries(
            Map.entry("v1 ConfigMap", V1ConfigMap.class),
            Map.entry("v1 Pod", V1Pod.class),
            Map.entry("v1 Service", V1Service.class),
            Map.entry("v1 ServiceAccount", V1ServiceAccount.class),
            Map.entry("apps/v1 Deployment", V1Deployment.class),
            Map.entry("apps/v1 StatefulSet", V1StatefulSet.class),
            Map.entry("autoscaling/v2 HorizontalPodAutoscaler", V2HorizontalPodAutoscaler.class),
            Map.entry("networking.k8s.io/v1 Ingress", V1Ingress.class),
            Map.entry("networking.k8s.io/v1 NetworkPolicy", V1NetworkPolicy.class),
            Map.entry("policy/v1 PodDisruptionBudget", V1PodDisruptionBudget.class));

    private static final Map<String, Class<?>> EXTENSIONS = Map.of(
            "gateway.networking.k8s.io/v1 HTTPRoute", HTTPRoute.class,
            "gateway.networking.k8s.io/v1 GRPCRoute", GRPCRoute.class,
            "monitoring.coreos.com/v1 ServiceMonitor", ServiceMonitor.class,
            "monitoring.coreos.com/v1 PrometheusRule", PrometheusRule.class);

    /// `[]` goes through all items of a list, of which there has to be one.
    private static final Map<String, List<String>> REQUIRED = Map.of(
            "HTTPRoute", List.of("spec.parentRefs[].name", "spec.rules[].backendRefs[].name"),
            "GRPCRoute", List.of("spec.parentRefs[].name", "spec.rules[].backendRefs[].name"),
            "ServiceMonitor", List.of("spec.selector", "spec.endpoints[].port"),
            "PrometheusRule", List.of("spec.groups[].name", "spec.groups[].rules[].expr"));

    private static final JsonMapper STRICT = strict();

    private KubernetesApi() {}

    /// Why Kubernetes would refuse it; empty if it would not.
    static Optional<String> refusal(JsonNode manifest) {
        String kind = manifest.path("apiVersion").asString("?") + " "
                + manifest.path("kind").asString("?");
        Class<?> kubernetes = KUBERNETES.get(kind);
        if (kubernetes != null) {
            return refusalByKubernetes(kubernetes, JsonParser.parseString(manifest.toString()));
        }
        Class<?> extension = EXTENSIONS.get(kind);
        if (extension == null) {
            return Optional.of("unexpected kind " + kind);
        }
        try {
            STRICT.readValue(manifest.toString(), extension);
        } catch (JsonProcessingException refused) {
            return Optional.of(refused.getMessage());
        }
        return REQUIRED.getOrDefault(Manifests.kind(manifest), List.of()).stream()
                .filter(path -> !has(manifest, path))
                .map(path -> "required: " + path)
                .findFirst();
    }

    private static Optional<String> refusalByKubernetes(Class<?> type, JsonElement manifest) {
        try {
            type.getMethod("validateJsonElement", JsonElement.class).invoke(null, manifest);
            JsonElement understood = JSON.getGson().toJsonTree(JSON.getGson().fromJson(manifest, type));
            return difference("", manifest, understood);
        } catch (InvocationTargetException refused) {
            return Optional.of(String.valueOf(refused.getCause().getMessage()));
        } catch (com.google.gson.JsonParseException | IllegalArgumentException refused) {
            return Optional.of(String.valueOf(refused.getMessage()));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " cannot check", e);
        }
    }

    /// The first place where something of what was written is not in what was understood.
    private static Optional<String> difference(String path, JsonElement written, JsonElement understood) {
        if (written instanceof JsonObject mapping && understood instanceof JsonObject other) {
            return mapping.entrySet().stream()
                    .map(entry -> other.has(entry.getKey())
                            ? difference(path + "/" + entry.getKey(), entry.getValue(), other.get(entry.getKey()))
                            : Optional.of(path + "/" + entry.getKey() + " is not understood"))
                    .flatMap(Optional::stream)
                    .findFirst();
        }
        if (written.isJsonArray()
                && understood.isJsonArray()
                && written.getAsJsonArray().size()
                        == understood.getAsJsonArray().size()) {
            for (int i = 0; i < written.getAsJsonArray().size(); i++) {
                Optional<String> found = difference(
                        path + "/" + i,
                        written.getAsJsonArray().get(i),
                        understood.getAsJsonArray().get(i));
                if (found.isPresent()) {
                    return found;
                }
            }
            return Optional.empty();
        }
        return written.equals(understood)
                ? Optional.empty()
                : Optional.of(path + " is " + written + " and was understood as " + understood);
    }

    private static boolean has(JsonNode node, String path) {
        int dot = path.indexOf('.');
        String first = dot < 0 ? path : path.substring(0, dot);
        String rest = dot < 0 ? "" : path.substring(dot + 1);
        JsonNode below = node.path(first.replace("[]", ""));
        List<JsonNode> nodes = first.endsWith("[]")
                ? Manifests.items(below).toList()
                : Stream.of(below).toList();
        return !nodes.isEmpty()
                && nodes.stream()
                        .allMatch(one -> !one.isMissingNode() && !one.isNull() && (rest.isEmpty() || has(one, rest)));
    }

    /// The models keep fields that they do not know in a map of their own; here these are errors.
    private static JsonMapper strict() {
        JsonMapper.Builder mapper = JsonMapper.builder()
                .annotationIntrospector(new JacksonAnnotationIntrospector() {
                    @Override
                    public Boolean hasAnySetter(Annotated any) {
                        return false;
                    }
                })
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS);
        for (CoercionInputShape shape :
                List.of(CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean)) {
            mapper.withCoercionConfig(LogicalType.Textual, texts -> texts.setCoercion(shape, CoercionAction.Fail));
        }
        return mapper.build();
    }
}
