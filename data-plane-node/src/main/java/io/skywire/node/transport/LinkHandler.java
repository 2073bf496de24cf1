package io.skywire.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.skywire.node.transport.LinkMeter.Ping;
import io.skywire.node.wire.BadFrameException;
import io.skywire.node.wire.FrameReader;
import io.skywire.node.wire.PacketSink;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.Signature;
import io.skywire.shared.noise.CipherState;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way into a settled or settling link: bytes of the socket become packets; those of the link itself (route id 0)
/// stay here, the rest go to the [Ingress]. Owns and releases what it reads.
///
/// | type on route id 0 | payload | what happens |
/// |---|---|---|
/// | SETTLE | signature 65 | first of all, and once: the transport entry has both signatures |
/// | PING | up to 64; 8 for a round trip, empty from the pulse of a link in use | answered by PONG with the same
/// payload |
/// | PONG | 8 | a round trip, if it answers the last PING |
/// | KEEP_ALIVE | empty | nothing; every byte counts as life |
/// | ERROR | text, up to 256 | why the neighbour is about to close; for people |
///
/// Anything else on route id 0 ends the link as a bad frame.
final class LinkHandler extends ChannelInboundHandlerAdapter implements PacketSink {
    private static final Logger LOG = LoggerFactory.getLogger(LinkHandler.class);
    private static final int MAX_PING = 64;

    private final TcpLink link;
    private final KeyPair self;
    private final Ingress.Factory ingresses;
    private final InstantSource clock;
    private final FrameReader reader;
    private final TransportEntry entry;
    private final Signature mine;
    private final Pulse pulse;
    private final Pace pace;
    private final BeatGrid grid;
    private @Nullable Ingress ingress; // once settled
    private @Nullable Future<?> beating; // while up
    private long place; // on the grid
    private @Nullable String farewell; // the neighbour's ERROR

    LinkHandler(
            TcpLink link,
            CipherState opening,
            KeyPair self,
            Ingress.Factory ingresses,
            InstantSource clock,
            TcpSettings settings,
            BeatGrid grid) {
        this.link = link;
        this.self = self;
        this.ingresses = ingresses;
        this.clock = clock;
        this.grid = grid;
        this.pulse = new Pulse(link, settings);
        this.pace = new Pace(settings);
        this.reader = new FrameReader(opening, link.maxPayload());
        this.entry = TransportEntry.between(self.publicKey(), link.remote(), TransportType.TCP);
        this.mine = entry.sign(self);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        link.sendNow(PacketLayout.packet(PacketType.SETTLE, RouteId.LINK, mine.bytes()));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            link.heartbeat().heard();
            if (!link.isGone()) {
                reader.read(bytes, this);
            }
        } catch (BadFrameException bad) {
            link.fail(LinkFailure.BAD_FRAME, "bad frame from " + link.remote().shortHex() + ": " + bad.getMessage());
        } finally {
            link.countIn(reader.packets(), reader.bytes());
            bytes.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        Ingress open = ingress;
        if (open != null) {
            open.endOfRead();
        }
        link.flush();
    }

    @Override
    public void packet(byte[] frame, int offset, int length) throws BadFrameException {
        Ingress open = ingress;
        if (link.isGone()) {
            return;
        }
        if (PacketLayout.routeId(frame, offset) == RouteId.LINK.bits()) {
            ofLink(
                    PacketLayout.type(frame, offset),
                    Arrays.copyOfRange(frame, offset + PacketLayout.HEADER_LENGTH, offset + length));
        } else if (open == null) {
            link.fail(LinkFailure.UNSETTLED, link.remote().shortHex() + " sent a packet before its signature");
        } else {
            link.use();
            open.packet(frame, offset, length);
        }
    }

