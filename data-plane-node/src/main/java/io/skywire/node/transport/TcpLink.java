package io.skywire.node.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.skywire.node.wire.FrameBuilder;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.LinkSession;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportType;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One link over TCP after its handshake: its life, and the way out of it. [LinkHandler] is the way in.
///
/// | state | what ends it | next |
/// |---|---|---|
/// | SETTLING | the neighbour's SETTLE verifies, and the owner keeps this link | UP |
/// | SETTLING | anything else, the handshake's deadline | GONE |
/// | UP | close, a failure, end of file, silence | GONE |
///
/// State changes on the channel's event loop only.
final class TcpLink implements Link {
    static final int MAX_ERROR_TEXT = 256;
    private static final long LINGER_MILLIS = 1_000;

    private enum State {
        SETTLING,
        UP,
        GONE
    }

    private final Channel channel;
    private final LinkSession session;
    private final TransportSnapshot.Opener opener;
    private final Instant since;
    private final LinkOwner owner;
    private final Attempt attempt;
    private final Egress egress;
    private final HandOver handOver;
    private final Heartbeat heartbeat;
    private final LinkMeter meter;
    private final String address;
    private volatile @Nullable SignedTransport signed; // from SETTLED on
    private volatile long packetsIn;
    private volatile long bytesIn;
    private volatile boolean used; // since the last time somebody asked
    private volatile State state = State.SETTLING;
    private @Nullable Runnable afterwards; // waits for this link to be gone

    TcpLink(
            Channel channel,
            LinkSession session,
            TransportSnapshot.Opener opener,
            TcpSettings settings,
            RingArrays arrays,
            Instant since,
            LinkOwner owner,
            Attempt attempt) {
        this.channel = channel;
        this.session = session;
        this.opener = opener;
        this.since = since;
        this.owner = owner;
        this.attempt = attempt;
        this.address = Addresses.text(channel.remoteAddress());
        this.heartbeat = new Heartbeat(settings.quietHeartbeats());
        this.meter = new LinkMeter(since, settings.heartbeatInterval());
        this.egress = new Egress(channel, new FrameBuilder(session.sealing()), settings, arrays);
        this.handOver = new HandOver(channel.eventLoop(), this::takeHandedOver, settings.linkQueue());
    }

    // --- the face: any thread

    @Override
    public SignedTransport signed() {
        SignedTransport proof = signed;
        if (proof == null) {
            throw new IllegalStateException("the link to " + remote().shortHex() + " is not settled");
        }
        return proof;
    }

    @Override
    public PublicKey remote() {
        return session.remote();
    }

    @Override
    public int maxPayload() {
        return session.maxPayload();
    }

    @Override
    public void send(byte[] packet, int offset, int length) {
        if (length != PacketLayout.HEADER_LENGTH + PacketLayout.payloadLength(packet, offset)) {
            throw new IllegalArgumentException("not one whole packet: its header says "
                    + PacketLayout.payloadLength(packet, offset) + " bytes of payload, it has " + length + " in all");
        }
        use();
        if (state == State.GONE || length > PacketLayout.HEADER_LENGTH + maxPayload()) {
            egress.countDropped();
        } else if (channel.eventLoop().inEventLoop()) {
            egress.send(packet, offset, length);
        } else if (!handOver.offer(packet, offset, length)) {
            egress.countDropped();
        }
    }

    @Override
    public void flush() {
        if (channel.eventLoop().inEventLoop()) {
            egress.flush();
        } else {
            handOver.flush();
        }
    }

    @Override
    public TransportSnapshot snapshot() {
        return new TransportSnapshot(
                id(),
                TransportType.TCP,
                remote(),
                address,
                opener,
                session.cipher().label(),
                since,
                measured(),
                packetsIn,
                bytesIn,
                egress.packets(),
                egress.bytes(),
                egress.dropped(),
                egress.queued());
    }

    @Override
    public void close(String reason) {
        onLoop(() -> endPolitely(reason));
    }

    // --- the life: event loop only

    /// Both edges have signed: the owner decides what becomes of the link.
    void settle(SignedTransport proof) {
        signed = proof;
        owner.settled(this);
    }

    /// The owner keeps this link.
    @Override
    public void open() {
        if (state == State.SETTLING) {
            state = State.UP;
            attempt.settled();
        }
    }

    @Override
    public boolean isUp() {
        return state == State.UP;
    }

    @Override
    public boolean isGone() {
        return state == State.GONE;
    }

    @Override
    public TransportSnapshot.Opener opener() {
        return opener;
    }

    Heartbeat heartbeat() {
        return heartbeat;
    }

    LinkMeter meter() {
        return meter;
    }

    LinkMeter.Counts counts() {
        return new LinkMeter.Counts(egress.packets(), egress.bytes(), egress.dropped());
    }

    /// Any thread.
    LinkMeasurement measured() {
        return meter.measured(heartbeat.roundTrip());
    }

    Channel channel() {
        return channel;
    }

    LinkOwner owner() {
        return owner;
    }

    void countIn(long packets, long bytes) {
        packetsIn = packets;
        bytesIn = bytes;
    }

    /// This side ends the link at once, and says why.
    @Override
    public void fail(LinkFailure kind, String detail) {
        if (isGone()) {
            return;
        }
        boolean settled = isUp();
        if (settled) {
            owner.failed(kind, detail);
        }
        sendError(detail);
        finish(kind, detail);
    }

    /// The connection is gone, or has been told to go.
    @Override
    public void end(String reason) {
        if (!isGone()) {
            finish(LinkFailure.HANDSHAKE_REFUSED, reason);
        }
    }

    /// Ends the link as `close` does; `next` runs on this loop once everybody has heard of it.
    @Override
    public void endThen(String reason, Runnable next) {
        if (isGone()) {
            next.run();
            return;
        }
        afterwards = next;
        endPolitely(reason);
    }

    private void endPolitely(String reason) {
        if (!isGone()) {
            sendError(reason);
            finish(LinkFailure.HANDSHAKE_REFUSED, reason);
        }
    }

    private void finish(LinkFailure unsettledKind, String reason) {
        boolean wasUp = isUp();
        state = State.GONE;
        if (wasUp) {
            owner.gone(this, reason);
        } else {
            attempt.failed(unsettledKind, reason);
        }
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        channel.eventLoop().schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
        Runnable next = afterwards;
        if (next != null) {
            next.run();
        }
    }

    private void sendError(String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        byte[] capped = text.length <= MAX_ERROR_TEXT ? text : Arrays.copyOf(text, MAX_ERROR_TEXT);
        sendNow(PacketLayout.packet(PacketType.ERROR, RouteId.LINK, capped));
    }

    /// A packet that is not the link's own passes.
    void use() {
        if (!used) {
            used = true;
        }
    }

    /// Whether packets that are not the link's own have passed since this was asked last.
    boolean wasUsed() {
        boolean was = used;
        used = false;
        return was;
    }

    /// A packet of the link's own, sent at the next flush at the latest.
    void sendOwn(byte[] packet) {
        egress.send(packet, 0, packet.length);
    }

    /// A packet of the link's own, sent at once.
    void sendNow(byte[] packet) {
        egress.send(packet, 0, packet.length);
        egress.flush();
    }

    @Override
    public void onLoop(Runnable step) {
        if (channel.eventLoop().inEventLoop()) {
            step.run();
        } else {
            channel.eventLoop().execute(step);
        }
    }

    private void takeHandedOver() {
        handOver.drainTo(egress::send);
        egress.flush();
    }

    @Override
    public String toString() {
        return "TcpLink(" + remote().shortHex() + " at " + address + ", " + state + ")";
    }
}
