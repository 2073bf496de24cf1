package io.skywire.shared.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.skywire.shared.Seeds;
import io.skywire.shared.key.DeterministicKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.SignedRuleDelta.Refusal;
import io.skywire.shared.rule.SignedRuleDelta.Verification;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SignedRuleDeltaTest {
    private static final KeyPair SETUP = DeterministicKeys.of("setup");
    private static final PublicKey NODE = DeterministicKeys.of("node1").publicKey();
    private static final PublicKey PEER = DeterministicKeys.of("node2").publicKey();
    private static final TransportId TRANSPORT = TransportId.between(NODE, PEER, TransportType.TCP);
    private static final TransportId OTHER = TransportId.between(NODE, PEER, TransportType.MESSAGING);
    private static final RouteUid ROUTE = new RouteUid(new UUID(1, -2));
    private static final Duration IDLE = Duration.ofSeconds(30);

    private static final Rule FORWARD = new Rule.Forward(
            ROUTE, new SessionUid(new UUID(-3, 4)), RouteEnd.RESPONDER, PEER, TRANSPORT, new RouteId(-1), 16_384, IDLE);
    private static final Rule RELAY = new Rule.Relay(TRANSPORT, new RouteId(7), OTHER, new RouteId(-8), IDLE);
    private static final Rule CONSUME = new Rule.Consume(ROUTE, PEER, TRANSPORT, new RouteId(9), IDLE);

    @Test
    void everyKindOfRuleComesBackFromItsMessage() {
        for (Rule rule : List.of(FORWARD, RELAY, CONSUME)) {
            assertThat(RuleProtos.fromProto(RuleProtos.toProto(rule))).isEqualTo(rule);
            assertThat(RuleProtos.fromProto(RuleProtos.toProto(rule.key()))).isEqualTo(rule.key());
        }
    }

    @Test
    void aRelayMessageHoldsTwoTransportsAndTwoNumbersOnly() {
        assertThat(io.skywire.proto.v1.Relay.getDescriptor().getFields())
                .extracting(field -> field.getName())
                .containsExactly("ingress", "ingress_id", "egress", "egress_id");
    }

    @Test
    void trustsWhatAListedKeySignedForThisNode() {
        RuleDelta increment = increment();
        RuleDelta snapshot =
                new RuleDelta(NODE, RuleDelta.Kind.SNAPSHOT, 0, 7, List.of(), List.of(RELAY), Instant.ofEpochMilli(5));
        for (RuleDelta delta : List.of(increment, snapshot)) {
            SignedRuleDelta received = overTheWire(SignedRuleDelta.sign(delta, SETUP));

            assertThat(received.verify(NODE, Set.of(SETUP.publicKey()))).isEqualTo(new Verification.Trusted(delta));
        }
    }

    @Test
    void refusesASignerOutsideTheWhitelist() {
        SignedRuleDelta signed = SignedRuleDelta.sign(increment(), DeterministicKeys.of("somebody"));

        assertRefused(signed.verify(NODE, Set.of(SETUP.publicKey())), Refusal.UNLISTED_SIGNER);
        assertRefused(SignedRuleDelta.sign(increment(), SETUP).verify(NODE, Set.of()), Refusal.UNLISTED_SIGNER);
    }

    @Test
    void refusesAStrangersSignatureUnderAListedName() {
        SignedRuleDelta strangers = SignedRuleDelta.sign(increment(), DeterministicKeys.of("somebody"));
        SignedRuleDelta disguised =
                SignedRuleDelta.of(strangers.delta(), SETUP.publicKey().bytes(), strangers.signature());

        assertRefused(disguised.verify(NODE, Set.of(SETUP.publicKey())), Refusal.BAD_SIGNATURE);
    }

    @Test
    void refusesADeltaForAnotherNode() {
        assertRefused(
                SignedRuleDelta.sign(increment(), SETUP).verify(PEER, Set.of(SETUP.publicKey())), Refusal.OTHER_NODE);
    }

    @Test
    void refusesASignatureMadeForAnotherPurpose() {
        byte[] delta = SignedRuleDelta.sign(increment(), SETUP).delta();
        SignedRuleDelta bare = SignedRuleDelta.of(
                delta, SETUP.publicKey().bytes(), SETUP.sign(delta).bytes());

        assertRefused(bare.verify(NODE, Set.of(SETUP.publicKey())), Refusal.BAD_SIGNATURE);
    }

    @Test
    void aFlippedBitAnywhereIsRefused() {
        SignedRuleDelta signed = SignedRuleDelta.sign(increment(), SETUP);
        everyFlip(signed.delta(), flipped -> assertRefusedAnyway(flipped, signed.setupKey(), signed.signature()));
        everyFlip(signed.setupKey(), flipped -> assertRefusedAnyway(signed.delta(), flipped, signed.signature()));
        everyFlip(signed.signature(), flipped -> assertRefusedAnyway(signed.delta(), signed.setupKey(), flipped));
    }

    @Test
    void malformedBytesAreRefusedAndNeverThrow() {
        Seeds.forAll(300, random -> {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            assertRefused(signedBytes(bytes).verify(NODE, Set.of(SETUP.publicKey())), Refusal.MALFORMED);
        });
        assertRefused(
                SignedRuleDelta.of(new byte[0], new byte[0], new byte[0]).verify(NODE, Set.of()), Refusal.MALFORMED);
        assertRefused(
                SignedRuleDelta.of(new byte[9], SETUP.publicKey().bytes(), new byte[64])
                        .verify(NODE, Set.of(SETUP.publicKey())),
                Refusal.MALFORMED);
    }

    /// A whole delta with some bytes changed, then signed properly: parsing alone must stand it.
    @Test
    void aDamagedDeltaUnderAGoodSignatureNeverThrows() {
        byte[] good = SignedRuleDelta.sign(increment(), SETUP).delta();
        Seeds.forAll(500, random -> {
            byte[] damaged = good.clone();
            for (int i = 1 + random.nextInt(4); i > 0; i--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            Verification verification = signedBytes(damaged).verify(NODE, Set.of(SETUP.publicKey()));
            if (verification instanceof Verification.Trusted trusted) {
                RuleProtos.toProto(trusted.delta()); // what was trusted can be written again
                trusted.delta().upserts().forEach(Rule::key);
            }
        });
    }

    @Test
    void refusesMissingAndImpossibleFieldsOfAListedSigner() {
        assertMalformed("no kind", delta -> delta.setKindValue(9));
        assertMalformed("33 bytes", delta -> delta.setNode(ByteString.EMPTY));
        assertMalformed("later one", delta -> delta.setRevision(delta.getBaseRevision()));
        assertMalformed("never negative", delta -> delta.setRevision(-1));
        assertMalformed("names no rule", delta -> delta.addRemovals(io.skywire.proto.v1.RuleKey.getDefaultInstance()));
        assertMalformed("no kind", delta -> delta.addUpsertsBuilder().setIdleTimeoutMs(1));
        assertMalformed("idle timeout", delta -> delta.getUpsertsBuilder(0).setIdleTimeoutMs(0));
        assertMalformed("idle timeout", delta -> delta.getUpsertsBuilder(0).setIdleTimeoutMs(-1));
        assertMalformed(
                "payload limit",
                delta -> delta.getUpsertsBuilder(0).getForwardBuilder().setMaxPayload(16_385));
        assertMalformed(
                "says no end",
                delta -> delta.getUpsertsBuilder(0).getForwardBuilder().setEndValue(0));
        assertMalformed(
                "link itself",
                delta -> delta.getUpsertsBuilder(1).getRelayBuilder().setEgressId(0));
        assertMalformed(
                "16 bytes",
                delta -> delta.getUpsertsBuilder(2).getConsumeBuilder().setRoute(ByteString.copyFrom(new byte[15])));
        assertMalformed("snapshot has no removals", delta -> delta.setKindValue(2));
    }

    @Test
    void aDeltaLeadsForward() {
        assertThatThrownBy(
                        () -> new RuleDelta(NODE, RuleDelta.Kind.INCREMENT, 3, 3, List.of(), List.of(), Instant.EPOCH))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RuleKey.Ingress(TRANSPORT, RouteId.LINK))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void randomRouteIdsAreNeverTheLinkItself() {
        Seeds.forAll(50, random -> assertThat(RouteId.random(random)).isNotEqualTo(RouteId.LINK));
        int[] zeroFirst = {0, 0, 5};
        int[] at = {0};
        assertThat(RouteId.random(() -> (long) zeroFirst[at[0]++] << 32)).isEqualTo(new RouteId(5));
    }

    @Test
    void uidsKeepTheirSixteenBytes() {
        assertThat(RouteUid.of(ROUTE.bytes())).isEqualTo(ROUTE);
        assertThat(RouteUid.parse(ROUTE.toString())).isEqualTo(ROUTE);
        assertThatThrownBy(() -> SessionUid.of(new byte[17]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a session uid has 16 bytes, not 17");
    }

    private static RuleDelta increment() {
        return new RuleDelta(
                NODE,
                RuleDelta.Kind.INCREMENT,
                41,
                42,
                List.of(new RuleKey.Ingress(OTHER, new RouteId(3)), new RuleKey.ForwardOf(ROUTE)),
                List.of(FORWARD, RELAY, CONSUME),
                Instant.ofEpochMilli(1_700_000_000_123L));
    }

    private static SignedRuleDelta overTheWire(SignedRuleDelta signed) {
        return RuleProtos.fromProto(RuleProtos.toProto(signed));
    }

    private static SignedRuleDelta signedBytes(byte[] delta) {
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes("skywire rule delta v1\0".getBytes(StandardCharsets.US_ASCII));
        signed.writeBytes(delta);
        return SignedRuleDelta.of(
                delta,
                SETUP.publicKey().bytes(),
                SETUP.sign(signed.toByteArray()).bytes());
    }

    private static void everyFlip(byte[] bytes, Consumer<byte[]> check) {
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            check.accept(flipped);
        }
    }

    private static void assertMalformed(String detail, Consumer<io.skywire.proto.v1.RuleDelta.Builder> damage) {
        io.skywire.proto.v1.RuleDelta.Builder delta = RuleProtos.toProto(increment()).toBuilder();
        damage.accept(delta);
        Verification verification = signedBytes(delta.build().toByteArray()).verify(NODE, Set.of(SETUP.publicKey()));
        assertRefused(verification, Refusal.MALFORMED);
        assertThat(((Verification.Refused) verification).detail()).contains(detail);
    }

    private static void assertRefusedAnyway(byte[] delta, byte[] setupKey, byte[] signature) {
        assertThat(SignedRuleDelta.of(delta, setupKey, signature).verify(NODE, Set.of(SETUP.publicKey())))
                .isInstanceOf(Verification.Refused.class);
    }

    private static void assertRefused(Verification verification, Refusal refusal) {
        assertThat(verification).isInstanceOfSatisfying(Verification.Refused.class, refused -> {
            assertThat(refused.refusal()).isEqualTo(refusal);
            assertThat(refused.detail()).isNotBlank();
        });
    }
}
