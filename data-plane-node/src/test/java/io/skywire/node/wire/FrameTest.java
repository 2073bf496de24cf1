package io.skywire.node.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.noise.CipherOffer;
import io.skywire.shared.noise.LinkCipher;
import io.skywire.shared.noise.LinkHandshake;
import io.skywire.shared.noise.LinkSession;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {
    private static final int MAX = PacketLayout.MAX_PAYLOAD;

    private final Random random = new Random(0xf4a3eL);
    private final List<byte[]> arrived = new ArrayList<>();
    private final ByteBuf wire = Unpooled.buffer();
    private FrameBuilder builder;
    private FrameReader reader;

    @BeforeEach
    void connect() throws Exception {
        connect(LinkCipher.AES_256_GCM);
    }

    private void connect(LinkCipher cipher) throws Exception {
        KeyPair alice = KeyPair.generate(random);
        KeyPair bob = KeyPair.generate(random);
        CipherOffer offer = CipherOffer.only(cipher);
        LinkHandshake dialling =
                LinkHandshake.dialling(alice, bob.publicKey(), offer, MAX, () -> KeyPair.generate(random));
        LinkHandshake accepting = LinkHandshake.accepting(bob, offer, MAX, () -> KeyPair.generate(random));
        byte[] two = ((LinkHandshake.Step.Reply) accepting.receive(dialling.start())).message();
        LinkHandshake.Step.Done dialled = (LinkHandshake.Step.Done) dialling.receive(two);
        LinkSession accepted = ((LinkHandshake.Step.Done)
                        accepting.receive(dialled.lastMessage().orElseThrow()))
                .session();
        builder = new FrameBuilder(dialled.session().sealing());
        reader = new FrameReader(accepted.opening(), accepted.maxPayload());
    }

    @AfterEach
    void release() {
        wire.release();
    }

    private byte[] packet(int payload) {
        byte[] bytes = new byte[payload];
        random.nextBytes(bytes);
        return PacketLayout.packet(PacketType.DATA, new RouteId(random.nextInt() | 1), bytes);
    }

    private void take(byte[] frame, int offset, int length) {
        arrived.add(Arrays.copyOfRange(frame, offset, offset + length));
    }

    @ParameterizedTest
    @EnumSource(LinkCipher.class)
    void carriesManyPacketsInOneFrame(LinkCipher cipher) throws Exception {
        connect(cipher);
        List<byte[]> sent = new ArrayList<>();
        for (byte[] next = packet(random.nextInt(200)); builder.fits(next.length); next = packet(random.nextInt(200))) {
            builder.append(next, 0, next.length);
            sent.add(next);
        }

        builder.sealInto(wire);
        reader.read(wire, this::take);

        assertThat(sent).hasSizeGreaterThan(400);
        assertThat(arrived).usingElementComparator(Arrays::compare).containsExactlyElementsOf(sent);
        assertThat(reader.packets()).isEqualTo(sent.size());
        assertThat(builder.isEmpty()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, MAX - 1, MAX})
    void carriesPayloadsUpToTheLimitInReadsOfOneByte(int payload) throws Exception {
        byte[] sent = packet(payload);
        builder.append(sent, 0, sent.length);
        builder.sealInto(wire);

        while (wire.isReadable()) {
            reader.read(wire.readSlice(1), this::take);
        }

        assertThat(arrived).usingElementComparator(Arrays::compare).containsExactly(sent);
    }

    @Test
    void refusesAPayloadOverTheLimit() {
        byte[] sent = packet(MAX + 1);
        builder.append(sent, 0, sent.length);
        builder.sealInto(wire);

        refuses("over the link's limit");
    }

    @Test
    void fillsAFrameToItsLastByteAndNotOneMore() throws Exception {
        int rest = FrameLayout.MAX_PLAIN;
        while (rest > 0) {
            int length = Math.min(rest, 10_000);
            byte[] next = packet(length - PacketLayout.HEADER_LENGTH);
            builder.append(next, 0, next.length);
            rest -= length;
        }

        assertThat(builder.fits(1)).isFalse();
        assertThat(builder.frameLength()).isEqualTo(FrameLayout.MAX_FRAME);
        builder.sealInto(wire);
        reader.read(wire, this::take);
        assertThat(reader.bytes()).isEqualTo(FrameLayout.MAX_PLAIN);
    }

    @Test
    void refusesAFlippedBit() {
        byte[] sent = packet(100);
        builder.append(sent, 0, sent.length);
        builder.sealInto(wire);
        wire.setByte(20, wire.getByte(20) ^ 1);

        refuses("does not authenticate");
    }

    @Test
    void refusesAFrameTooShortForAPacketBeforeItHasArrived() {
        wire.writeShort(LinkCipher.TAG_LENGTH + PacketLayout.HEADER_LENGTH - 1);

        refuses("holds no packet");
    }

    @Test
    void refusesAPacketThatLeavesItsFrame() {
        byte[] sent = packet(100);
        builder.append(sent, 0, sent.length - 1);
        builder.sealInto(wire);

        refuses("leaves its frame");
    }

    @Test
    void refusesBytesBehindTheLastPacket() {
        byte[] sent = packet(100);
        builder.append(sent, 0, sent.length);
        builder.append(new byte[6], 0, 6);
        builder.sealInto(wire);

        refuses("are no packet");
    }

    private void refuses(String because) {
        assertThatExceptionOfType(BadFrameException.class)
                .isThrownBy(() -> reader.read(wire, this::take))
                .withMessageContaining(because);
        assertThatExceptionOfType(BadFrameException.class)
                .as("the reader refuses everything from now on")
                .isThrownBy(() -> reader.read(Unpooled.EMPTY_BUFFER, this::take));
    }
}
