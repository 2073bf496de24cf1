package io.skywire.node.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.quic.QuicStreamFrame;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StreamChunksTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final List<Object> events = new ArrayList<>();
    private final EmbeddedChannel channel =
            new EmbeddedChannel(new StreamChunks(PATIENCE), new ChannelInboundHandlerAdapter() {
                @Override
                public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                    events.add(event);
                }
            });

    StreamChunksTest() {
        channel.freezeTime();
    }

    private void arrives(String wire) {
        channel.writeInbound(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(wire)));
        channel.releaseInbound();
    }

    private void finArrives() {
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }

    /// What has left since the last look, in hex, FINs as `|`.
    private String said() {
        StringBuilder said = new StringBuilder();
        for (Object message = channel.readOutbound(); message != null; message = channel.readOutbound()) {
            ByteBuf bytes = message instanceof QuicStreamFrame frame ? frame.content() : (ByteBuf) message;
            said.append(ByteBufUtil.hexDump(bytes));
            said.append(message instanceof QuicStreamFrame frame && frame.hasFin() ? "|" : "");
            bytes.release();
        }
        return said.toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_533, 65_534, 65_535, 65_536, 131_068, 131_069, 200_000})
    void bytesComeBackHoweverTheyAreCut(int size) {
        byte[] bytes = new byte[size];
        Random random = new Random(size);
        random.nextBytes(bytes);
        channel.writeOutbound(Unpooled.copiedBuffer(bytes), QuicStreamFrame.EMPTY_FIN);
        byte[] wire = ByteBufUtil.decodeHexDump(said());
        assertThat(wire.length).isEqualTo(size + 2 * ((size + 65_533) / 65_534) + 2);

        for (int at = 0; at < wire.length; ) {
            int length = Math.min(1 + random.nextInt(1 + wire.length / 5), wire.length - at);
            channel.writeInbound(Unpooled.copiedBuffer(wire, at, length));
            at += length;
        }

        ByteArrayOutputStream read = new ByteArrayOutputStream();
        for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
            read.writeBytes(ByteBufUtil.getBytes(part));
            part.release();
        }
        assertThat(read.toByteArray()).isEqualTo(bytes);
        assertThat(events).containsExactly(ChannelInputShutdownEvent.INSTANCE);
    }

    @Test
    void theEndThatIsSaidFirstKeepsItsFinUntilTheOtherHasCome() {
        channel.writeOutbound(QuicStreamFrame.EMPTY_FIN);
        assertThat(said()).isEqualTo("0000");

        arrives("0000");

        assertThat(said()).isEqualTo("0000|");
        assertThat(events).containsExactly(ChannelInputShutdownEvent.INSTANCE);
    }

    @Test
    void theEndThatIsSaidSecondCarriesItsFin() {
        arrives("0000");
        assertThat(said()).isEmpty();

        channel.writeOutbound(QuicStreamFrame.EMPTY_FIN);

        assertThat(said()).isEqualTo("0000|");
        arrives("0000");
        finArrives();
        assertThat(events).containsExactly(ChannelInputShutdownEvent.INSTANCE);
        assertThat(said()).isEmpty();
    }

    @Test
    void closingBeforeBothEndsAreSaidAborts() {
        arrives("0000");

        channel.pipeline().close();

        assertThat(said()).isEqualTo("ffff|");
        assertThat(channel.isOpen()).as("it waits for the peer's answer").isTrue();
        arrives("00054142");
        assertThatThrownBy(() -> channel.writeOutbound(Unpooled.wrappedBuffer(new byte[1])))
                .isInstanceOf(ChannelOutputShutdownException.class);
        assertThat(said()).isEmpty();
    }

    @Test
    void anAbortGoesBehindAnEnd() {
        channel.writeOutbound(QuicStreamFrame.EMPTY_FIN);

        channel.pipeline().close();

        assertThat(said()).isEqualTo("0000ffff|");
    }

    @Test
    void anAbortIsAnsweredAtOnceAndIsAFailure() {
        assertThatThrownBy(() -> arrives("0001410000ffff"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("aborted");

        assertThat(said()).isEqualTo("ffff|");
        channel.pipeline().close();
        assertThat(said()).isEmpty();
    }

    @Test
    void anAbortWithoutAnAnswerIsCutOff() {
        channel.pipeline().close();
        channel.advanceTimeBy(PATIENCE.toMillis() - 1, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        assertThat(channel.isOpen()).isTrue();

        channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();

        assertThat(channel.isOpen()).isFalse();
        assertThat(said()).isEqualTo("ffff|");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "0005", "000541"})
    void aStreamWithoutAnEndIsCut(String wire) {
        arrives(wire);

        finArrives();

        assertThatThrownBy(channel::checkException).isInstanceOf(EOFException.class);
        assertThat(events).isEmpty();
        assertThat(said()).isEqualTo("ffff|");
    }

    @Test
    void aPeerThatLeavesBeforeThisSideHasEndedCutsTheStream() {
        arrives("0000");

        finArrives();

        assertThatThrownBy(channel::checkException).isInstanceOf(EOFException.class);
        assertThat(said()).isEqualTo("ffff|");
    }

    @Test
    void nothingFollowsTheEnd() {
        assertThatThrownBy(() -> arrives("0000000141"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("after the end");
    }
}
