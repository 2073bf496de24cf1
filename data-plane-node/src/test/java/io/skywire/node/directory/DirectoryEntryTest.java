package io.skywire.node.directory;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.shared.Vectors;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DirectoryEntryTest {
    private final JsonMapper json = new JsonMapper();

    @ParameterizedTest
    @ValueSource(strings = {"client_visor", "client_no_servers_empty", "server_without_type"})
    void readsSignsAndWritesTheGoldenEntries(String name) throws Exception {
        JsonNode golden = Vectors.controlPlane().required("dmsg_entries").required(name);
        String full = golden.required("full_json").stringValue();

        DirectoryEntry entry = DirectoryEntry.of(json.readTree(full));

        assertThat(entry.json()).isEqualTo(full);
        assertThat(new String(CanonicalEntry.bytes(entry), StandardCharsets.UTF_8))
                .isEqualTo(golden.required("signed_json").stringValue());
        assertThat(entry.isSigned()).isTrue();
    }

    @Test
    void believesAServerWhoseTypeTheDiscoveryHasDecided() throws Exception {
        KeyPair keys = KeyPair.generate(new SecureRandom());
        DirectoryEntry signed =
                DirectoryEntry.sign(keys, 7, Instant.now(), new EntryContent.OfServer("relay.example.org:7780", 12));
        String served = signed.json()
                .replace("\"availableSessions\":12", "\"availableSessions\":12,\"serverType\":\"official\"");

        DirectoryEntry read = DirectoryEntry.of(json.readTree(served));

        assertThat(read.server().orElseThrow().type()).isEqualTo("official");
        assertThat(read.isSigned()).isTrue();
    }

    @Test
    void believesNoEntryThatWasChanged() throws Exception {
        KeyPair keys = KeyPair.generate(new SecureRandom());
        PublicKey server = KeyPair.generate(new SecureRandom()).publicKey();
        String signed = DirectoryEntry.sign(keys, 0, Instant.now(), new EntryContent.OfClient(Set.of(server), "visor"))
                .json();

        assertThat(DirectoryEntry.of(json.readTree(signed)).isSigned()).isTrue();
        assertThat(DirectoryEntry.of(json.readTree(signed.replace("\"sequence\":0", "\"sequence\":1")))
                        .isSigned())
                .isFalse();
        assertThat(DirectoryEntry.of(json.readTree(signed.replace("visor", "relay")))
                        .isSigned())
                .isFalse();
    }
}
