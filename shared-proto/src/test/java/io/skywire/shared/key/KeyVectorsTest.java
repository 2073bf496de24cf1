package io.skywire.shared.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.shared.Vectors;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Our curve against Skywire's published keys and signatures. Sources stand in the vector files.
class KeyVectorsTest {
    private final JsonNode control = Vectors.controlPlane();
    private final JsonNode data = Vectors.dataPlane();

    @Test
    void derivesThePublicKeysOfTheFixtures() {
        assertThat(control.get("keypairs_from_upstream_test_fixtures"))
                .hasSize(5)
                .allSatisfy(this::derives);
        derives(control.get("trivial_keypair"));
        assertThat(data.get("keys").properties())
                .filteredOn(entry -> entry.getValue().has("sk"))
                .hasSize(4)
                .allSatisfy(entry -> assertThat(
                                pair(entry.getValue().get("sk")).publicKey().hex())
                        .isEqualTo(entry.getValue().get("pk").asString()));
    }

    @Test
    void verifiesSignaturesThatGoMadeOverRawDigests() {
        assertThat(control.at("/signatures_made_by_go_skycoin_cipher/vectors"))
                .hasSize(4)
                .allSatisfy(vector -> {
                    derives(vector);
                    assertThat(verifies(vector)).isTrue();
                });
        assertThat(data.at("/repo_test").get("skycoin cipher golden (seed-0000 key 0)"))
                .hasSize(2)
                .allSatisfy(vector -> assertThat(Curve.verify(
                                Vectors.hex(vector.get("recovers_to")),
                                Vectors.hex(vector.get("sha256_hash")),
                                Signature.parse(vector.get("sig_r_s_recid").asString())))
                        .isTrue());
    }

    @Test
    void signsWhatGoSignedSoThatItVerifiesToo() {
        assertThat(control.at("/signatures_made_by_go_skycoin_cipher/vectors")).allSatisfy(vector -> {
            BigInteger d = new BigInteger(1, Vectors.hex(vector.get("secret_key")));
            byte[] digest = Vectors.hex(vector.get("digest"));

            Signature ours = Curve.sign(d, digest);

            assertThat(Curve.verify(Vectors.hex(vector.get("public_key")), digest, ours))
                    .isTrue();
            assertThat(Curve.sign(d, digest)).isEqualTo(ours);
        });
    }

    @Test
    void verifiesSignedTextsOfTheHttpApi() {
        JsonNode auth = control.get("httpauth");
        for (String request : new String[] {"post_transports", "get_by_edge", "delete"}) {
            JsonNode headers = auth.get(request).get("headers");
            verifiesText(
                    headers.get("SW-Public"),
                    headers.get("SW-Sig"),
                    auth.get(request).get("signed_bytes_utf8"));
        }
        JsonNode monitor = control.get("network_monitor_headers");
        verifiesText(monitor.at("/headers/NM-PK"), monitor.at("/headers/NM-Sign"), monitor.get("signed_bytes_utf8"));
    }

    @Test
    void verifiesMessagingEntries() {
        assertThat(control.get("dmsg_entries")).isNotEmpty().allSatisfy(entry -> {
            String full = entry.get("full_json").asString();
            JsonNode parsed = new tools.jackson.databind.json.JsonMapper().readTree(full);
            verifiesText(parsed.get("static"), parsed.get("signature"), entry.get("signed_json"));
        });
    }

    @Test
    void refusesSignaturesThatSkywireRefuses() {
        JsonNode negative = control.get("negative");
        for (String name : new String[] {"high_s", "recid_ge_4", "wrong_key"}) {
            assertThat(verifies(negative.get(name))).as(name).isFalse();
        }
        JsonNode good = control.get("transport_signed_entry");
        assertThat(Curve.verify(
                        Vectors.hex(negative.at("/high_s/public_key")),
                        Vectors.hex(good.get("sha256")),
                        Signature.parse(good.at("/json/signatures/0").asString())))
                .as("the same signature with a low S")
                .isTrue();
    }

    @Test
    void refusesTheOtherRecoveryId() {
        JsonNode vector = control.at("/signatures_made_by_go_skycoin_cipher/vectors/0");
        byte[] signature = Vectors.hex(vector.get("signature"));
        for (int recovery = 1; recovery < 256; recovery++) {
            signature[64] = (byte) recovery;
            assertThat(Curve.verify(
                            Vectors.hex(vector.get("public_key")),
                            Vectors.hex(vector.get("digest")),
                            Signature.of(signature)))
                    .as("recovery id %d", recovery)
                    .isFalse();
        }
    }

