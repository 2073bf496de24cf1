package io.skywire.node.letters;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LetterEgressTest {
    private final PublicKey somebody = KeyPair.generate(new Random(3)).publicKey();
    private final SealedLetters session = SealedLetters.pair(11);
    private final Workspace workspace = new Workspace(1 << 20, 1 << 20);
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final LetterEgress<String> egress = new LetterEgress<>(
            channel, session.client().sealing(), workspace, new QueueLimits(64_000, 32_000), new LongAdder());
    private final LetterReader reader = new LetterReader(session.server().opening(), new Workspace(1 << 20, 1));

    @AfterEach
    void nothingLeaks() {
        egress.close();
        channel.releaseOutbound();
        channel.close();
        assertThat(workspace.held()).isZero();
        assertThat(workspace.inFlight()).isZero();
    }

    private List<Integer> arrived() throws Exception {
        List<Integer> marks = new ArrayList<>();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            try {
                reader.read(out, (plain, length) -> {
                    for (int at = 0; at < length; ) {
                        int letter = LetterLayout.check(plain, at, length, LetterLayout.MAX_PAYLOAD);
                        marks.add((int) plain[at + LetterLayout.headLength(plain, at)]);
                        at += letter;
                    }
                });
            } finally {
                out.release();
            }
        }
        return marks;
    }

    private boolean send(int mark, int payload) {
        byte[] bytes = new byte[payload];
        bytes[0] = (byte) mark;
        return egress.send("flow", somebody, bytes, 0, payload);
    }

    @Test
    void putsManyLettersIntoOneFrame() throws Exception {
        for (int i = 0; i < 10; i++) {
            send(i, 100);
        }
        assertThat(arrived()).isEmpty();

        egress.flush();

        assertThat(channel.outboundMessages()).hasSize(1);
        assertThat(arrived()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void beginsAnotherFrameWhenOneIsFull() throws Exception {
        for (int i = 0; i < 9; i++) {
            send(i, 16_000);
        }
        egress.flush();

        assertThat(reader.frames()).isZero();
        assertThat(arrived()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(reader.frames()).isEqualTo(3);
    }

    @Test
    void waitsInTheQueueWhileTheSocketTakesNothingAndKeepsTheOrder() throws Exception {
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 2));
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        for (int i = 0; i < 20; i++) {
            assertThat(send(i, 1_000)).isTrue();
        }
        egress.flush();
        assertThat(arrived()).isEmpty();
        assertThat(egress.queued()).isEqualTo(20 * 1_036);

        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        egress.flush();

        assertThat(arrived()).hasSize(20).isSorted();
        egress.tick();
        assertThat(workspace.held()).isZero();
    }

    @Test
    void dropsWhatIsOverTheBound() {
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        int taken = 0;
        while (send(1, 1_000)) {
            taken++;
        }

        assertThat(taken).isEqualTo(32_000 / 1_036);
        assertThat(egress.sendOwn(LetterLayout.own(LetterKind.PING, new byte[8])))
                .isTrue();
    }

    @Test
    void takesNothingOnceClosed() {
        egress.close();

        assertThat(send(1, 10)).isFalse();
        assertThat(egress.sendOwn(LetterLayout.own(LetterKind.PING, new byte[8])))
                .isFalse();
        assertThat(egress.takesFrames()).isFalse();
    }
}
