package io.skywire.node.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.skywire.node.letters.FrameSink;
import io.skywire.node.letters.LetterKind;
import io.skywire.node.letters.LetterLayout;
import io.skywire.node.letters.LetterReader;
import io.skywire.node.wire.BadFrameException;
import io.skywire.shared.noise.CipherState;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way into a session: bytes of the socket become letters, and each goes to the session of its addressee. Owns and
/// releases what it reads.
///
/// | kind | from a client |
/// |---|---|
/// | LETTER | its addressee's key is replaced by the sender's, in place, and it goes on |
/// | PING | answered by PONG |
/// | PONG | a sign of life |
///
/// Anything else ends the session as a bad frame.
final class SessionHandler extends ChannelInboundHandlerAdapter implements FrameSink {
    private static final Logger LOG = LoggerFactory.getLogger(SessionHandler.class);
    private static final int WHOLE_FRAME = 24 * 1024; // smaller ones are put together with others

    private final RelaySession session;
    private final RelayLoop loop;
    private final Relay relay;
    private final LetterReader reader;
    private final @Nullable SendRate rate; // null where the operator set none
    private @Nullable RelaySession last; // most letters come in runs
    private int relayed;
    private long relayedBytes;
    private long framesAtTick = -1;
    private int ticksInFrame;

    SessionHandler(RelaySession session, CipherState opening, Relay relay) {
        this.session = session;
        this.loop = session.loop();
        this.relay = relay;
        this.reader = new LetterReader(opening, loop.workspace());
        this.rate = relay.settings()
                .rate()
                .map(most -> new SendRate(most, relay.nanos()))
                .orElse(null);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            session.heard();
            if (!session.isGone() && reader.read(bytes, this) == LetterReader.Outcome.NO_ROOM) {
                session.end(EndReason.NO_ROOM);
            }
        } catch (BadFrameException bad) {
            LOG.debug("bad frame from {}: {}", session.key().shortHex(), bad.getMessage());
            session.end(EndReason.BAD_FRAME);
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (relayed > 0) {
            relay.counters().relayed(relayed, relayedBytes);
            relayed = 0;
            relayedBytes = 0;
        }
        loop.endOfRead();
    }

    @Override
    public void frame(byte[] plain, int length) throws BadFrameException {
        if (length >= WHOLE_FRAME && session.isUp() && rate == null && whole(plain, length)) {
            return;
        }
        for (int at = 0; at < length && !session.isGone(); ) {
            int letter = LetterLayout.check(plain, at, length, session.maxPayload());
            if (!LetterLayout.isLetter(plain, at)) {
                own(plain, at);
            } else if (session.isUp()) {
                relay(plain, at, letter);
            } else {
                throw new BadFrameException("a letter before the welcome");
            }
            at += letter;
        }
    }

    private void relay(byte[] plain, int at, int length) {
        SendRate most = rate;
        if (most != null && !most.takes(length, relay.nanos())) {
            session.returned(plain, at, DropReason.RATE_LIMITED);
            return;
        }
        RelaySession to = find(plain, at);
        if (to == null) {
            session.returned(plain, at, relay.goneReason());
            return;
        }
        session.writeKey(plain, at + LetterLayout.KEY_OFFSET);
        DropReason dropped;
        if (to.loop() == loop) {
            dropped = to.deliver(session, plain, at, length);
        } else {
            dropped = loop.cross(to, session, plain, at, length) ? null : DropReason.LOOP_BUSY;
        }
        if (dropped == null) {
            relayed++;
            relayedBytes += length;
        } else {
            to.writeKey(plain, at + LetterLayout.KEY_OFFSET);
            session.returned(plain, at, dropped);
        }
    }

    /// A large frame that goes to one addressee as a whole is sealed again from where it was opened: no letter is
    /// copied. Answers false, and changes nothing, if it has to be taken apart.
    private boolean whole(byte[] plain, int length) throws BadFrameException {
        if (!LetterLayout.isLetter(plain, 0)) {
            return false;
        }
        RelaySession to = find(plain, 0);
        if (to == null || to.loop() != loop || !to.isUp() || !to.egress().takesFrames()) {
            return false;
        }
        int letters = 0;
        for (int at = 0; at < length; letters++) {
            int letter = LetterLayout.check(plain, at, length, session.maxPayload());
            if (!LetterLayout.isLetter(plain, at)
                    || letter - LetterLayout.HEAD > to.maxPayload()
                    || !to.hasKey(plain, at + LetterLayout.KEY_OFFSET)) {
                return false;
            }
            at += letter;
        }
        for (int at = 0; at < length; at += LetterLayout.check(plain, at, length, session.maxPayload())) {
            session.writeKey(plain, at + LetterLayout.KEY_OFFSET);
        }
        to.egress().sendFrame(plain, length);
        loop.touch(to);
        relayed += letters;
        relayedBytes += length;
        return true;
    }

    private @Nullable RelaySession find(byte[] plain, int at) {
        RelaySession known = last;
        if (known != null && !known.isGone() && known.hasKey(plain, at + LetterLayout.KEY_OFFSET)) {
            return known;
        }
        last = loop.finder().find(plain, at + LetterLayout.KEY_OFFSET);
        return last;
    }

    private void own(byte[] plain, int at) throws BadFrameException {
        LetterKind kind = LetterLayout.kind(plain, at);
        switch (kind) {
            case PING -> {
                byte[] payload = atMost(LetterLayout.MAX_PING, kind, plain, at);
                session.egress().sendOwn(LetterLayout.own(LetterKind.PONG, payload));
                loop.touch(session);
            }
            case PONG -> session.pong(atMost(LetterLayout.MAX_PING, kind, plain, at));
            case LETTER, RETURNED, WELCOME, REFUSED, MOVE, RIVAL ->
                throw new BadFrameException(kind + " is not a client's to send");
        }
    }

    private static byte[] atMost(int limit, LetterKind kind, byte[] plain, int at) throws BadFrameException {
        byte[] payload = LetterLayout.payload(plain, at);
        if (payload.length > limit) {
            throw new BadFrameException(kind + " with " + payload.length + " bytes");
        }
        return payload;
    }

    /// Looks positive for as long as the same frame is not whole. Called at each tick.
    int ticksInFrame() {
        ticksInFrame = reader.isInFrame() && reader.frames() == framesAtTick ? ticksInFrame + 1 : 0;
        framesAtTick = reader.frames();
        return ticksInFrame;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!session.isGone()) {
            session.egress().flush();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        session.end(EndReason.LEFT);
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        reader.close();
        last = null;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
        if (session.isGone()) {
            return; // what was still to be written can no longer be
        }
        if (cause instanceof IOException) {
            session.end(EndReason.LEFT);
            return;
        }
        LOG.error("the session of {} ends because of a bug", session.key().shortHex(), cause);
        session.end(EndReason.INTERNAL);
        if (cause instanceof Error error) {
            throw error;
        }
    }
}
