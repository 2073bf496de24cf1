package io.skywire.benchmarks.relay;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.skywire.node.loops.EventLoops;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// The least a relay on this machine can do: bytes of one connection go to another as they are, on one event loop, with
/// no look at them. Connections to a port are paired in the order in which they come: what the first of two sends, the
/// second gets.
///
/// `PlainPipe READ_SIZE…` listens at one port of loopback for each read size, in bytes, prints them as
/// `ready PORT…`, and ends with its standard input.
final class PlainPipe {
    private static final WriteBufferWaterMark WRITES = new WriteBufferWaterMark(512 * 1024, 1 << 20);

    private PlainPipe() {}

    public static void main(String[] readSizes) throws IOException {
        EventLoops.withoutLeakDetection(); // as the node
        EventLoopGroup loop = EventLoops.open("pipe", 1);
        StringBuilder ready = new StringBuilder("ready");
        for (String size : readSizes) {
            ready.append(' ').append(listen(loop, Integer.parseInt(size)));
        }
        System.out.println(ready);
        while (System.in.read() >= 0) {
            // only the end matters
        }
        System.exit(0);
    }

    private static int listen(EventLoopGroup loop, int readSize) {
        FixedRecvByteBufAllocator reads = new FixedRecvByteBufAllocator(readSize);
        reads.maxMessagesPerRead(1);
        Pairing pairing = new Pairing();
        Channel listening = new ServerBootstrap()
                .group(loop)
                .channel(EventLoops.serverChannel(loop))
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITES)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT) // keeps what it has read into
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, reads)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        pairing.enter(channel);
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /// Joins each connection to the one before it.
    private static final class Pairing {
        private @Nullable Channel waiting;

        void enter(Channel channel) {
            Channel source = waiting;
            if (source == null) {
                waiting = channel;
                return;
            }
            waiting = null;
            source.pipeline().addLast(new Pour(channel));
            channel.pipeline().addLast(new Tap(source));
            source.config().setAutoRead(true);
            channel.config().setAutoRead(true);
        }
    }

    /// Ends with its connection, without a word.
    private static class Quiet extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable broken) {
            ctx.close();
        }
    }

    /// From the source into the sink, as far as the sink takes it.
    private static final class Pour extends Quiet {
        private final Channel sink;

        Pour(Channel sink) {
            this.sink = sink;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            sink.write(bytes, sink.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            sink.flush();
            if (!sink.isWritable()) {
                ctx.channel().config().setAutoRead(false);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            sink.close();
        }
    }

    /// Opens and closes the source with the sink's room.
    private static final class Tap extends Quiet {
        private final Channel source;

        Tap(Channel source) {
            this.source = source;
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (ctx.channel().isWritable()) {
                source.config().setAutoRead(true);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            source.close();
        }
    }
}
