package io.skywire.shared.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.shared.Vectors;
import io.skywire.shared.key.DeterministicKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.SecretKey;
import io.skywire.shared.key.Signature;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class TransportVectorsTest {
    private static final TransportType STCPR = new TransportType("stcpr");

    private final JsonNode control = Vectors.controlPlane();
    private final JsonNode data = Vectors.dataPlane();

    @Test
    void namesTransportsAsTheLiveNetworkDoes() {
        assertThat(control.at("/transport_ids_observed_on_live_network/vectors"))
                .hasSize(4)
                .allSatisfy(this::namesTransport);
    }

    @Test
    void namesTransportsAsTheModelDoes() {
        assertThat(control.get("transport_ids_computed")).hasSize(3).allSatisfy(this::namesTransport);
        PublicKey a =
                PublicKey.parse(data.at("/keys").get("A(initiator)").get("pk").asString());
        PublicKey b =
                PublicKey.parse(data.at("/keys").get("B(responder)").get("pk").asString());
        assertThat(data.at("/computed/transport_id"))
                .hasSize(4)
                .allSatisfy(vector -> assertThat(TransportId.between(
                                        a,
                                        b,
                                        new TransportType(vector.get("type").asString()))
                                .toString())
                        .isEqualTo(vector.get("uuid").asString()));
    }

    @Test
    void signsTheBytesThatSkywireSigns() {
        JsonNode vector = control.get("transport_signed_entry");
        KeyPair a = fixture(0);
        KeyPair b = fixture(1);
        TransportEntry entry = TransportEntry.between(b.publicKey(), a.publicKey(), STCPR);

        assertThat(entry.signedBytes()).isEqualTo(Vectors.hex(vector.get("signed_bytes")));
        assertThat(entry.id().toString())
                .isEqualTo(vector.at("/json/entry/t_id").asString());
        assertThat(entry.sign(a).hex())
                .isEqualTo(vector.at("/json/signatures/0").asString());
        assertThat(entry.sign(b).hex())
                .isEqualTo(vector.at("/json/signatures/1").asString());
    }

    @Test
    void signsTheEntryOfTheSettlement() {
        JsonNode settlement = data.at("/computed/settlement");
        TransportEntry entry = TransportEntry.between(
                PublicKey.parse(data.at("/keys").get("A(initiator)").get("pk").asString()),
                PublicKey.parse(data.at("/keys").get("B(responder)").get("pk").asString()),
                STCPR);

        assertThat(entry.signedBytes()).isEqualTo(Vectors.hex(settlement.get("entry_to_binary")));
    }

    @Test
    void isProvenOnlyBySignaturesOfBothEdgesInOrder() {
        JsonNode signatures = control.at("/transport_signed_entry/json/signatures");
        Signature lower = Signature.parse(signatures.get(0).asString());
        Signature higher = Signature.parse(signatures.get(1).asString());
        PublicKey a = fixture(0).publicKey();
        PublicKey b = fixture(1).publicKey();
        TransportEntry entry = TransportEntry.between(a, b, STCPR);

        assertThat(new SignedTransport(entry, lower, higher).isProven()).isTrue();
        assertThat(new SignedTransport(entry, higher, lower).isProven()).isFalse();
        assertThat(new SignedTransport(entry, lower, lower).isProven()).isFalse();
        assertThat(SignedTransport.of(entry, a, lower, higher).isProven()).isTrue();
        assertThat(SignedTransport.of(entry, b, higher, lower).isProven()).isTrue();
        assertThat(SignedTransport.signedByBoth(entry, fixture(1), fixture(0)))
                .isEqualTo(new SignedTransport(entry, lower, higher));
        TransportEntry other = TransportEntry.between(a, b, TransportType.TCP);
        assertThat(new SignedTransport(other, lower, higher).isProven()).isFalse();
    }

    @Test
    void refusesAnEntryThatContradictsItself() {
        PublicKey a = fixture(0).publicKey();
        PublicKey b = fixture(1).publicKey();
        TransportId id = TransportId.between(a, b, STCPR);

        assertThatThrownBy(() -> new TransportEntry(id, b, a, STCPR))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not in order");
        assertThatThrownBy(() -> new TransportEntry(id, a, b, TransportType.TCP))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not follow from its edges");
    }

    @Test
    void knowsItsEdges() {
        PublicKey a = fixture(0).publicKey();
        PublicKey b = fixture(1).publicKey();
        TransportEntry entry = TransportEntry.between(a, b, TransportType.TCP);

        assertThat(entry.opposite(a)).isEqualTo(b);
        assertThat(entry.opposite(b)).isEqualTo(a);
        assertThat(entry.hasEdge(fixture(2).publicKey())).isFalse();
        assertThatThrownBy(() -> entry.opposite(fixture(2).publicKey())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void comesBackFromItsMessage() {
        KeyPair a = fixture(0);
        KeyPair b = DeterministicKeys.of("node1");
        SignedTransport signed = SignedTransport.signedByBoth(
                TransportEntry.between(a.publicKey(), b.publicKey(), TransportType.TCP), a, b);

        assertThat(TransportProtos.fromProto(TransportProtos.toProto(signed))).isEqualTo(signed);
        assertThatThrownBy(() -> TransportProtos.fromProto(TransportProtos.toProto(signed).toBuilder()
                        .setType("messaging")
                        .build()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TransportProtos.fromProto(io.skywire.proto.v1.SignedTransport.getDefaultInstance()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void readsIdsBackAndRefusesOtherTexts() {
        TransportId id = TransportId.parse("5c91c9b4-4ab0-0de8-b88a-f0e065071162");

        assertThat(TransportId.of(id.bytes())).isEqualTo(id);
        assertThat(HexFormat.of().formatHex(id.bytes())).isEqualTo("5c91c9b44ab00de8b88af0e065071162");
        assertThatThrownBy(() -> TransportId.parse("1-1-1-1-1")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TransportId.parse("nonsense")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TransportId.of(new byte[15])).isInstanceOf(IllegalArgumentException.class);
        for (String type : new String[] {"", "TCP", "a b", "x".repeat(33), "tcp\u00e9"}) {
            assertThatThrownBy(() -> new TransportType(type)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private void namesTransport(JsonNode vector) {
        PublicKey a = PublicKey.parse(vector.get("edge_a").asString());
        PublicKey b = PublicKey.parse(vector.get("edge_b").asString());
        TransportType type = new TransportType(vector.get("type").asString());
        String id = vector.get("t_id").asString();

        assertThat(TransportId.between(a, b, type).toString()).isEqualTo(id);
        assertThat(TransportId.between(b, a, type).toString()).isEqualTo(id);
        assertThat(TransportEntry.between(b, a, type).id()).isEqualTo(TransportId.parse(id));
    }

    private KeyPair fixture(int index) {
        return KeyPair.of(SecretKey.parse(control.get("keypairs_from_upstream_test_fixtures")
                .get(index)
                .get("secret_key")
                .asString()));
    }
}
