package io.skywire.node.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.skywire.node.loops.EventLoops;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.LinkHandshake;
import io.skywire.shared.noise.LinkSession;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The links of one node over TCP: listens, dials, keeps, and lists them. Safe for any thread; never blocks, but for
/// [#listen] and [#close].
///
/// Start with [#listen] and [#keep]; each settled link is told to the [TransportListener] and its packets go to an
/// [Ingress] of its own. There is at most one link per neighbour. The event loops belong to the caller and must outlive
/// this object.
public final class TcpTransports {
    private static final Logger log = LoggerFactory.getLogger(TcpTransports.class);
    private static final int READ_SIZE = 256 * 1024;
    private static final long UNSENT_IN_KERNEL = 128 * 1024;
    private static final WriteBufferWaterMark UNSENT_IN_CHANNEL = new WriteBufferWaterMark(64 * 1024, 128 * 1024);
    private static final int BACKLOG = 1_024;
    private static final int KEPT_PER_LOOP = 4 * 1024 * 1024;

    private final KeyPair self;
    private final TcpSettings settings;
    private final EventLoopGroup loops;
    private final Ingress.Factory ingresses;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final LinkTable table;
    private final Map<PublicKey, Dial> dials = new ConcurrentHashMap<>();
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final FastThreadLocal<RingArrays> arrays = new FastThreadLocal<>() { // one per event loop
                @Override
                protected RingArrays initialValue() {
                    return new RingArrays(KEPT_PER_LOOP);
                }
            };
    private final FastThreadLocal<BeatGrid> grids = new FastThreadLocal<>(); // the same
    private final PendingHandshakes pendingHandshakes;
    private final Announcer announcer;
    private final AtomicBoolean congestionControlMissed = new AtomicBoolean();

    /// `random` makes the ephemeral keys: a `SecureRandom`, or in tests one that is safe for many threads.
    public TcpTransports(
            KeyPair self,
            TcpSettings settings,
            EventLoopGroup loops,
            Ingress.Factory ingresses,
            TransportListener listener,
            InstantSource clock,
            RandomGenerator random) {
        this.self = self;
        this.settings = settings;
        this.loops = loops;
        this.ingresses = ingresses;
        this.clock = clock;
        this.random = random;
        this.table = new LinkTable(self.publicKey());
        this.pendingHandshakes =
                new PendingHandshakes(settings.maxPendingHandshakes(), settings.maxPendingPerAddress());
        this.announcer = new Announcer(table, listener, this::dialsOf);
    }

