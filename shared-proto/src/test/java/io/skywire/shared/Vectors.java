package io.skywire.shared;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The golden vectors under `src/test/resources/vectors`, parsed. Each file says where its values come from.
public final class Vectors {
    private Vectors() {}

    public static JsonNode controlPlane() {
        return load("skywire-control-plane-vectors.json");
    }

    public static JsonNode dataPlane() {
        return load("skywire-data-plane-vectors.json");
    }

    public static JsonNode noise() {
        return load("noise-xk-bolt8-vectors.json");
    }

    public static byte[] hex(JsonNode text) {
        return HexFormat.of().parseHex(text.asString());
    }

    private static JsonNode load(String file) {
        try (InputStream json = Vectors.class.getResourceAsStream("/vectors/" + file)) {
            if (json == null) {
                throw new IllegalStateException("/vectors/" + file + " is not on the class path");
            }
            return new JsonMapper().readTree(json);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