    private void ofLink(int number, byte[] payload) throws BadFrameException {
        PacketType type = PacketType.ofNumber(number)
                .orElseThrow(() -> new BadFrameException("packet type " + number + " on route id 0"));
        if (ingress == null && type != PacketType.SETTLE && type != PacketType.ERROR) {
            link.fail(LinkFailure.UNSETTLED, link.remote().shortHex() + " sent " + type + " before its signature");
            return;
        }
        switch (type) {
            case SETTLE -> settle(payload);
            case PING -> {
                requireAtMost(MAX_PING, type, payload);
                byte[] pong = PacketLayout.packet(PacketType.PONG, RouteId.LINK, payload);
                link.sendOwn(pong);
            }
            case PONG -> {
                requireAtMost(MAX_PING, type, payload);
                link.heartbeat()
                        .pong(payload, clock.instant())
                        .ifPresent(roundTrip -> link.owner().measured(link.id(), link.measured()));
            }
            case KEEP_ALIVE -> requireAtMost(0, type, payload);
            case ERROR -> {
                requireAtMost(TcpLink.MAX_ERROR_TEXT, type, payload);
                farewell = new String(payload, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", " ");
            }
            case DATA, CLOSE, ROUTE_BROKEN, PROBE, PROBE_REPLY -> throw new BadFrameException(type + " on route id 0");
        }
    }

    private void settle(byte[] payload) throws BadFrameException {
        if (ingress != null) {
            throw new BadFrameException("a second SETTLE");
        }
        if (payload.length != Signature.LENGTH) {
            throw new BadFrameException("SETTLE with " + payload.length + " bytes");
        }
        Signature theirs = Signature.of(payload);
        if (!link.remote().verifies(theirs, entry.signedBytes())) {
            link.fail(
                    LinkFailure.UNSETTLED,
                    "the signature of transport " + entry.id() + " is not by "
                            + link.remote().shortHex());
            return;
        }
        link.settle(SignedTransport.of(entry, self.publicKey(), mine, theirs));
        if (!link.isGone()) {
            ingress = ingresses.open(link);
            beat();
        }
    }

    /// The handshake's deadline, which covers the signatures too.
    void expire(Duration deadline) {
        if (ingress == null) {
            link.fail(LinkFailure.HANDSHAKE_TIMEOUT, "not settled within " + deadline.toMillis() + " ms");
        }
    }

    /// Once per interval, and the first time at once.
    private void beat() {
        if (link.isGone()) {
            stopBeating();
            return;
        }
        if (pulse.startIfUsed()) {
            pace.used();
        }
        boolean isUnanswered = link.heartbeat().isAwaiting();
        if (pace.isDue(isUnanswered)) {
            if (link.heartbeat().isSilent()) {
                stopBeating();
                link.fail(LinkFailure.SILENT, link.remote().shortHex() + " has been silent for too long");
                return;
            }
            Instant now = clock.instant();
            link.meter().beat(now, link.counts(), isUnanswered ? Ping.UNANSWERED : Ping.ANSWERED);
            if (isUnanswered) {
                link.owner().measured(link.id(), link.measured()); // the answers tell it otherwise
            }
            link.sendNow(link.heartbeat().ping(now));
        }
        if (beating == null) {
            place = grid.join();
        }
        EventLoop loop = link.channel().eventLoop();
        beating = loop.schedule(this::beat, grid.untilNext(place, loop.ticker().nanoTime()), TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            link.meter().relieved(clock.millis());
        } else {
            link.meter().congested(clock.millis());
        }
        link.flush();
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stopBeating();
        String told = farewell;
        link.end(told == null ? "the neighbour closed the link" : "the neighbour closed the link: " + told);
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
        if (link.isGone()) {
            return; // what was still to be written can no longer be
        }
        if (cause instanceof IOException) {
            link.end("the connection broke: " + cause.getMessage());
            return;
        }
        LOG.error("the link to {} ends because of a bug", link.remote().shortHex(), cause);
        link.end("internal error: " + cause);
        if (cause instanceof Error error) {
            throw error;
        }
    }

    private void stopBeating() {
        pulse.stop();
        Future<?> timer = beating;
        if (timer != null) {
            timer.cancel(false);
            beating = null;
            grid.leave();
        }
    }

    private static void requireAtMost(int limit, PacketType type, byte[] payload) throws BadFrameException {
        if (payload.length > limit) {
            throw new BadFrameException(type + " with " + payload.length + " bytes");
        }
    }
}
