package io.skywire.control.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.control.testing.TestKeys;
import io.skywire.shared.Vectors;
import io.skywire.shared.key.KeyPair;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

final class CanonicalJsonTest {
    private static final KeyPair KEY = TestKeys.pairs(1, 3).getFirst();
    private final EntryDecoder decoder = new EntryDecoder();

    @Test
    void writesEveryGoldenEntryAsItWasSigned() throws Exception {
        JsonNode vectors = Vectors.controlPlane().get("dmsg_entries");
        int seen = 0;
        for (Map.Entry<String, JsonNode> vector : vectors.properties()) {
            MessagingEntry entry = decode(vector.getValue().get("full_json").asString());

            byte[] signed = CanonicalJson.signedBytes(entry);

            assertThat(new String(signed, StandardCharsets.UTF_8))
                    .as(vector.getKey())
                    .isEqualTo(vector.getValue().get("signed_json").asString());
            assertThat(HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(signed)))
                    .isEqualTo(vector.getValue().get("sha256").asString());
            assertThat(CanonicalJson.document(entry))
                    .isEqualTo(vector.getValue().get("full_json").asString());
            assertThat(EntryRules.isSigned(entry)).as(vector.getKey()).isTrue();
            seen++;
        }
        assertThat(seen).isEqualTo(5);
    }

    @Test
    void keepsNullApartFromTheEmptyList() throws Exception {
        JsonNode vectors = Vectors.controlPlane().get("dmsg_entries");
        String withNull = vectors.get("client_no_servers_null").get("full_json").asString();

        assertThat(EntryRules.isSigned(decode(withNull))).isTrue();
        assertThat(EntryRules.isSigned(decode(withNull.replace(":null", ":[]"))))
                .isFalse();
    }

    @Test
    void escapesOnlyQuotesBackslashesAndControls() throws Exception {
        String told = "\"\\\\\\\"\\/\\n\\r\\t\\b\\f\\u0000\\u001F\\u007f<&>\\u2028ünïcödé\\uD83D\\uDE00\"";

        MessagingEntry entry = decode("{\"version\":" + told + ",\"client\":{}}");

        assertThat(CanonicalJson.document(entry))
                .startsWith(
                        "{\"version\":\"\\\\\\\"/\\n\\r\\t\\u0008\\u000c\\u0000\\u001f\u007f<&>\u2028ünïcödé\uD83D\uDE00\",");
    }

    @Test
    void halfASurrogatePairBecomesTheReplacementCharacter() throws Exception {
        assertThat(decode("{\"version\":\"a\\uD800b\"}").version()).isEqualTo("a\uFFFDb");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "9007199254740993", "9223372036854775808", "18446744073709551615"})
    void keepsUnsignedSequencesExact(String sequence) throws Exception {
        MessagingEntry entry =
                decode(SignedDocument.client(KEY, sequence, Instant.EPOCH).text());

        assertThat(Long.toUnsignedString(entry.sequence())).isEqualTo(sequence);
        assertThat(EntryRules.isSigned(entry)).isTrue();
    }

    @Test
    void readsNamesInAnyCaseAndDropsUnknownFields() throws Exception {
        SignedDocument document = SignedDocument.visor(KEY, "7", Instant.EPOCH);
        String text = document.text()
                .replace("\"version\"", "\"Version\"")
                .replace("\"delegated_servers\"", "\"DELEGATED_Servers\"")
                .replace("{\"Version\"", "{ \"extra\" : [1,{\"x\":null}],\n \"Version\"");

        MessagingEntry entry = decode(text);

        assertThat(CanonicalJson.signedBytes(entry))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(document.signedText());
        assertThat(EntryRules.isSigned(entry)).isTrue();
    }

    @Test
    void anyNumberOfZerosIsNoKey() throws Exception {
        assertThat(decode("{\"static\":\"\"}").key()).isEmpty();
        assertThat(decode("{\"static\":\"000\"}").key()).isEmpty();
        assertThat(decode("{\"static\":\"" + "0".repeat(66) + "\"}").key()).isEmpty();
        assertThat(decode("{}").key()).isEmpty();
        assertThat(decode("null").key()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "5",
                "\"x\"",
                "{} {}",
                "{\"version\":5}",
                "{\"sequence\":-1}",
                "{\"sequence\":18446744073709551616}",
                "{\"sequence\":1.0}",
                "{\"sequence\":1e3}",
                "{\"sequence\":\"1\"}",
                "{\"timestamp\":9223372036854775808}",
                "{\"static\":\"xyz\"}",
                "{\"static\":\"02ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\"}",
                "{\"static\":7}",
                "{\"client\":[]}",
                "{\"client\":{\"delegated_servers\":{}}}",
                "{\"client\":{\"delegated_servers\":[null]}}",
                "{\"client\":{\"delegated_servers\":[\"\"]}}",
                "{\"client\":{\"delegated_servers\":[1]}}",
                "{\"server\":\"x\"}",
                "{\"server\":{\"address\":1}}",
                "{\"server\":{\"availableSessions\":\"1\"}}",
                "{\"server\":{\"availableSessions\":99999999999999999999}}"
            })
    void refusesWhatIsNoEntry(String text) {
        assertThatThrownBy(() -> decode(text)).isInstanceOf(UndecodableException.class);
    }

    @Test
    void refusesBytesThatAreNoUtf8AndOtherEncodings() {
        assertThatThrownBy(() -> decoder.entry(new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'}))
                .isInstanceOf(UndecodableException.class);
        assertThatThrownBy(() -> decoder.entry("{}".getBytes(StandardCharsets.UTF_16)))
                .isInstanceOf(UndecodableException.class);
    }

    private MessagingEntry decode(String text) throws UndecodableException {
        return decoder.entry(text.getBytes(StandardCharsets.UTF_8));
    }
}
