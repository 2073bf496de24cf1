package io.skywire.control.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import io.skywire.control.testing.TestKeys;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.TransportView;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.node.NodeProtos;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.RuleProtos;
import java.util.Random;

/// Everything that an agent can send: translated into values of the rooms, or refused with words.
class AgentMessageFuzzTest {
    private static final KeyPair SERVICE = TestKeys.pairs(1, 64).getFirst();

    @FuzzTest
    void message(byte[] data) {
        AgentMessage message;
        try {
            message = AgentMessage.parseFrom(data);
        } catch (InvalidProtocolBufferException noMessage) {
            return;
        }
        try {
            translate(message);
        } catch (IllegalArgumentException refused) {
            assertThat(AgentMessages.text(String.valueOf(refused.getMessage())))
                    .isNotBlank()
                    .hasSizeLessThanOrEqualTo(300);
        } catch (Refusal refused) {
            assertThat(refused.status().getDescription()).isNotBlank();
        }
    }

    private static void translate(AgentMessage message) throws Refusal {
        switch (message.getBodyCase()) {
            case HELLO -> {
                Handshake handshake = Handshake.begin(message.getHello(), SERVICE, new Random(1));
                assertThat(handshake.challenge().getSignature().size()).isEqualTo(65);
            }
            case TRANSPORTS -> {
                for (TransportView view : message.getTransports().getViewsList()) {
                    assertThat(AgentMessages.fromProto(view)).isNotNull();
                }
            }
            case ACK ->
                message.getAck()
                        .getRefusedList()
                        .forEach(refusal ->
                                assertThat(AgentMessages.fromProto(refusal)).isNotNull());
            case NACK ->
                assertThat(AgentMessages.fromProto(message.getNack().getReason()))
                        .isNotNull();
            case SETUP ->
                assertThat(AgentMessages.fromProto(message.getSetup(), SERVICE.publicKey()))
                        .isNotNull();
            case PROBE ->
                assertThat(RouteUid.of(message.getProbe().getRoute().toByteArray()))
                        .isNotNull();
            case CLOSE_ROUTE ->
                assertThat(RouteUid.of(message.getCloseRoute().getRoute().toByteArray()))
                        .isNotNull();
            case RULES_EXPIRED ->
                message.getRulesExpired()
                        .getRulesList()
                        .forEach(key -> assertThat(RuleProtos.fromProto(key)).isNotNull());
            case FACTS -> assertThat(NodeProtos.fromProto(message.getFacts())).isNotNull();
            default -> {
                // without a part that is translated
            }
        }
    }
}
