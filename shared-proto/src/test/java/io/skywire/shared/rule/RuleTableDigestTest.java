package io.skywire.shared.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.shared.key.DeterministicKeys;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RuleTableDigestTest {
    private static final PublicKey ONE = DeterministicKeys.of("node1").publicKey();
    private static final PublicKey OTHER = DeterministicKeys.of("node2").publicKey();
    private static final TransportId IN = TransportId.between(ONE, OTHER, TransportType.TCP);
    private static final TransportId OUT = TransportId.between(ONE, OTHER, TransportType.MESSAGING);
    private static final Duration IDLE = Duration.ofSeconds(30);
    private static final Rule RELAY = new Rule.Relay(IN, new RouteId(7), OUT, new RouteId(-8), IDLE);
    private static final Rule CONSUME =
            new Rule.Consume(new RouteUid(new UUID(1, -2)), OTHER, IN, new RouteId(9), IDLE);

    @Test
    void doesNotDependOnTheOrder() {
        assertThat(RuleTableDigest.of(List.of(RELAY, CONSUME)))
                .isEqualTo(RuleTableDigest.of(List.of(CONSUME, RELAY)))
                .hasSameHashCodeAs(RuleTableDigest.of(List.of(CONSUME, RELAY)));
    }

    @Test
    void differsWithEveryField() {
        assertThat(List.of(
                        RuleTableDigest.of(List.of()),
                        RuleTableDigest.of(List.of(RELAY)),
                        RuleTableDigest.of(List.of(RELAY, RELAY)),
                        RuleTableDigest.of(List.of(new Rule.Relay(OUT, new RouteId(7), OUT, new RouteId(-8), IDLE))),
                        RuleTableDigest.of(List.of(new Rule.Relay(IN, new RouteId(8), OUT, new RouteId(-8), IDLE))),
                        RuleTableDigest.of(List.of(new Rule.Relay(IN, new RouteId(7), IN, new RouteId(-8), IDLE))),
                        RuleTableDigest.of(List.of(new Rule.Relay(IN, new RouteId(7), OUT, new RouteId(-9), IDLE))),
                        RuleTableDigest.of(
                                List.of(new Rule.Relay(IN, new RouteId(7), OUT, new RouteId(-8), IDLE.plusMillis(1))))))
                .doesNotHaveDuplicates();
    }

    /// The layout of docs/protocol/agent-session.md, written down a second time.
    @Test
    void hashesTheDocumentedBytes() throws Exception {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        byte[] rule = sha256.digest(RuleProtos.toProto(RELAY).toByteArray());
        sha256.update("skywire rule table v1\0".getBytes(StandardCharsets.US_ASCII));
        sha256.update(new byte[] {0, 0, 0, 1});
        sha256.update(rule);

        assertThat(RuleTableDigest.of(List.of(RELAY)).bytes()).isEqualTo(sha256.digest());
    }

    @Test
    void comesBackFromItsBytes() {
        RuleTableDigest digest = RuleTableDigest.of(List.of(RELAY));

        assertThat(RuleTableDigest.parse(digest.bytes())).isEqualTo(digest);
        assertThatThrownBy(() -> RuleTableDigest.parse(new byte[31])).isInstanceOf(IllegalArgumentException.class);
    }
}
