package io.skywire.node.messaging;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.skywire.node.letters.FrameSink;
import io.skywire.node.letters.LetterEgress;
import io.skywire.node.letters.LetterKind;
import io.skywire.node.letters.LetterLayout;
import io.skywire.node.letters.LetterReader;
import io.skywire.node.letters.ReturnReason;
import io.skywire.node.letters.Workspace;
import io.skywire.node.wire.BadFrameException;
import io.skywire.proto.v1.MessagingMove;
import io.skywire.proto.v1.MessagingRefused;
import io.skywire.proto.v1.MessagingRival;
import io.skywire.proto.v1.MessagingWelcome;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.LinkSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One session with a messaging server after its handshake, seen from the client. On its event loop only, but for the
/// volatile readings.
///
/// | state | what ends it | next |
/// |---|---|---|
/// | OPENING | WELCOME | UP |
/// | UP | MOVE | LEAVING |
/// | any | REFUSED, silence, a bad frame, the end of the connection, close | gone |
///
/// A server that sends what it must not is left at once; what it loses, doubles or shuffles is not seen here.
final class ServerSession extends ChannelInboundHandlerAdapter implements FrameSink {
    private static final Logger LOG = LoggerFactory.getLogger(ServerSession.class);
    private static final long LINGER_MILLIS = 1_000;
    private static final int WEIGHT = 8;

    private final ServerAddress server;
    private final Channel channel;
    private final int linkPayload;
    private final Owner owner;
    private final int silentTicks;
    private final LetterReader reader;
    private final LetterEgress<PublicKey> egress;
    private volatile MailboxStatus.State state = MailboxStatus.State.OPENING;
    private volatile MailboxStatus.Kind kind;
    private volatile int maxPayload;
    private volatile @Nullable Instant since;
    private volatile long roundTripNanos = -1;
    private boolean gone;
    private boolean heard;
    private boolean said;
    private int quietTicks;
    private int muteTicks;
    private long pings;
    private long pingSentAt;
    private boolean awaitingPong;
    private long lastUsed;

    /// What a session tells those who keep it, on its event loop.
    interface Owner {
        Workspace workspace();

        MailboxSettings settings();

        LongAdder evictions();

        Senders senders();

        long nanos();

        void up(ServerSession session, MessagingWelcome welcome);

        void refused(ServerSession session, MessagingRefused why);

        void leaving(ServerSession session, Duration within);

        void rival(ServerSession session, MessagingRival rival);

        void letter(ServerSession session, PublicKey from, byte[] payload, int offset, int length);

        void badSender(ServerSession session);

        void returned(ServerSession session, PublicKey to, ReturnReason reason);

        void endOfRead(ServerSession session);

        void ended(ServerSession session, SessionEnd why, String detail);
    }

    ServerSession(ServerAddress server, Channel channel, LinkSession proven, MailboxStatus.Kind kind, Owner owner) {
        this.server = server;
        this.channel = channel;
        this.linkPayload = proven.maxPayload();
        this.kind = kind;
        this.owner = owner;
        this.silentTicks = owner.settings().silentTicks();
        this.reader = new LetterReader(proven.opening(), owner.workspace());
        this.egress = new LetterEgress<>(
                channel, proven.sealing(), owner.workspace(), owner.settings().queue(), owner.evictions());
        this.lastUsed = owner.nanos();
    }

    PublicKey key() {
        return server.key();
    }

    ServerAddress server() {
        return server;
    }

    MailboxStatus.State state() {
        return state;
    }

    MailboxStatus.Kind kind() {
        return kind;
    }

    /// A session that was opened for a peer becomes one of our own, or the other way round.
    void becomes(MailboxStatus.Kind other) {
        kind = other;
    }

    int maxPayload() {
        return maxPayload;
    }

    long lastUsed() {
        return lastUsed;
    }

    void used() {
        lastUsed = owner.nanos();
    }

    boolean isGone() {
        return gone;
    }

    MailboxStatus.Session status() {
        long nanos = roundTripNanos;
        return new MailboxStatus.Session(
                server.key(),
                server.toString(),
                state,
                kind,
                Optional.ofNullable(since),
                nanos < 0 ? Optional.empty() : Optional.of(Duration.ofNanos(nanos)));
    }

    // --- the way out

    boolean send(PublicKey to, byte[] payload, int offset, int length) {
        lastUsed = owner.nanos();
        said = true;
        return egress.send(to, to, payload, offset, length);
    }

    /// A whole letter that comes from another thread.
    boolean sendLetter(PublicKey to, byte[] letter, int offset, int length) {
        lastUsed = owner.nanos();
        said = true;
        return egress.send(to, letter, offset, length);
    }

    void flush() {
        egress.flush();
    }

    private void sendOwn(byte[] letter) {
        said = true;
        egress.sendOwn(letter);
        egress.flush();
    }

