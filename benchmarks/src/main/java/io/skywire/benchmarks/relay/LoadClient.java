package io.skywire.benchmarks.relay;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.skywire.node.letters.FrameSink;
import io.skywire.node.letters.HandshakeChannel;
import io.skywire.node.letters.HandshakeFailure;
import io.skywire.node.letters.LetterEgress;
import io.skywire.node.letters.LetterKind;
import io.skywire.node.letters.LetterLayout;
import io.skywire.node.letters.LetterReader;
import io.skywire.node.letters.QueueLimits;
import io.skywire.node.letters.SocketReads;
import io.skywire.node.letters.Workspace;
import io.skywire.node.loops.EventLoops;
import io.skywire.node.transport.FasterCipher;
import io.skywire.node.wire.BadFrameException;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.CipherOffer;
import io.skywire.shared.noise.LinkHandshake;
import io.skywire.shared.noise.LinkSession;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;

/// One client of a messaging server, as simple as it can be: counts what arrives by whoever is told, and sends what it
/// is given. On one event loop.
final class LoadClient extends ChannelInboundHandlerAdapter implements FrameSink {
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final QueueLimits LIMITS = new QueueLimits(1 << 20, 1 << 20);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final KeyPair keys;
    private final Workspace workspace;
    private final Arrivals arrivals;
    private final CompletableFuture<LoadClient> welcome = new CompletableFuture<>();
    private @org.jspecify.annotations.Nullable Channel channel;
    private @org.jspecify.annotations.Nullable LetterReader reader;
    private @org.jspecify.annotations.Nullable LetterEgress<PublicKey> egress;

    /// What is done with letters: the arrays are the reader's.
    interface Arrivals {
        void letter(byte[] frame, int at, int length);

        /// May send more.
        default void writable(LoadClient client) {}
    }

    private LoadClient(KeyPair keys, Workspace workspace, Arrivals arrivals) {
        this.keys = keys;
        this.workspace = workspace;
        this.arrivals = arrivals;
    }

    /// Connects, proves its key, and is done when the server says welcome.
    static CompletableFuture<LoadClient> connect(
            EventLoop loop, Workspace workspace, InetSocketAddress server, PublicKey serverKey, Arrivals arrivals) {
        LoadClient client = new LoadClient(KeyPair.generate(RANDOM), workspace, arrivals);
        new Bootstrap()
                .group(loop)
                .channel(EventLoops.socketChannel(loop))
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new SocketReads())
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel connecting) {
                        connecting.pipeline().addLast(client.handshake(serverKey));
                    }
                })
                .connect(server)
                .addListener((ChannelFuture connected) -> {
                    if (!connected.isSuccess()) {
                        client.welcome.completeExceptionally(connected.cause());
                    }
                });
        return client.welcome;
    }

    private HandshakeChannel handshake(PublicKey serverKey) {
        LinkHandshake handshake = LinkHandshake.dialling(
                LinkHandshake.Purpose.MESSAGING,
                keys,
                serverKey,
                CipherOffer.preferring(FasterCipher.ofThisMachine()),
                LetterLayout.MAX_PAYLOAD,
                () -> KeyPair.generate(RANDOM));
        return new HandshakeChannel(
                handshake, HandshakeChannel.Side.DIALLING, DEADLINE, Runnable::run, new HandshakeChannel.Outcome() {
                    @Override
                    public void done(ChannelHandlerContext ctx, LinkSession session) {
                        channel = ctx.channel();
                        reader = new LetterReader(session.opening(), workspace);
                        egress = new LetterEgress<>(
                                ctx.channel(), session.sealing(), workspace, LIMITS, new LongAdder());
                        ctx.pipeline().replace(ctx.handler(), null, LoadClient.this);
                    }

                    @Override
                    public void failed(HandshakeFailure kind, String detail) {
                        welcome.completeExceptionally(new IllegalStateException(kind + ": " + detail));
                    }
                });
    }

    PublicKey key() {
        return keys.publicKey();
    }

    Channel channel() {
        return required(channel);
    }

    LetterEgress<PublicKey> egress() {
        return required(egress);
    }

    void ping() {
        egress().sendOwn(LetterLayout.own(LetterKind.PING, new byte[8]));
        egress().flush();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws BadFrameException {
        ByteBuf bytes = (ByteBuf) message;
        try {
            required(reader).read(bytes, this);
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        egress().flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        egress().flush();
        arrivals.writable(this);
    }

    @Override
    public void frame(byte[] plain, int length) throws BadFrameException {
        for (int at = 0; at < length; ) {
            int letter = LetterLayout.check(plain, at, length, LetterLayout.MAX_PAYLOAD);
            if (LetterLayout.isLetter(plain, at)) {
                arrivals.letter(plain, at, letter);
            } else {
                own(LetterLayout.kind(plain, at), plain, at);
            }
            at += letter;
        }
    }

    private void own(LetterKind kind, byte[] plain, int at) {
        switch (kind) {
            case WELCOME -> welcome.complete(this);
            case REFUSED -> welcome.completeExceptionally(new IllegalStateException("the server refuses this client"));
            case PING -> egress().sendOwn(LetterLayout.own(LetterKind.PONG, LetterLayout.payload(plain, at)));
            case LETTER, RETURNED, PONG, MOVE, RIVAL -> {
                // nothing to do for a load
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        welcome.completeExceptionally(new IllegalStateException("the server closed the connection"));
        required(reader).close();
        egress().close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable broken) {
        welcome.completeExceptionally(broken);
        ctx.close();
    }

    private static <T> T required(@org.jspecify.annotations.Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("no session yet");
        }
        return value;
    }
}
