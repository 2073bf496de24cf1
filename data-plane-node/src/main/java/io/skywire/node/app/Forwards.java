package io.skywire.node.app;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.skywire.node.session.FirstBytes;
import io.skywire.shared.key.PublicKey;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Local ports that lead to a port of another node. Safe for any thread.
public final class Forwards {
    private static final Logger log = LoggerFactory.getLogger(Forwards.class);

    private final EventLoopGroup group;
    private final StreamOpener opener;
    private final ConcurrentHashMap<Integer, Open> byLocalPort = new ConcurrentHashMap<>();

    private record Open(Forward forward, Door door) {}

    /// @param local where it listens
    /// @param remotePort the port at `peer`, 1 to 65535
    public record Forward(InetSocketAddress local, PublicKey peer, int remotePort) {
        public Forward {
            if (remotePort < 1 || remotePort > 65_535) {
                throw new IllegalArgumentException("a port lies between 1 and 65535, not " + remotePort);
            }
        }
    }

    /// @param group NIO event loops, see [ApplicationLoops]
    public Forwards(EventLoopGroup group, StreamOpener opener) {
        this.group = group;
        this.opener = opener;
    }

    /// Listens at `wanted.local()`; port 0 takes a free one. Completes with the forward as it is, or exceptionally with
    /// [DoorException].
    public CompletionStage<Forward> open(Forward wanted) {
        return Door.open("forward", group, wanted.local(), socket -> welcome(socket, wanted))
                .thenApply(door -> {
                    Forward opened = new Forward(door.address(), wanted.peer(), wanted.remotePort());
                    byLocalPort.put(door.address().getPort(), new Open(opened, door));
                    return opened;
                });
    }

    /// Stops listening; open connections go on. False if nothing listened there.
    public boolean close(int localPort) {
        Open open = byLocalPort.remove(localPort);
        if (open != null) {
            open.door().close();
        }
        return open != null;
    }

    public void closeAll() {
        list().forEach(forward -> close(forward.local().getPort()));
    }

    /// The forwards, by local port.
    public List<Forward> list() {
        return byLocalPort.values().stream()
                .map(Open::forward)
                .sorted(Comparator.comparingInt(forward -> forward.local().getPort()))
                .toList();
    }

    private void welcome(SocketChannel socket, Forward forward) {
        socket.pipeline().addLast(FirstBytes.hold()).addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                new Guest(socket)
                        .reach(
                                opener,
                                forward.peer(),
                                forward.remotePort(),
                                stream -> {
                                    ctx.pipeline().remove(this);
                                    StreamBridge.join(socket, stream);
                                },
                                refusal -> {
                                    log.warn("forward {}: {}", forward.local(), refusal.detail());
                                    socket.close();
                                });
            }
        });
    }
}