    // --- the way in

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            heard = true;
            if (!gone && reader.read(bytes, this) == LetterReader.Outcome.NO_ROOM) {
                end(SessionEnd.INTERNAL, "no memory for more frames");
            }
        } catch (BadFrameException bad) {
            end(SessionEnd.BAD_FRAME, "bad frame: " + bad.getMessage());
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!gone) {
            owner.endOfRead(this);
            egress.flush();
        }
    }

    @Override
    public void frame(byte[] plain, int length) throws BadFrameException {
        for (int at = 0; at < length && !gone; ) {
            int letter = LetterLayout.check(plain, at, length, linkPayload);
            LetterKind what = LetterLayout.kind(plain, at);
            if (state == MailboxStatus.State.OPENING && what != LetterKind.WELCOME && what != LetterKind.REFUSED) {
                throw new BadFrameException(what + " before the welcome");
            }
            take(what, plain, at, letter);
            at += letter;
        }
    }

    private void take(LetterKind what, byte[] plain, int at, int length) throws BadFrameException {
        switch (what) {
            case LETTER -> letter(plain, at, length);
            case RETURNED -> returned(plain, at, length);
            case WELCOME -> welcome(LetterLayout.payload(plain, at));
            case REFUSED -> owner.refused(this, parsed(MessagingRefused.parser(), plain, at));
            case PING -> {
                byte[] payload = LetterLayout.payload(plain, at);
                if (payload.length > LetterLayout.MAX_PING) {
                    throw new BadFrameException("PING with " + payload.length + " bytes");
                }
                sendOwn(LetterLayout.own(LetterKind.PONG, payload));
            }
            case PONG -> pong(LetterLayout.payload(plain, at));
            case MOVE -> move(parsed(MessagingMove.parser(), plain, at));
            case RIVAL -> owner.rival(this, parsed(MessagingRival.parser(), plain, at));
        }
    }

    private void letter(byte[] plain, int at, int length) {
        Optional<PublicKey> from = owner.senders().of(plain, at);
        if (from.isEmpty()) {
            owner.badSender(this);
            return;
        }
        lastUsed = owner.nanos();
        owner.letter(this, from.get(), plain, at + LetterLayout.HEAD, length - LetterLayout.HEAD);
    }

    private void returned(byte[] plain, int at, int length) throws BadFrameException {
        Optional<ReturnReason> reason = length == LetterLayout.HEAD + 1
                ? ReturnReason.ofNumber(plain[at + LetterLayout.HEAD])
                : Optional.empty();
        if (reason.isEmpty()) {
            throw new BadFrameException("a RETURNED without a reason that is known");
        }
        Optional<PublicKey> to = owner.senders().of(plain, at);
        if (to.isEmpty()) {
            owner.badSender(this);
        } else {
            owner.returned(this, to.get(), reason.get());
        }
    }

    private void welcome(byte[] payload) throws BadFrameException {
        if (state != MailboxStatus.State.OPENING) {
            throw new BadFrameException("a second WELCOME");
        }
        MessagingWelcome welcome;
        try {
            welcome = MessagingWelcome.parseFrom(payload);
        } catch (com.google.protobuf.InvalidProtocolBufferException malformed) {
            throw new BadFrameException("a WELCOME that cannot be read");
        }
        maxPayload = Math.clamp(welcome.getMaxPayload(), 0, linkPayload);
        state = MailboxStatus.State.UP;
        owner.up(this, welcome);
        ping();
    }

    void since(Instant instant) {
        since = instant;
    }

    private void move(MessagingMove move) {
        if (state == MailboxStatus.State.UP) {
            state = MailboxStatus.State.LEAVING;
            owner.leaving(this, Duration.ofMillis(Integer.toUnsignedLong(move.getWithinMs())));
        }
    }

    private static <M> M parsed(com.google.protobuf.Parser<M> parser, byte[] plain, int at) throws BadFrameException {
        try {
            return parser.parseFrom(LetterLayout.payload(plain, at));
        } catch (com.google.protobuf.InvalidProtocolBufferException malformed) {
            throw new BadFrameException("a letter of the server's own that cannot be read");
        }
    }

    // --- life

    /// Every now and then. A quiet server is asked for a sign of life, and so is one to which nothing was said, or it
    /// would take us for dead.
    void tick() {
        quietTicks = heard ? 0 : quietTicks + 1;
        muteTicks = said ? 0 : muteTicks + 1;
        heard = false;
        said = false;
        egress.tick();
        if (state == MailboxStatus.State.OPENING) {
            return; // the dial has a deadline of its own
        }
        if (quietTicks >= silentTicks) {
            end(SessionEnd.SILENT, "nothing heard for " + quietTicks + " heartbeats");
        } else if (quietTicks > 0 || muteTicks > 1) {
            ping();
        }
    }

    private void ping() {
        if (!awaitingPong) {
            pings++;
            awaitingPong = true;
            pingSentAt = owner.nanos();
        }
        sendOwn(LetterLayout.own(
                LetterKind.PING, ByteBuffer.allocate(Long.BYTES).putLong(pings).array()));
    }

    private void pong(byte[] payload) {
        if (awaitingPong
                && payload.length == Long.BYTES
                && ByteBuffer.wrap(payload).getLong() == pings) {
            awaitingPong = false;
            long nanos = owner.nanos() - pingSentAt;
            long before = roundTripNanos;
            roundTripNanos = before < 0 ? nanos : before + (nanos - before) / WEIGHT;
        }
    }

    void end(SessionEnd why, String detail) {
        if (gone) {
            return;
        }
        gone = true;
        egress.flush();
        egress.close();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        channel.eventLoop().schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
        owner.ended(this, why, detail);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        egress.flush();
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end(SessionEnd.LEFT, "the server closed the connection");
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        reader.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
        if (gone) {
            return; // what was still to be written can no longer be
        }
        if (cause instanceof IOException) {
            end(SessionEnd.LEFT, "the connection broke: " + cause.getMessage());
            return;
        }
        LOG.error(
                "the session with server {} ends because of a bug", server.key().shortHex(), cause);
        end(SessionEnd.INTERNAL, "internal error: " + cause);
        if (cause instanceof Error error) {
            throw error;
        }
    }
}
