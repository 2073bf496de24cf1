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
import io.netty.handler.codec.quic.QuicStreamFrame;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StreamChunksTest {
    private final List<Object> events = new ArrayList<>();
    private final EmbeddedChannel channel = new EmbeddedChannel(new StreamChunks(), new ChannelInboundHandlerAdapter() {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            events.add(event);
        }
    });

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_534, 65_535, 65_536, 131_071, 200_000})
    void bytesComeBackHoweverTheyAreCut(int size) {
        byte[] bytes = new byte[size];
        Random random = new Random(size);
        random.nextBytes(bytes);
        channel.writeOutbound(Unpooled.copiedBuffer(bytes), QuicStreamFrame.EMPTY_FIN);
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (Object message = channel.readOutbound(); message != null; message = channel.readOutbound()) {
            ByteBuf part = message instanceof QuicStreamFrame frame ? frame.content() : (ByteBuf) message;
            wire.writeBytes(ByteBufUtil.getBytes(part));
            part.release();
        }
        assertThat(wire.size()).isEqualTo(size + 2 * ((size + 65_534) / 65_535) + 2);

        byte[] onTheWire = wire.toByteArray();
        for (int at = 0; at < onTheWire.length; ) {
            int length = Math.min(1 + random.nextInt(1 + onTheWire.length / 5), onTheWire.length - at);
            channel.writeInbound(Unpooled.copiedBuffer(onTheWire, at, length));
            at += length;
        }
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);

        ByteArrayOutputStream read = new ByteArrayOutputStream();
        for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
            read.writeBytes(ByteBufUtil.getBytes(part));
            part.release();
        }
        assertThat(read.toByteArray()).isEqualTo(bytes);
        assertThat(events).containsExactly(ChannelInputShutdownEvent.INSTANCE);
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void theEndAlwaysHasBytesOfItsOwn() {
        channel.writeOutbound(QuicStreamFrame.EMPTY_FIN);

        QuicStreamFrame end = channel.readOutbound();
        assertThat(end.hasFin()).isTrue();
        assertThat(ByteBufUtil.hexDump(end.content())).isEqualTo("0000");
        end.release();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "0005", "000541"})
    void aStreamWithoutAnEndIsCut(String wire) {
        channel.writeInbound(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(wire)));
        channel.releaseInbound();

        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);

        assertThatThrownBy(channel::checkException).isInstanceOf(EOFException.class);
        assertThat(events).isEmpty();
    }

    @Test
    void nothingFollowsTheEnd() {
        assertThatThrownBy(() -> channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {0, 0, 1})))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("after the end");
    }
}
