package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RuleTablesTest {
    private static final PublicKey END = KeyPair.generate(new Random(1)).publicKey();
    private static final String RELAY = """
            {"kind":"relay","ingress":"t1","ingress_id":1,"egress":"t2","egress_id":2,"idle_timeout_ms":3,"idle_ms":4,
             "packets":%d,"bytes":%d}""";

    @Test
    void countsRelaysAndTheirTraffic() {
        RuleTables tables = tables(
                "n1", "[{\"kind\":\"forward\",\"peer\":\"" + END.hex() + "\"}]",
                "n2", "[" + RELAY.formatted(5, 700) + "," + RELAY.formatted(1, 30) + "]",
                "n3", "[]");

        assertThat(tables.relays()).containsExactly("n2");
        assertThat(tables.relayedBytes("n2")).isEqualTo(730);
        assertThat(tables.relayedPackets("n2")).isEqualTo(6);
        assertThat(tables.relayedBytes("n3")).isZero();
        assertThat(tables.relayFields()).isEqualTo(RuleTables.RELAY_FIELDS);
        assertThat(tables.isEmpty()).isFalse();
        assertThat(tables("n1", "[]", "n2", "[]").isEmpty()).isTrue();
    }

    @Test
    void seesAFieldTooMany() {
        RuleTables tables = tables("n2", "[{\"kind\":\"relay\",\"route\":\"r\"}]");

        assertThat(tables.relayFields()).contains("route").isNotEqualTo(RuleTables.RELAY_FIELDS);
    }

    @Test
    void seesAnEndsKeyInARelaysTableInAnyForm() {
        for (String form : new String[] {END.hex(), END.base32(), END.hex().toUpperCase(Locale.ROOT)}) {
            assertThat(tables("n2", "[{\"kind\":\"relay\",\"ingress\":\"x" + form + "\"}]")
                            .relaysKnow(END))
                    .isTrue();
        }
        assertThat(tables("n2", "[" + RELAY.formatted(1, 1) + "]").relaysKnow(END))
                .isFalse();
        assertThat(tables("n1", "[{\"kind\":\"forward\",\"peer\":\"" + END.hex() + "\"}]")
                        .relaysKnow(END))
                .as("an end may know the other end")
                .isFalse();
    }

    @Test
    void readsCountersOfAPrometheusPage() {
        Metrics metrics = new Metrics("""
                # TYPE skywire_node_rule_refusals_total counter
                skywire_node_rule_refusals_total{reason="unlisted_signer"} 2.0
                skywire_node_rule_refusals_total{node="n7",reason="unlisted_signer"} 1
                skywire_node_rule_refusals_total{reason="bad_signature"} 9.0
                skywire_node_rule_refusals_total_created{reason="unlisted_signer"} 99
                """);

        assertThat(metrics.unlistedSignerRefusals()).isEqualTo(3);
        assertThat(new Metrics("").unlistedSignerRefusals()).isZero();
    }

    private static RuleTables tables(String... namesAndRows) {
        Map<String, JsonNode> tables = new LinkedHashMap<>();
        for (int i = 0; i < namesAndRows.length; i += 2) {
            tables.put(namesAndRows[i], new JsonMapper().readTree(namesAndRows[i + 1]));
        }
        return new RuleTables(tables);
    }
}
