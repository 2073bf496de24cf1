package io.skywire.node.relay;

import com.google.protobuf.MessageLite;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.skywire.node.letters.HandshakeChannel;
import io.skywire.node.letters.HandshakeFailure;
import io.skywire.node.letters.LetterKind;
import io.skywire.node.letters.LetterLayout;
import io.skywire.node.letters.SocketReads;
import io.skywire.node.letters.Workspace;
import io.skywire.node.loops.EventLoops;
import io.skywire.proto.v1.MessagingMove;
import io.skywire.proto.v1.MessagingRefusal;
import io.skywire.proto.v1.MessagingRefused;
import io.skywire.proto.v1.MessagingRival;
import io.skywire.proto.v1.MessagingWelcome;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.noise.LinkHandshake;
import io.skywire.shared.noise.LinkSession;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A messaging server: accepts clients that prove their keys and relays letters between them. Safe for any thread;
/// never blocks, but for [#listen], [#drain] and [#close].
///
/// A second session of a key is let in only if the first is dead: the first is asked, and if it answers, the newcomer
/// is refused and both hear why. The event loops belong to the caller and must outlive this object; each session
/// stays on one of them.
public final class Relay {
    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);
    private static final long UNSENT_IN_KERNEL = 128 * 1024;
    private static final WriteBufferWaterMark UNSENT_IN_CHANNEL = new WriteBufferWaterMark(64 * 1024, 128 * 1024);
    private static final int BACKLOG = 4_096;
    private static final Duration RETRY_FULL = Duration.ofSeconds(30);
    private static final Duration RETRY_KEY_IN_USE = Duration.ofSeconds(10);
    private static final Duration RETRY_RATE_LIMITED = Duration.ofSeconds(10);

    private final KeyPair self;
    private final RelaySettings settings;
    private final EventLoopGroup loops;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final RandomGenerator random;
    private final RelayCounters counters = new RelayCounters();
    private final SessionTable table;
    private final Map<EventLoop, RelayLoop> relayLoops = new IdentityHashMap<>();
    private final NetworkCount pending;
    private final NetworkCount admitted;
    private final KeyChurn churn;
    private final Claims claims = new Claims();
    private final ThreadPoolExecutor handshakes;
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final ChannelGroup listeners = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final CountDownLatch emptied = new CountDownLatch(1);
    private volatile boolean draining;

    /// `random` makes the ephemeral keys: a `SecureRandom`, or in tests one that is safe for many threads. `nanos` runs
    /// on evenly, as `System::nanoTime` does.
    public Relay(
            KeyPair self,
            RelaySettings settings,
            EventLoopGroup loops,
            InstantSource clock,
            LongSupplier nanos,
            RandomGenerator random) {
        this.self = self;
        this.settings = settings;
        this.loops = loops;
        this.clock = clock;
        this.nanos = nanos;
        this.random = random;
        this.table = new SessionTable(random.nextLong());
        this.pending = new NetworkCount(settings.maxPending(), settings.maxPendingPerNetwork());
        this.admitted = new NetworkCount(settings.maxSessions(), settings.maxSessionsPerNetwork());
        this.churn = new KeyChurn(settings.sessionsPerMinute());
        // One thread: however many strangers knock, their curve arithmetic takes one core at most. Two steps each.
        this.handshakes = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(2 * settings.maxPending()),
                Thread.ofPlatform().daemon().name("relay-handshakes").factory());
        List<RelayLoop> all = new ArrayList<>();
        for (EventExecutor executor : loops) {
            EventLoop loop = (EventLoop) executor;
            RelayLoop relayLoop = new RelayLoop(loop, all.size(), workspace(), table);
            all.add(relayLoop);
            relayLoops.put(loop, relayLoop);
        }
        all.forEach(loop -> loop.connect(all));
        all.forEach(loop -> loop.startTicking(settings));
    }

    private Workspace workspace() {
        int share = 0;
        for (EventExecutor unused : loops) {
            share++;
        }
        return new Workspace(
                Math.max(settings.queue().session(), settings.memory() / share), settings.socketMemory() / share);
    }

    /// Accepts clients at `address` (port 0: any free port) and answers where. Waits for the operating system only.
    ///
    /// @throws BindException if another process listens there
    /// @throws IOException if the operating system refuses for another reason
    public InetSocketAddress listen(InetSocketAddress address) throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(EventLoops.serverChannel(loops))
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT_IN_CHANNEL)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new SocketReads())
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accept(channel);
                    }
                });
        if (EventLoops.isEpoll(loops)) {
            bootstrap.childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT_IN_KERNEL);
        }
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        Throwable cause = bound.cause();
        if (cause != null) {
            throw refusedListen(address, cause);
        }
        listeners.add(bound.channel());
        return (InetSocketAddress) bound.channel().localAddress();
    }

    public RelayCounters counters() {
        return counters;
    }

    /// Sessions that stand now.
    public int sessions() {
        return table.size();
    }

    /// Sessions that could still be opened; none while draining.
    public int availableSessions() {
        return draining ? 0 : Math.max(0, settings.maxSessions() - admitted.all());
    }

    public int capacity() {
        return settings.maxSessions();
    }

    /// Connections that have not proved a key yet.
    public int pendingHandshakes() {
        return pending.all();
    }

    /// Bytes that wait for addressees.
    public long waitingBytes() {
        return relayLoops.values().stream()
                .mapToLong(loop -> loop.workspace().held())
                .sum();
    }

    /// Lets nobody in any more, tells every client to move, and goes on relaying until all have left or `within` is
    /// over. Answers how many have not left. Do not call on an event loop.
    public int drain(Duration within) throws InterruptedException {
        draining = true;
        listeners.close().awaitUninterruptibly();
        byte[] move = own(
                LetterKind.MOVE,
                MessagingMove.newBuilder().setWithinMs((int) within.toMillis()).build());
        List<RelaySession> all = List.copyOf(table.all());
        LOG.info("draining, {} clients are told to move within {} s", all.size(), within.toSeconds());
        all.forEach(session -> session.onLoop(() -> session.sendOwn(move)));
        if (table.size() == 0) {
            return 0;
        }
        boolean left = emptied.await(within.toMillis(), TimeUnit.MILLISECONDS);
        return left ? 0 : table.size();
    }

    /// Ends every session and stops listening. Do not call on an event loop. A second call does nothing.
    public void close(Duration deadline) {
        draining = true;
        listeners.close().awaitUninterruptibly(deadline.toMillis());
        table.all().forEach(session -> session.onLoop(() -> session.end(EndReason.DRAINED)));
        if (!channels.newCloseFuture().awaitUninterruptibly(deadline.toMillis())) {
            channels.close().awaitUninterruptibly(deadline.toMillis());
        }
        handshakes.shutdownNow();
    }

    // --- for the room

    RelaySettings settings() {
        return settings;
    }

    long nanos() {
        return nanos.getAsLong();
    }

    /// What to say of an addressee that is not here.
    DropReason goneReason() {
        return draining ? DropReason.DRAINING : DropReason.NO_SUCH_PEER;
    }

    /// A session that stood has ended.
    void gone(RelaySession session, EndReason reason) {
        table.remove(session);
        admitted.leave(session.network());
        counters.count(reason);
        if (draining && table.size() == 0) {
            emptied.countDown();
        }
    }

    // --- the door

    private void accept(SocketChannel channel) {
        channels.add(channel);
        SourceNetwork network = SourceNetwork.of(channel.remoteAddress());
        NetworkCount.Answer answer = pending.enter(network);
        if (answer != NetworkCount.Answer.ENTERED) {
            counters.count(Refusal.TOO_MANY_HANDSHAKES);
            channel.close(); // an answer would cost more than the stranger paid
            return;
        }
        LinkHandshake handshake = LinkHandshake.accepting(
                LinkHandshake.Purpose.MESSAGING,
                self,
                settings.offer(),
                settings.maxPayload(),
                () -> KeyPair.generate(random));
        channel.pipeline()
                .addLast(new HandshakeChannel(
                        handshake,
                        HandshakeChannel.Side.ACCEPTING,
                        settings.handshakeDeadline(),
                        handshakes,
                        new HandshakeChannel.Outcome() {
                            @Override
                            public void done(ChannelHandlerContext ctx, LinkSession session) {
                                pending.leave(network);
                                join(ctx, session, network);
                            }

                            @Override
                            public void failed(HandshakeFailure kind, String detail) {
                                pending.leave(network);
                                counters.count(refusal(kind));
                            }
                        }));
    }

    private static Refusal refusal(HandshakeFailure kind) {
        return switch (kind) {
            case TIMEOUT -> Refusal.HANDSHAKE_TIMEOUT;
            case REFUSED, WRONG_KEY -> Refusal.HANDSHAKE_FAILED;
            case BUSY -> Refusal.TOO_MANY_HANDSHAKES;
        };
    }

    /// The key is proved; whether it gets a session is another question.
    private void join(ChannelHandlerContext ctx, LinkSession proven, SourceNetwork network) {
        RelayLoop loop = relayLoops.get(ctx.channel().eventLoop());
        if (loop == null) {
            throw new IllegalStateException("a connection on a loop of somebody else");
        }
        RelaySession session = new RelaySession(ctx.channel(), proven, loop, network, this);
        ctx.pipeline().replace(ctx.handler(), null, new SessionHandler(session, proven.opening(), this));
        if (draining) {
            refuse(session, Refusal.DRAINING, Duration.ZERO, "this server is about to end, go elsewhere");
        } else if (!churn.allows(session.key(), nanos())) {
            refuse(
                    session,
                    Refusal.RATE_LIMITED,
                    RETRY_RATE_LIMITED,
                    "this key opens more than " + settings.sessionsPerMinute() + " sessions a minute");
        } else {
            claim(session);
        }
    }

    private void claim(RelaySession session) {
        Optional<RelaySession> holder = enter(session);
        if (holder.isEmpty()) {
            return;
        }
        if (!claims.begin(session.key())) {
            refuse(session, Refusal.KEY_IN_USE, RETRY_KEY_IN_USE, "another session of this key is being let in");
            return;
        }
        RelaySession first = holder.get();
        AtomicBoolean decided = new AtomicBoolean();
        Runnable takeOver = () -> {
            if (decided.compareAndSet(false, true)) {
                claims.end(session.key());
                first.end(EndReason.REPLACED);
                session.onLoop(() -> {
                    if (!session.isGone() && enter(session).isPresent()) {
                        refuse(session, Refusal.KEY_IN_USE, RETRY_KEY_IN_USE, "another session of this key was first");
                    }
                });
            }
        };
        SocketAddress from = session.channel().remoteAddress();
        first.onLoop(() -> {
            first.challenge(() -> {
                if (decided.compareAndSet(false, true)) {
                    claims.end(session.key());
                    first.sendOwn(own(
                            LetterKind.RIVAL,
                            MessagingRival.newBuilder()
                                    .setAddress(text(from))
                                    .setAtMs(clock.millis())
                                    .build()));
                    session.onLoop(() -> refuse(
                            session,
                            Refusal.KEY_IN_USE,
                            RETRY_KEY_IN_USE,
                            "a living session holds this key: two programs must not share one"));
                }
            });
            first.channel()
                    .eventLoop()
                    .schedule(takeOver, settings.rivalPatience().toNanos(), TimeUnit.NANOSECONDS);
            first.channel().closeFuture().addListener(closed -> takeOver.run());
        });
    }

    /// Opens the session if its key is free and there is room; answers who holds the key otherwise.
    private Optional<RelaySession> enter(RelaySession session) {
        NetworkCount.Answer room = admitted.enter(session.network());
        Optional<RelaySession> holder = table.putIfAbsent(session);
        if (holder.isPresent()) {
            if (room == NetworkCount.Answer.ENTERED) {
                admitted.leave(session.network());
            }
            return holder;
        }
        if (room != NetworkCount.Answer.ENTERED) {
            table.remove(session);
            if (room == NetworkCount.Answer.FULL) {
                refuse(session, Refusal.FULL, RETRY_FULL, "this server holds " + settings.maxSessions() + " sessions");
            } else {
                refuse(
                        session,
                        Refusal.RATE_LIMITED,
                        RETRY_FULL,
                        "this server holds " + settings.maxSessionsPerNetwork() + " sessions of your network");
            }
            return Optional.empty();
        }
        session.open();
        counters.countOpened();
        session.sendOwn(own(
                LetterKind.WELCOME,
                MessagingWelcome.newBuilder()
                        .setMaxPayload(session.maxPayload())
                        .setSessions(table.size())
                        .setCapacity(settings.maxSessions())
                        .setObservedAddress(text(session.channel().remoteAddress()))
                        .setSilenceMs((int) settings.tick()
                                .multipliedBy(settings.silentTicks())
                                .toMillis())
                        .build()));
        return Optional.empty();
    }

    private void refuse(RelaySession session, Refusal reason, Duration retryAfter, String text) {
        if (session.isGone()) {
            return;
        }
        counters.count(reason);
        session.refuse(own(
                LetterKind.REFUSED,
                MessagingRefused.newBuilder()
                        .setReason(MessagingRefusal.valueOf("MESSAGING_REFUSAL_" + reason.name()))
                        .setRetryAfterMs((int) retryAfter.toMillis())
                        .setText(text)
                        .build()));
    }

    private static byte[] own(LetterKind kind, MessageLite message) {
        return LetterLayout.own(kind, message.toByteArray());
    }

    private static String text(SocketAddress address) {
        if (address instanceof InetSocketAddress internet) {
            String host = internet.getAddress() == null
                    ? internet.getHostString()
                    : internet.getAddress().getHostAddress();
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + internet.getPort();
        }
        return String.valueOf(address);
    }

    private static IOException refusedListen(InetSocketAddress address, Throwable cause) {
        String text = String.valueOf(cause.getMessage());
        if (text.toLowerCase(Locale.ROOT).contains("in use")) {
            BindException taken = new BindException("address in use: " + text(address)
                    + "; another process listens there, choose another port or end that process");
            taken.initCause(cause);
            return taken;
        }
        return new IOException("cannot listen at " + text(address) + ": " + text, cause);
    }
}
