package io.skywire.node.app;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.ReferenceCountUtil;
import io.skywire.node.session.DatagramCounts;
import io.skywire.node.session.FlowDrop;
import io.skywire.node.session.IncomingDatagrams;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The far end of flows of datagrams: each has a UDP socket of its own, connected to the service, so that answers find
/// their flow and nobody else can answer.
final class UdpServices {
    /// The largest that UDP has: nothing is cut off here.
    static final int LARGEST = 65_536;

    private static final Logger log = LoggerFactory.getLogger(UdpServices.class);
    private static final int MOST_WAITING = 256 << 10;

    private final EventLoopGroup group;
    private final DatagramCounts counts = new DatagramCounts();

    UdpServices(EventLoopGroup group) {
        this.group = group;
    }

    /// What was thrown away here.
    DatagramCounts counts() {
        return counts;
    }

    /// @param ended is run once the socket is closed
    IncomingDatagrams.Target lead(InetSocketAddress service, Consumer<ByteBuf> back, Runnable ended) {
        ChannelFuture connecting = new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(LARGEST))
                .handler(new Answers(service, back))
                .connect(service);
        connecting.channel().closeFuture().addListener(closed -> ended.run());
        return new Service(connecting);
    }

    private final class Service implements IncomingDatagrams.Target {
        private final ChannelFuture connecting;
        private final AtomicInteger waiting = new AtomicInteger();

        Service(ChannelFuture connecting) {
            this.connecting = connecting;
        }

        @Override
        public void received(ByteBuf datagram) {
            int length = datagram.readableBytes();
            if (length == 0) {
                datagram.release();
                counts.dropped(FlowDrop.EMPTY);
                return;
            }
            if (waiting.addAndGet(length) > MOST_WAITING) {
                waiting.addAndGet(-length);
                datagram.release();
                counts.dropped(FlowDrop.QUEUE_FULL);
                return;
            }
            // In order, also while the socket is being made.
            connecting.addListener((ChannelFuture connected) -> connected
                    .channel()
                    .writeAndFlush(datagram)
                    .addListener(written -> {
                        waiting.addAndGet(-length);
                        if (!written.isSuccess()) {
                            counts.dropped(FlowDrop.UNREACHABLE);
                        }
                    }));
        }

        @Override
        public void ended() {
            connecting.channel().close();
        }
    }

    private static final class Answers extends ChannelInboundHandlerAdapter {
        private final InetSocketAddress service;
        private final Consumer<ByteBuf> back;

        Answers(InetSocketAddress service, Consumer<ByteBuf> back) {
            this.service = service;
            this.back = back;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof DatagramPacket answer) {
                back.accept(answer.content());
            } else {
                ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            log.debug("published UDP service {}: {}", service, cause.toString()); // such as: nobody listens there now
        }
    }
}
