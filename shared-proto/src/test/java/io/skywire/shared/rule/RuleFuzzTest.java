package io.skywire.shared.rule;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import io.skywire.shared.key.KeyPair;
import java.util.Random;
import java.util.Set;

/// Rules and signed deltas from strangers: a value that stays the same in every form, or `IllegalArgumentException`.
class RuleFuzzTest {
    private static final KeyPair NODE = KeyPair.generate(new Random(61));
    private static final KeyPair SETUP = KeyPair.generate(new Random(62));

    @FuzzTest
    void rule(byte[] data) throws Exception {
        io.skywire.proto.v1.Rule proto;
        try {
            proto = io.skywire.proto.v1.Rule.parseFrom(data);
        } catch (InvalidProtocolBufferException noMessage) {
            return;
        }
        try {
            Rule rule = RuleProtos.fromProto(proto);
            assertThat(RuleProtos.fromProto(RuleProtos.toProto(rule))).isEqualTo(rule);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }

    @FuzzTest
    void ruleKey(byte[] data) throws Exception {
        io.skywire.proto.v1.RuleKey proto;
        try {
            proto = io.skywire.proto.v1.RuleKey.parseFrom(data);
        } catch (InvalidProtocolBufferException noMessage) {
            return;
        }
        try {
            RuleKey key = RuleProtos.fromProto(proto);
            assertThat(RuleProtos.fromProto(RuleProtos.toProto(key))).isEqualTo(key);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }

    @FuzzTest
    void delta(byte[] data) {
        try {
            RuleDelta delta = RuleProtos.parseDelta(data);
            assertThat(RuleProtos.parseDelta(RuleProtos.toProto(delta).toByteArray()))
                    .isEqualTo(delta);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }

    /// What a setup key signs by mistake must not harm a node either: the same bytes with a good signature.
    @FuzzTest
    void signedDelta(byte[] data) throws Exception {
        byte[] signature = SETUP.sign(data).bytes();
        assertThat(SignedRuleDelta.of(data, SETUP.publicKey().bytes(), signature)
                        .verify(NODE.publicKey(), Set.of(SETUP.publicKey())))
                .isNotNull();
        try {
            assertThat(RuleProtos.fromProto(io.skywire.proto.v1.SignedRuleDelta.parseFrom(data))
                            .verify(NODE.publicKey(), Set.of(SETUP.publicKey())))
                    .isNotNull();
        } catch (InvalidProtocolBufferException noMessage) {
            assertThat(noMessage.getMessage()).isNotBlank();
        }
    }
}