    @Test
    void refusesTheNullKeyAndItsSignature() {
        assertThatThrownBy(
                        () -> PublicKey.parse(control.at("/null_key/public_key").asString()))
                .isInstanceOf(InvalidKeyException.class);
        PublicKey key =
                PublicKey.parse(control.at("/trivial_keypair/public_key").asString());
        Signature none = Signature.parse(control.at("/null_key/signature").asString());
        assertThat(key.verifies(none, new byte[] {1})).isFalse();
    }

    @Test
    void refusesPointsThatAreNone() {
        JsonNode negative = control.get("negative");
        assertThatThrownBy(() ->
                        PublicKey.parse(negative.get("pubkey_not_on_curve").asString()))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("not a point of the curve");
        assertThatThrownBy(() -> PublicKey.parse(negative.get("pubkey_x_ge_p").asString()))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("below the field's prime");
        assertThatThrownBy(() -> PublicKey.parse(
                        negative.get("pubkey_uncompressed_prefix").asString()))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("starts with 02 or 03, not 04");
    }

    @Test
    void neverSignsNorVerifiesAZeroDigest() {
        byte[] zero = Vectors.hex(control.at("/negative/null_digest/digest"));
        assertThatThrownBy(() -> Curve.sign(BigInteger.TWO, zero)).isInstanceOf(IllegalArgumentException.class);
        // R = Q, r = x(Q), s = r: over a zero digest this would verify for any Q.
        byte[] forged = new byte[Signature.LENGTH];
        byte[] q = pairOf(lowX()).publicKey().bytes();
        System.arraycopy(q, 1, forged, 0, 32);
        System.arraycopy(q, 1, forged, 32, 32);
        forged[64] = (byte) (q[0] & 1);
        assertThat(Curve.verify(q, zero, Signature.of(forged))).isFalse();
    }

    @Test
    void makesTheDeterministicPairsOfSkycoin() {
        JsonNode golden = control.get("deterministic_keypair_golden");
        DeterministicKeys.Link first =
                DeterministicKeys.next(golden.get("seed_utf8").asString().getBytes(StandardCharsets.UTF_8));
        DeterministicKeys.Link second = DeterministicKeys.next(first.nextSeed());

        assertThat(first.pair().secret().revealHex())
                .isEqualTo(golden.at("/first/secret_key").asString());
        assertThat(HexFormat.of().formatHex(first.nextSeed()))
                .isEqualTo(golden.at("/first/next_seed").asString());
        assertThat(second.pair().secret().revealHex())
                .isEqualTo(golden.at("/second/secret_key").asString());
        assertThat(control.get("deterministic_keypair_computed")).isNotEmpty().allSatisfy(vector -> {
            KeyPair pair = DeterministicKeys.of(vector.get("seed_utf8").asString());
            assertThat(pair.secret().revealHex())
                    .isEqualTo(vector.get("secret_key").asString());
            assertThat(pair.publicKey().hex())
                    .isEqualTo(vector.get("public_key").asString());
        });
    }

    @Test
    void agreesOnTheSecretOfTheVectorFromBothSides() {
        KeyPair a = pair(data.at("/keys").get("A(initiator)").get("sk"));
        KeyPair b = pair(data.at("/keys").get("B(responder)").get("sk"));
        byte[] secret = Vectors.hex(data.at("/computed/ecdh/sha256_of_compressed"));

        assertThat(a.agree(b.publicKey())).isEqualTo(secret);
        assertThat(b.agree(a.publicKey())).isEqualTo(secret);
        assertThat(Curve.multiply(b.publicKey().bytes(), a.secret().scalar()))
                .isEqualTo(Vectors.hex(data.at("/computed/ecdh/shared_point_compressed")));
    }

    private void derives(JsonNode vector) {
        assertThat(pair(vector.get("secret_key")).publicKey().hex())
                .isEqualTo(vector.get("public_key").asString());
    }

    private static boolean verifies(JsonNode vector) {
        return Curve.verify(
                Vectors.hex(vector.get("public_key")),
                Vectors.hex(vector.get("digest")),
                Signature.parse(vector.get("signature").asString()));
    }

    private static void verifiesText(JsonNode key, JsonNode signature, JsonNode text) {
        PublicKey signer = PublicKey.parse(key.asString());
        Signature proof = Signature.parse(signature.asString());
        byte[] payload = text.asString().getBytes(StandardCharsets.UTF_8);
        assertThat(signer.verifies(proof, payload)).isTrue();
        payload[0] ^= 1;
        assertThat(signer.verifies(proof, payload)).isFalse();
    }

    /// A scalar whose point has an x that may serve as a low S.
    private static int lowX() {
        int d = 1;
        while (pairOf(d).publicKey().bytes()[1] < 0) {
            d++;
        }
        return d;
    }

    private static KeyPair pairOf(int scalar) {
        return KeyPair.of(SecretKey.parse(String.format("%064x", scalar)));
    }

    private static KeyPair pair(JsonNode secret) {
        return KeyPair.of(SecretKey.parse(secret.asString()));
    }
}
