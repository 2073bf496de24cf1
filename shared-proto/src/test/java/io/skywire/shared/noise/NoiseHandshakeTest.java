package io.skywire.shared.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.skywire.shared.key.KeyPair;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class NoiseHandshakeTest {
    private static final byte[] PROLOGUE = "lightning".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EMPTY = {};

    private final Vectors vectors = Vectors.bolt8();
    private final KeyPair responderKeys = vectors.pair("responder_static_private");

    private NoiseHandshake initiator() {
        KeyPair self = vectors.pair("initiator_static_private");
        KeyPair ephemeral = vectors.pair("initiator_ephemeral_private");
        return NoiseHandshake.initiator(self, responderKeys.publicKey(), PROLOGUE, () -> ephemeral);
    }

    private NoiseHandshake responder() {
        KeyPair ephemeral = vectors.pair("responder_ephemeral_private");
        return NoiseHandshake.responder(responderKeys, PROLOGUE, () -> ephemeral);
    }

    @Test
    void writesTheActsOfBolt8() throws HandshakeException {
        NoiseHandshake initiator = initiator();
        NoiseHandshake responder = responder();

        byte[] one = initiator.write(EMPTY);
        assertThat(one).isEqualTo(vectors.act("act_one"));
        assertThat(responder.read(one)).isEmpty();
        byte[] two = responder.write(EMPTY);
        assertThat(two).isEqualTo(vectors.act("act_two"));
        assertThat(initiator.read(two)).isEmpty();
        byte[] three = initiator.write(EMPTY);
        assertThat(three).isEqualTo(vectors.act("act_three"));
        assertThat(responder.read(three)).isEmpty();

        assertThat(initiator.split().send()).isEqualTo(vectors.bytes("initiator_sends_with"));
        assertThat(initiator.split().receive()).isEqualTo(vectors.bytes("initiator_receives_with"));
        assertThat(responder.split().send()).isEqualTo(vectors.bytes("initiator_receives_with"));
        assertThat(responder.split().receive()).isEqualTo(vectors.bytes("initiator_sends_with"));
        assertThat(initiator.chainingKey()).isEqualTo(vectors.bytes("chaining_key"));
        assertThat(responder.chainingKey()).isEqualTo(vectors.bytes("chaining_key"));
        assertThat(responder.remote().bytes()).isEqualTo(vectors.bytes("initiator_static_public"));
    }

    @ParameterizedTest(name = "act {0}: {1}")
    @MethodSource("mustFail")
    void refusesWhatBolt8RefusesAndStaysUsable(String act, String why, byte[] message) throws HandshakeException {
        NoiseHandshake reader = act.equals("two") ? initiator() : responder();
        switch (act) {
            case "two" -> reader.write(EMPTY);
            case "three" -> {
                reader.read(vectors.act("act_one"));
                reader.write(EMPTY);
            }
            default -> assertThat(act).isEqualTo("one");
        }

        assertThatExceptionOfType(HandshakeException.class)
                .as(why)
                .isThrownBy(() -> reader.read(Vectors.withoutVersion(message)));

        assertThat(reader.isDead()).isFalse();
        assertThat(reader.read(vectors.act("act_" + act))).isEmpty();
    }

    static Stream<Object[]> mustFail() {
        List<JsonNode> cases = Vectors.bolt8().mustFail().valueStream().toList();
        assertThat(cases).hasSize(6);
        return cases.stream().map(one -> new Object[] {
            one.get("act").asString(),
            one.get("why").asString(),
            HexFormat.of().parseHex(one.get("bytes").asString())
        });
    }

    @Test
    void carriesPayloadsInEveryAct() throws HandshakeException {
        NoiseHandshake initiator = initiator();
        NoiseHandshake responder = responder();

        assertThat(responder.read(initiator.write(new byte[] {1}))).containsExactly(1);
        assertThat(initiator.read(responder.write(new byte[] {2, 2}))).containsExactly(2, 2);
        assertThat(responder.read(initiator.write(new byte[] {3, 3, 3}))).containsExactly(3, 3, 3);
        assertThat(initiator.split().send()).isEqualTo(responder.split().receive());
    }

    @Test
    void refusesActOneOfAnotherPrologue() throws HandshakeException {
        KeyPair ephemeral = vectors.pair("responder_ephemeral_private");
        NoiseHandshake responder = NoiseHandshake.responder(responderKeys, new byte[] {1}, () -> ephemeral);

        assertThatExceptionOfType(HandshakeException.class).isThrownBy(() -> responder.read(vectors.act("act_one")));
    }

    @Test
    void keepsTheOrderOfActs() {
        assertThatIllegalStateException().isThrownBy(() -> responder().write(EMPTY));
        assertThatIllegalStateException().isThrownBy(() -> initiator().read(vectors.act("act_two")));
        assertThatIllegalStateException().isThrownBy(() -> initiator().split());
    }
}
