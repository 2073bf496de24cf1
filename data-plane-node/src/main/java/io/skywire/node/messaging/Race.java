package io.skywire.node.messaging;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.skywire.node.letters.SocketReads;
import io.skywire.node.loops.EventLoops;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Connects to several servers at once and keeps the one that answers first: the round trip is measured by the only
/// thing that counts, and a server that does not answer costs no time. Each gets a random head start of a few
/// milliseconds, so that not all clients of a place choose the same server. On one event loop.
final class Race {
    private static final long UNSENT_IN_KERNEL = 128 * 1024;
    private static final WriteBufferWaterMark UNSENT_IN_CHANNEL = new WriteBufferWaterMark(64 * 1024, 128 * 1024);
    private static final long HEAD_START_NANOS = TimeUnit.MILLISECONDS.toNanos(15);

    private final EventLoop loop;
    private final Duration deadline;
    private final Finish finish;
    private final List<Channel> connecting = new ArrayList<>();
    private final Set<ServerAddress> running = new LinkedHashSet<>();
    private @Nullable Future<?> timer;
    private boolean over;

    /// How a race ends, on the loop. `lost` may come several times before the end.
    interface Finish {
        /// The first to answer. The channel has no handlers yet, and reads nothing before it gets some.
        void won(ServerAddress server, Channel channel);

        /// This one cannot be connected to.
        void lost(ServerAddress server, String reason);

        /// Nobody has won.
        void nobody();
    }

    Race(EventLoop loop, Duration deadline, Finish finish) {
        this.loop = loop;
        this.deadline = deadline;
        this.finish = finish;
    }

    void run(List<ServerAddress> servers, RandomGenerator random) {
        running.addAll(servers);
        timer = loop.schedule(this::expire, deadline.toNanos(), TimeUnit.NANOSECONDS);
        for (ServerAddress server : servers) {
            long wait = servers.size() == 1 ? 0 : random.nextLong(HEAD_START_NANOS);
            loop.schedule(() -> resolve(server), wait, TimeUnit.NANOSECONDS);
        }
    }

    /// Nobody wins any more.
    void cancel() {
        over = true;
        Future<?> waiting = timer;
        if (waiting != null) {
            waiting.cancel(false);
        }
        // A connect that is closed fails at once, and whoever hears of it takes it out of the list.
        List<Channel> losers = List.copyOf(connecting);
        connecting.clear();
        losers.forEach(Channel::close);
    }

    /// Whoever has not answered by now, its name not resolved maybe, has lost.
    private void expire() {
        for (ServerAddress server : List.copyOf(running)) {
            lose(server, "no answer within " + deadline.toMillis() + " ms");
        }
    }

    private void resolve(ServerAddress server) {
        if (over || !running.contains(server)) {
            return;
        }
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(server.host());
        if (literal != null) {
            try {
                connect(server, new InetSocketAddress(InetAddress.getByAddress(literal), server.port()));
            } catch (UnknownHostException wrongLength) {
                throw new IllegalStateException("an IP address of " + literal.length + " bytes", wrongLength);
            }
            return;
        }
        Thread.ofVirtual().name("resolve-" + server.host()).start(() -> {
            InetSocketAddress resolved = new InetSocketAddress(server.host(), server.port()); // blocks
            try {
                loop.execute(() -> {
                    if (resolved.isUnresolved()) {
                        lose(server, "no address is known for the name " + server.host());
                    } else {
                        connect(server, resolved);
                    }
                });
            } catch (RejectedExecutionException ending) {
                // the loops are shutting down, and nobody waits for this
            }
        });
    }

    private void connect(ServerAddress server, InetSocketAddress address) {
        if (over || !running.contains(server)) {
            return;
        }
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(EventLoops.socketChannel(loop))
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) deadline.toMillis())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT_IN_CHANNEL)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new SocketReads())
                .handler(nothing());
        if (EventLoops.isEpoll(loop)) {
            bootstrap.option(EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT_IN_KERNEL);
        }
        ChannelFuture connected = bootstrap.connect(address);
        connecting.add(connected.channel());
        connected.addListener((ChannelFuture done) -> {
            connecting.remove(done.channel());
            if (!done.isSuccess()) {
                lose(server, String.valueOf(done.cause().getMessage()));
            } else if (over) {
                done.channel().close();
            } else {
                cancel();
                finish.won(server, done.channel());
            }
        });
    }

    private static ChannelHandler nothing() {
        return new ChannelInitializer<SocketChannel>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                // the winner gets its handlers later
            }
        };
    }

    private void lose(ServerAddress server, String reason) {
        if (over) {
            return;
        }
        if (!running.remove(server)) {
            return; // it was too late before
        }
        finish.lost(server, reason);
        if (running.isEmpty()) {
            cancel();
            finish.nobody();
        }
    }
}
