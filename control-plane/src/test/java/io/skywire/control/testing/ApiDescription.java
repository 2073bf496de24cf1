package io.skywire.control.testing;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// The OpenAPI document of our own API, and its schemas as judges of real answers.
public record ApiDescription(JsonNode document) {
    public static ApiDescription read() {
        try (InputStream in = ApiDescription.class.getResourceAsStream("/openapi.yaml")) {
            return parse(
                    new String(Objects.requireNonNull(in).readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static ApiDescription parse(String yaml) {
        return new ApiDescription(new YAMLMapper().readTree(yaml));
    }

    /// What of the JSON text is not as the named schema has it.
    public List<String> violations(String schema, String json) {
        return violations(new JsonMapper().createObjectNode().put("$ref", "#/components/schemas/" + schema), json);
    }

    /// What of the JSON text is not as the schema has it, which may refer to those of the document.
    public List<String> violations(JsonNode schema, String json) {
        ObjectNode whole = (ObjectNode) schema.deepCopy();
        whole.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        whole.set("components", document.get("components"));
        Schema judge = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(whole);
        return judge
                .validate(
                        json,
                        InputFormat.JSON,
                        context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
                .stream()
                .map(Object::toString)
                .toList();
    }
}
