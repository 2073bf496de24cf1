package io.skywire.local.conformance;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.SecretKey;
import java.io.IOException;
import java.io.InputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The golden vectors of the reference: documents with signatures that others made, and keys that everybody knows.
final class Golden {
    private static final String FILE = "/vectors/skywire-control-plane-vectors.json";

    private Golden() {}

    static JsonNode vectors() throws IOException {
        try (InputStream in = Golden.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IOException("the golden vectors " + FILE + " are not in this build");
            }
            return new JsonMapper().readTree(in.readAllBytes());
        }
    }

    /// The visor of this name from the vectors.
    static StockClient visor(StockNetwork network, String name) throws IOException {
        for (JsonNode one : vectors().get("keypairs_from_upstream_test_fixtures")) {
            if (one.get("name").stringValue().equals(name)) {
                return network.with(
                        KeyPair.of(SecretKey.parse(one.get("secret_key").stringValue())));
            }
        }
        throw new IOException("the golden vectors know no " + name);
    }
}
