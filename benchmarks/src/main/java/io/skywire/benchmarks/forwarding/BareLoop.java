package io.skywire.benchmarks.forwarding;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.skywire.node.loops.EventLoops;
import io.skywire.node.loops.LoopUsage;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// The least that could relay sealed frames: reads 256 KiB, opens each frame from one heap array into another,
/// rewrites every packet's route id, seals the frame again and writes it; one flush per read. No table, no queue, no
/// counters, no settlement, keys that everybody knows, and no code of the product on the way of a packet.
///
/// `BareLoop CIPHER…` listens at one port of loopback per cipher, prints them as `ready PORT…`, and ends with its
/// standard input. Whoever connects to one more port is told the bytes of heap that the loop has allocated so far, as a
/// long.  Connections to a port are paired in the order in which they come: what the first of two sends, the
/// second gets.
final class BareLoop {
    private static final int READ_SIZE = 256 * 1024;
    private static final WriteBufferWaterMark WRITES = new WriteBufferWaterMark(512 * 1024, 1 << 20);
    private static final int FRAME = 2 + 0xffff;

    private BareLoop() {}

    public static void main(String[] ciphers) throws IOException {
        EventLoops.withoutLeakDetection(); // as the node
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        StringBuilder ready = new StringBuilder("ready");
        for (String cipher : ciphers) {
            ready.append(' ').append(listen(loop, cipher));
        }
        ready.append(' ').append(tellAllocated(loop));
        System.out.println(ready);
        while (System.in.read() >= 0) {
            // only the end matters
        }
        System.exit(0);
    }

    private static int listen(EventLoopGroup loop, String cipher) {
        FixedRecvByteBufAllocator reads = new FixedRecvByteBufAllocator(READ_SIZE);
        reads.maxMessagesPerRead(1);
        Pairing pairing = new Pairing(cipher);
        Channel listening = new ServerBootstrap()
                .group(loop)
                .channel(EpollServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITES)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
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

    private static int tellAllocated(EventLoopGroup loop) {
        LoopUsage usage = LoopUsage.of(loop);
        Channel listening = new ServerBootstrap()
                .group(loop)
                .channel(EpollServerSocketChannel.class)
                .childHandler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public boolean isSharable() {
                        return true;
                    }

                    @Override
                    public void channelActive(ChannelHandlerContext ctx) {
                        ctx.writeAndFlush(ctx.alloc().directBuffer().writeLong(usage.allocatedBytes()))
                                .addListener(ChannelFutureListener.CLOSE);
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    static double askAllocated(InetSocketAddress port) throws IOException {
        try (Socket socket = new Socket(port.getAddress(), port.getPort());
                DataInputStream in = new DataInputStream(socket.getInputStream())) {
            return in.readLong();
        }
    }

    private static final class Pairing {
        private final String cipher;
        private @Nullable Channel waiting;

        Pairing(String cipher) {
            this.cipher = cipher;
        }

        void enter(Channel channel) {
            Channel source = waiting;
            if (source == null) {
                waiting = channel;
                return;
            }
            waiting = null;
            source.pipeline().addLast(new Relay(channel, cipher));
            channel.pipeline().addLast(new Room(source));
            source.config().setAutoRead(true);
            channel.config().setAutoRead(true);
        }
    }

    private static class Quiet extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable broken) {
            ctx.close();
        }
    }

    private static final class Relay extends Quiet {
        private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
        private static final int HEADER = 7;

        private final Channel sink;
        private final BareCipher opening;
        private final BareCipher sealing;
        private final byte[] sealed = new byte[FRAME];
        private final byte[] plain = new byte[FRAME];
        private int have;
        private int need = 2;

        Relay(Channel sink, String cipher) {
            this.sink = sink;
            this.opening = BareCipher.opening(cipher);
            this.sealing = BareCipher.sealing(cipher);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            while (bytes.isReadable()) {
                int taken = Math.min(need - have, bytes.readableBytes());
                bytes.readBytes(sealed, have, taken);
                have += taken;
                if (have < need) {
                    continue;
                }
                if (need == 2) {
                    need += (sealed[0] & 0xff) << 8 | (sealed[1] & 0xff);
                } else {
                    frame();
                    have = 0;
                    need = 2;
                }
            }
            bytes.release();
        }

        private void frame() {
            int length = opening.apply(sealed, 2, need - 2, plain, 0);
            for (int at = 0; at < length; ) {
                int id = (int) INT.get(plain, at + 1);
                INT.set(plain, at + 1, id + 1_000);
                at += HEADER + ((plain[at + 5] & 0xff) << 8 | (plain[at + 6] & 0xff));
            }
            int written = sealing.apply(plain, 0, length, sealed, 2); // its length is the same as before
            sink.write(sink.alloc().directBuffer(2 + written).writeBytes(sealed, 0, 2 + written), sink.voidPromise());
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

    /// Opens the source again when the sink has room.
    private static final class Room extends Quiet {
        private final Channel source;

        Room(Channel source) {
            this.source = source;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ((ByteBuf) message).release();
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
