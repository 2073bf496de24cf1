package io.skywire.node.app;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.skywire.node.session.FirstBytes;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/// Leads one connection of this process, over loopback, into one stream; whoever comes later is closed. Safe for any
/// thread.
public final class OneTimeDoor {
    private final QuicStreamChannel stream;
    private final AtomicBoolean used;
    private final Door door;

    private OneTimeDoor(QuicStreamChannel stream, AtomicBoolean used, Door door) {
        this.stream = stream;
        this.used = used;
        this.door = door;
    }

    /// Listens on a free port. Completes exceptionally with [DoorException], and aborts the stream then.
    ///
    /// @param group NIO event loops, see [ApplicationLoops]
    public static CompletionStage<OneTimeDoor> open(EventLoopGroup group, QuicStreamChannel stream) {
        AtomicBoolean used = new AtomicBoolean();
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return Door.open("gateway", group, anyPort, socket -> welcome(socket, stream, used))
                .whenComplete((door, refused) -> {
                    if (refused != null) {
                        stream.close();
                    }
                })
                .thenApply(door -> new OneTimeDoor(stream, used, door));
    }

    private static void welcome(SocketChannel socket, QuicStreamChannel stream, AtomicBoolean used) {
        if (!used.compareAndSet(false, true)) {
            socket.close();
            return;
        }
        socket.pipeline().addLast(FirstBytes.hold()).addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                ctx.pipeline().remove(this);
                StreamBridge.join(socket, stream);
            }
        });
    }

    public InetSocketAddress address() {
        return door.address();
    }

    /// Lets nobody in any more. A connection that is in goes on; without one the stream is aborted.
    public void close() {
        door.close();
        if (used.compareAndSet(false, true)) {
            stream.close();
        }
    }
}
