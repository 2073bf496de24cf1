package io.skywire.node.cli;

import io.skywire.node.api.ApiJson;
import picocli.CommandLine.Option;

/// The `--output` option.
final class Output {
    enum Form {
        TEXT,
        JSON
    }

    @Option(
            names = "--output",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "How to print: text for people, json for programs (default: text).")
    private Form form = Form.TEXT;

    boolean isJson() {
        return form == Form.JSON;
    }

    static String json(Object value) {
        return ApiJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value);
    }
}
