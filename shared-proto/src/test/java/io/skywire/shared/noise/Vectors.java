package io.skywire.shared.noise;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.SecretKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// BOLT 8's published vectors, https://github.com/lightning/bolts/blob/master/08-transport.md (appendix A).
final class Vectors {
    private final JsonNode root;

    private Vectors(JsonNode root) {
        this.root = root;
    }

    static Vectors bolt8() {
        try (InputStream file = Vectors.class.getResourceAsStream("/vectors/noise-xk-bolt8-vectors.json")) {
            return new Vectors(new ObjectMapper().readTree(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JsonNode mustFail() {
        return root.get("must_fail");
    }

    byte[] bytes(String name) {
        return HexFormat.of().parseHex(root.get(name).asString());
    }

    KeyPair pair(String name) {
        return KeyPair.of(SecretKey.of(bytes(name)));
    }

    /// An act without BOLT 8's version byte, which is no part of Noise.
    byte[] act(String name) {
        return withoutVersion(bytes(name));
    }

    static byte[] withoutVersion(byte[] message) {
        return java.util.Arrays.copyOfRange(message, 1, message.length);
    }
}