    /// Accepts links at `address` (port 0: any free port) and answers where. Waits for the operating system only.
    ///
    /// @throws BindException if another process listens there
    /// @throws IOException if the operating system refuses for another reason
    public InetSocketAddress listen(InetSocketAddress address) throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(EventLoops.serverChannel(loops))
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accept(channel);
                    }
                });
        childOptions(bootstrap);
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        Throwable cause = bound.cause();
        if (cause != null) {
            throw refusedListen(address, cause);
        }
        channels.add(bound.channel());
        return (InetSocketAddress) bound.channel().localAddress();
    }

    /// Links to `peer` at `host:port` now, and again whenever the link is gone. A later call for the same peer
    /// replaces the address.
    ///
    /// @throws IllegalArgumentException if `peer` is this node
    public void keep(PublicKey peer, String host, int port) {
        if (peer.equals(self.publicKey())) {
            throw new IllegalArgumentException("a node does not link to itself: " + peer);
        }
        Dial.Links links = new Dial.Links() {
            @Override
            public boolean isLinked(PublicKey neighbour) {
                return find(TransportId.between(self.publicKey(), neighbour, TransportType.TCP))
                        .isPresent();
            }

            @Override
            public void connect(PublicKey neighbour, Attempt attempt) {
                resolveAndConnect(neighbour, host, port, attempt);
            }
        };
        Dial dial = new Dial(
                peer,
                Addresses.text(host, port),
                settings.firstBackOff(),
                settings.lastBackOff(),
                loops.next(),
                random,
                links);
        Dial before = dials.put(peer, dial);
        if (before != null) {
            before.stop();
        }
        dial.start();
    }

    /// Stops dialling `peer`, which is kept, until [#resume]. False while an attempt is under way or a link is there.
    public boolean rest(PublicKey peer) {
        return dialsOf(peer).map(Dial::rest).orElse(false);
    }

    /// Dials `peer` again, now.
    public void resume(PublicKey peer) {
        dialsOf(peer).ifPresent(Dial::resume);
    }

    /// The links that are up.
    public List<Transport> live() {
        return table.all().stream()
                .filter(Link::isUp)
                .map(Transport.class::cast)
                .toList();
    }

    /// The link of that id, if it is up.
    public Optional<Transport> find(TransportId id) {
        return table.find(id).filter(Link::isUp).map(Transport.class::cast);
    }

    /// What [#keep] is doing, one entry per peer.
    public List<DialState> dials() {
        return dials.values().stream().map(Dial::state).toList();
    }

    /// Stops listening and dialling, tells every neighbour, and closes every link; after `deadline` without waiting for
    /// what is still to be sent. Do not call on an event loop. A second call does nothing.
    public void close(Duration deadline) {
        announcer.refuseFurther();
        dials.values().forEach(Dial::stop);
        channels.stream()
                .filter(channel -> channel.pipeline().get(LinkHandler.class) == null)
                .forEach(Channel::close);
        table.all().forEach(link -> link.close("the node is ending"));
        if (!channels.newCloseFuture().awaitUninterruptibly(deadline.toMillis())) {
            channels.close().awaitUninterruptibly(deadline.toMillis());
        }
    }

    private Optional<Dial> dialsOf(PublicKey peer) {
        return Optional.ofNullable(dials.get(peer));
    }

    private void accept(SocketChannel channel) {
        channels.add(channel);
        // A closed channel no longer tells it.
        InetSocketAddress remote = channel.remoteAddress();
        Optional<LinkFailure> refused = pendingHandshakes.enter(remote);
        if (refused.isPresent()) {
            announcer.failed(
                    refused.get(), Addresses.text(remote) + " refused: as many handshakes as allowed are under way");
            byte[] busy = LinkHandshake.busy();
            channel.writeAndFlush(channel.alloc()
                            .directBuffer()
                            .writeShort(busy.length)
                            .writeBytes(busy))
                    .addListener(ChannelFutureListener.CLOSE);
            return;
        }
        Attempt attempt = new Attempt() {
            @Override
            public void settled() {
                pendingHandshakes.leave(remote);
            }

            @Override
            public void failed(LinkFailure kind, String detail) {
                pendingHandshakes.leave(remote);
                announcer.failed(kind, detail);
            }
        };
        LinkHandshake handshake =
                LinkHandshake.accepting(self, settings.offer(), settings.maxPayload(), () -> KeyPair.generate(random));
        shake(channel, handshake, TransportSnapshot.Opener.NEIGHBOUR, attempt);
    }

    private void resolveAndConnect(PublicKey peer, String host, int port, Attempt attempt) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
        if (literal != null) {
            try {
                connect(peer, new InetSocketAddress(InetAddress.getByAddress(literal), port), attempt);
            } catch (UnknownHostException wrongLength) {
                throw new IllegalStateException("an IP address of " + literal.length + " bytes", wrongLength);
            }
            return;
        }
        Thread.ofVirtual().name("resolve-" + host).start(() -> {
            InetSocketAddress resolved = new InetSocketAddress(host, port); // blocks, so not on a loop
            if (resolved.isUnresolved()) {
                fail(attempt, LinkFailure.UNREACHABLE, "no address is known for the name " + host);
            } else {
                connect(peer, resolved, attempt);
            }
        });
    }

    private void connect(PublicKey peer, InetSocketAddress address, Attempt dialled) {
        Attempt attempt = new Attempt() {
            @Override
            public void settled() {
                dialled.settled();
            }

            @Override
            public void failed(LinkFailure kind, String detail) {
                fail(dialled, kind, peer.shortHex() + ": " + detail);
            }
        };
        Bootstrap bootstrap = new Bootstrap()
                .group(loops)
                .channel(EventLoops.socketChannel(loops))
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        Math.min(Integer.MAX_VALUE, settings.handshakeDeadline().toMillis()))
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channels.add(channel);
                    }
                });
        options(bootstrap);
        bootstrap.connect(address).addListener((ChannelFuture connected) -> {
            Throwable cause = connected.cause();
            if (cause != null) {
                attempt.failed(LinkFailure.UNREACHABLE, String.valueOf(cause.getMessage()));
                return;
            }
            LinkHandshake handshake = LinkHandshake.dialling(
                    self, peer, settings.offer(), settings.maxPayload(), () -> KeyPair.generate(random));
            shake(connected.channel(), handshake, TransportSnapshot.Opener.US, attempt);
        });
    }

    private void fail(Attempt attempt, LinkFailure kind, String detail) {
        announcer.failed(kind, detail);
        attempt.failed(kind, detail);
    }

    private void shake(Channel channel, LinkHandshake handshake, TransportSnapshot.Opener opener, Attempt attempt) {
        if (!settings.congestionControl().ask(channel) && congestionControlMissed.compareAndSet(false, true)) {
            log.info(
                    "TCP's congestion control {} cannot be had here (see tcp_available_congestion_control in"
                            + " /proc/sys/net/ipv4); links use the machine's own",
                    settings.congestionControl().name().orElse(""));
        }
        channel.pipeline()
                .addLast(new HandshakeHandler(
                        handshake,
                        opener,
                        settings.handshakeDeadline(),
                        (ctx, session) -> join(ctx, session, opener, attempt),
                        attempt));
    }

    private void join(
            ChannelHandlerContext ctx, LinkSession session, TransportSnapshot.Opener opener, Attempt attempt) {
        if (session.remote().equals(self.publicKey())) {
            attempt.failed(LinkFailure.WRONG_KEY, "the neighbour has this node's own key");
            ctx.close();
            return;
        }
        TcpLink link = new TcpLink(
                ctx.channel(), session, opener, settings, arrays.get(), clock.instant(), announcer, attempt);
        LinkHandler handler =
                new LinkHandler(link, session.opening(), self, ingresses, clock, settings, gridOf(ctx.channel()));
        ctx.pipeline().replace(ctx.handler(), null, handler);
    }

    private BeatGrid gridOf(Channel channel) {
        BeatGrid grid = grids.getIfExists();
        if (grid == null) {
            grid = new BeatGrid(
                    settings.heartbeatInterval(), channel.eventLoop().ticker().nanoTime());
            grids.set(grid);
        }
        return grid;
    }

    private void childOptions(ServerBootstrap bootstrap) {
        bootstrap
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT_IN_CHANNEL)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, wholeReads());
        if (EventLoops.isEpoll(loops)) {
            bootstrap.childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT_IN_KERNEL);
        }
    }

    private void options(Bootstrap bootstrap) {
        bootstrap
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT_IN_CHANNEL)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.RECVBUF_ALLOCATOR, wholeReads());
        if (EventLoops.isEpoll(loops)) {
            bootstrap.option(EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT_IN_KERNEL);
        }
    }

    /// One large read per pass: its end is where everything is flushed. Netty's default allocator pools nothing over
    /// 128 KiB: each read would map, clear and unmap memory of its own. So links have the other one.
    private static FixedRecvByteBufAllocator wholeReads() {
        FixedRecvByteBufAllocator reads = new FixedRecvByteBufAllocator(READ_SIZE);
        reads.maxMessagesPerRead(1);
        return reads;
    }

    private static IOException refusedListen(InetSocketAddress address, Throwable cause) {
        String text = String.valueOf(cause.getMessage());
        if (text.toLowerCase(Locale.ROOT).contains("in use")) {
            BindException taken = new BindException("address in use: " + Addresses.text(address)
                    + "; another process listens there, choose another port or end that process");
            taken.initCause(cause);
            return taken;
        }
        return new IOException("cannot listen at " + Addresses.text(address) + ": " + text, cause);
    }
}
