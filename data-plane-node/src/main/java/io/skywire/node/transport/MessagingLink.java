package io.skywire.node.transport;

import io.skywire.node.messaging.Mailbox;
import io.skywire.node.transport.LinkMeter.Ping;
import io.skywire.node.wire.BadFrameException;
import io.skywire.node.wire.PacketSink;
import io.skywire.node.wire.PacketWalk;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import io.skywire.shared.noise.DatagramCipher;
import io.skywire.shared.noise.ForgedFrameException;
import io.skywire.shared.noise.LinkSession;
import io.skywire.shared.noise.ReplayWindow;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// One link through messaging servers after its handshake. What it sends may be lost, doubled and overtaken on the way,
/// and a server may make letters up: a frame counts once, if its key opens it, and everything else is counted and
/// passed over.
///
/// | state | what ends it | next |
/// |---|---|---|
/// | SETTLING | the neighbour's SETTLE verifies, and the owner keeps this link | UP |
/// | SETTLING | anything else, the handshake's deadline | GONE |
/// | UP | close, a failure, the neighbour's ERROR, silence | GONE |
///
/// Act three and SETTLE are repeated until a frame comes that shows that they have arrived. The server in use is the
/// one through which the neighbour's newest frame came; when it lets nothing through or is about to end, another is
/// looked for. State changes on the mailbox's event loop only.
final class MessagingLink implements Link, PacketSink {
    private static final int MAX_PING = 64;
    private static final int BEATS_OF_DOUBT = 3;

    private enum State {
        SETTLING,
        UP,
        GONE
    }

    private final LinkName name;
    private final LinkSession session;
    private final TransportSnapshot.Opener opener;
    private final Post post;
    private final MessagingLinkSettings settings;
    private final Attempt attempt;
    private final Instant since;
    private final TransportEntry entry;
    private final Signature mine;
    private final DatagramCipher opening;
    private final ReplayWindow window = new ReplayWindow();
    private final PacketWalk walk;
    private final LetterBuilder letter;
    private final HandOver handOver;
    private final Heartbeat heartbeat;
    private final LinkMeter meter;
    private final LongAdder packetsOut = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private volatile PublicKey via;
    private volatile State state = State.SETTLING;
    private volatile @Nullable SignedTransport signed; // from SETTLED on
    private volatile long packetsIn;
    private volatile long bytesIn;
    private byte @Nullable [] actThree; // until the neighbour shows that it has it
    private @Nullable Ingress ingress; // once settled
    private boolean neighbourUp;
    private boolean seeking;
    private int searches; // since the neighbour was heard
    private int doubt; // heartbeats since the neighbour was said not to know this link; 0: it was not
    private boolean touched;

    /// `via` is the server through which the handshake went; `actThree` the letter that has to arrive, if there is one.
    MessagingLink(
            LinkName name,
            LinkSession session,
            TransportSnapshot.Opener opener,
            PublicKey via,
            byte @Nullable [] actThree,
            Post post,
            Attempt attempt) {
        this.name = name;
        this.session = session;
        this.opener = opener;
        this.via = via;
        this.actThree = actThree;
        this.post = post;
        this.settings = post.settings();
        this.attempt = attempt;
        this.since = post.now();
        this.entry = TransportEntry.between(post.self().publicKey(), session.remote(), TransportType.MESSAGING);
        this.mine = entry.sign(post.self());
        this.opening = session.opening().forDatagrams();
        this.walk = new PacketWalk(session.maxPayload());
        this.letter = new LetterBuilder(name.id(), session.sealing().forDatagrams());
        this.handOver = new HandOver(post.loop(), this::takeHandedOver, settings.linkQueue());
        this.heartbeat = new Heartbeat(settings.quietHeartbeats());
        this.meter = new LinkMeter(since, settings.heartbeatInterval());
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
        if (state == State.GONE || length > PacketLayout.HEADER_LENGTH + maxPayload()) {
            dropped.increment();
        } else if (post.loop().inEventLoop()) {
            append(packet, offset, length);
        } else if (!handOver.offer(packet, offset, length)) {
            dropped.increment();
        }
    }

    @Override
    public void flush() {
        if (post.loop().inEventLoop()) {
            emit();
            post.flush(via);
        } else {
            handOver.flush();
        }
    }

    @Override
    public TransportSnapshot snapshot() {
        return new TransportSnapshot(
                id(),
                TransportType.MESSAGING,
                remote(),
                "messaging:" + via.hex(),
                opener,
                session.cipher().label(),
                since,
                measured(),
                packetsIn,
                bytesIn,
                packetsOut.sum(),
                bytesOut.sum(),
                dropped.sum(),
                0); // what waits is the mailbox's
    }

    /// The server in use: the link shares its fate.
    @Override
    public List<PublicKey> relays() {
        return List.of(via);
    }

    private LinkMeasurement measured() {
        return meter.measured(heartbeat.roundTrip());
    }

    @Override
    public void close(String reason) {
        onLoop(() -> endPolitely(reason));
    }

    // --- the way out: event loop only

    private void append(byte[] packet, int offset, int length) {
        if (letter.length() + length > PacketLayout.HEADER_LENGTH + maxPayload()) {
            emit(); // what a letter carries is what the largest packet needs
        }
        letter.append(packet, offset, length);
    }

    private void emit() {
        if (letter.isEmpty()) {
            return;
        }
        int packets = letter.packets();
        int bytes = letter.length();
        int sealed = letter.seal();
        if (post.append(remote(), via, letter.sealed(), sealed)) {
            packetsOut.add(packets);
            bytesOut.add(bytes);
        } else {
            dropped.add(packets);
        }
    }

    private void takeHandedOver() {
        handOver.drainTo((packet, offset, length) -> {
            if (state == State.GONE) {
                dropped.increment();
            } else {
                append(packet, offset, length);
            }
        });
        flush();
    }

    /// A packet of the link's own, sent at once.
    private void sendNow(byte[] packet) {
        append(packet, 0, packet.length);
        flush();
    }

    // --- the way in: event loop only

    /// A frame of this link, through that server; the array may be changed within it.
    void frame(PublicKey through, byte[] payload, int offset, int length) {
        if (isGone()) {
            return;
        }
        long counter = Envelope.counter(payload, offset);
        if (!window.isFresh(counter)) {
            post.count(LetterDrop.REPLAYED);
            return;
        }
        int opened;
        try {
            opened = opening.open(
                    counter, payload, offset + Envelope.FRAME_HEAD, length - Envelope.FRAME_HEAD, post.plain(), 0);
        } catch (ForgedFrameException forged) {
            post.count(LetterDrop.FORGED);
            return;
        }
        boolean newest = window.isNewest(counter);
        window.take(counter);
        heartbeat.heard();
        actThree = null;
        doubt = 0;
        searches = 0;
        if (newest && !through.equals(via) && carries(through)) {
            via = through;
        }
        try {
            walk.walk(post.plain(), opened, this);
        } catch (BadFrameException bad) {
            fail(LinkFailure.BAD_FRAME, "bad frame from " + remote().shortHex() + ": " + bad.getMessage());
        } finally {
            packetsIn = walk.packets();
            bytesIn = walk.bytes();
        }
    }

    /// Whether this is the first frame since the last end of a read.
    boolean touch() {
        boolean first = !touched;
        touched = true;
        return first;
    }

    void endOfRead() {
        touched = false;
        Ingress open = ingress;
        if (open != null) {
            open.endOfRead();
        }
        flush();
    }

    @Override
    public void packet(byte[] frame, int offset, int length) throws BadFrameException {
        Ingress open = ingress;
        if (isGone()) {
            return;
        }
        boolean isOfLink = PacketLayout.routeId(frame, offset) == RouteId.LINK.bits();
        // Only who has our signature sends anything else than its own.
        neighbourUp |= !isOfLink || PacketLayout.type(frame, offset) != PacketType.SETTLE.number();
        if (isOfLink) {
            ofLink(
                    PacketLayout.type(frame, offset),
                    Arrays.copyOfRange(frame, offset + PacketLayout.HEADER_LENGTH, offset + length));
        } else if (open != null) {
            open.packet(frame, offset, length);
        }
        // Before the signature it has overtaken it, and is lost as any datagram may be.
    }

    private void ofLink(int number, byte[] payload) throws BadFrameException {
        PacketType type = PacketType.ofNumber(number)
                .orElseThrow(() -> new BadFrameException("packet type " + number + " on route id 0"));
        if (ingress == null && type != PacketType.SETTLE && type != PacketType.ERROR) {
            return; // it has overtaken the signature; an answer would say that we have that
        }
        switch (type) {
            case SETTLE -> settle(payload);
            case PING -> {
                requireAtMost(MAX_PING, type, payload);
                byte[] pong = PacketLayout.packet(PacketType.PONG, RouteId.LINK, payload);
                append(pong, 0, pong.length);
            }
            case PONG -> {
                requireAtMost(MAX_PING, type, payload);
                heartbeat
                        .pong(payload, post.now())
                        .ifPresent(roundTrip -> post.owner().measured(id(), measured()));
            }
            case KEEP_ALIVE -> requireAtMost(0, type, payload);
            case ERROR -> {
                requireAtMost(TcpLink.MAX_ERROR_TEXT, type, payload);
                String text = new String(payload, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", " ");
                end("the neighbour closed the link: " + text);
            }
            case DATA, CLOSE, ROUTE_BROKEN, PROBE, PROBE_REPLY -> throw new BadFrameException(type + " on route id 0");
        }
    }

    private void settle(byte[] payload) throws BadFrameException {
        if (ingress != null) {
            return; // repeated, because our answer was late
        }
        if (payload.length != Signature.LENGTH) {
            throw new BadFrameException("SETTLE with " + payload.length + " bytes");
        }
        Signature theirs = Signature.of(payload);
        if (!remote().verifies(theirs, entry.signedBytes())) {
            fail(
                    LinkFailure.UNSETTLED,
                    "the signature of transport " + entry.id() + " is not by " + remote().shortHex());
            return;
        }
        signed = SignedTransport.of(entry, post.self().publicKey(), mine, theirs);
        post.owner().settled(this);
        if (!isGone()) {
            ingress = post.ingresses().open(this);
            beat();
        }
    }

    // --- the life: event loop only

    /// Once, right after the handshake.
    void begin() {
        repeat(0);
        post.later(settings.handshakeDeadline(), () -> {
            if (state == State.SETTLING) {
                fail(
                        LinkFailure.HANDSHAKE_TIMEOUT,
                        "not settled within " + settings.handshakeDeadline().toMillis() + " ms");
            }
        });
    }

    /// Says again what the neighbour has to have, until it shows that it has.
    private void repeat(int repetition) {
        if (isGone() || neighbourUp) {
            return;
        }
        byte[] act = actThree;
        if (act != null) {
            post.send(remote(), via, act);
        }
        sendNow(settlement());
        post.later(post.delay(repetition), () -> repeat(repetition + 1));
    }

    private void beat() {
        if (isGone()) {
            return;
        }
        if (heartbeat.isSilent()) {
            fail(LinkFailure.SILENT, remote().shortHex() + " has been silent for too long");
        } else if (doubt > 0 && ++doubt > BEATS_OF_DOUBT) {
            fail(LinkFailure.SILENT, remote().shortHex() + " knows this link no more");
        } else {
            Instant now = post.now();
            boolean isUnanswered = heartbeat.isAwaiting();
            meter.beat(
                    now,
                    new LinkMeter.Counts(packetsOut.sum(), bytesOut.sum(), dropped.sum()),
                    isUnanswered ? Ping.UNANSWERED : Ping.ANSWERED);
            if (isUnanswered) {
                post.owner().measured(id(), measured()); // the answers tell it otherwise
            }
            sendNow(heartbeat.ping(now));
            post.later(settings.heartbeatInterval(), this::beat);
        }
    }

    /// Somebody says that the neighbour does not know this link; it is believed if the neighbour does not show up.
    void doubted() {
        if (doubt == 0) {
            doubt = 1;
        }
    }

    /// The server in use, if it is that one, lets nothing through to the neighbour or is about to end.
    void lost(PublicKey server) {
        if (!isGone() && server.equals(via) && !seeking) {
            seeking = true;
            seek(server);
        }
    }

    /// At once for the first time; one who is nowhere is not looked for in a storm.
    private void seek(PublicKey server) {
        Duration delay = searches == 0 ? Duration.ZERO : post.delay(searches - 1);
        searches++;
        post.later(delay, () -> {
            if (isGone() || !server.equals(via)) {
                seeking = false; // the neighbour has shown another way meanwhile
                return;
            }
            post.reach(remote(), answer -> {
                if (answer instanceof Mailbox.Reach.Via found && post.stands(found.server()) && use(found.server())) {
                    seeking = false;
                } else {
                    seek(server);
                }
            });
        });
    }

    private boolean use(PublicKey server) {
        if (isGone() || !carries(server)) {
            return false;
        }
        via = server;
        sendNow(isUp() ? heartbeat.ping(post.now()) : settlement()); // shows the neighbour the way
        return true;
    }

    private byte[] settlement() {
        return PacketLayout.packet(PacketType.SETTLE, RouteId.LINK, mine.bytes());
    }

    /// The addressee's session carries less than the link agreed on: a new link agrees on less.
    void tooLarge(PublicKey server) {
        if (server.equals(via)) {
            fail(
                    LinkFailure.UNREACHABLE,
                    "messaging server " + server.shortHex() + " carries no packets of " + maxPayload() + " bytes to "
                            + remote().shortHex());
        }
    }

    private boolean carries(PublicKey server) {
        return post.maxPayload(server) >= maxPayload();
    }

    LinkName name() {
        return name;
    }

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

    @Override
    public void fail(LinkFailure kind, String detail) {
        if (isGone()) {
            return;
        }
        if (isUp()) {
            post.owner().failed(kind, detail);
        }
        sendError(detail);
        finish(kind, detail);
    }

    @Override
    public void end(String reason) {
        if (!isGone()) {
            finish(LinkFailure.HANDSHAKE_REFUSED, reason);
        }
    }

    @Override
    public void endThen(String reason, Runnable next) {
        endPolitely(reason);
        next.run();
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
        post.over(this);
        if (wasUp) {
            post.owner().gone(this, reason);
        } else {
            attempt.failed(unsettledKind, reason);
        }
    }

    private void sendError(String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        byte[] capped = text.length <= TcpLink.MAX_ERROR_TEXT ? text : Arrays.copyOf(text, TcpLink.MAX_ERROR_TEXT);
        sendNow(PacketLayout.packet(PacketType.ERROR, RouteId.LINK, capped));
    }

    @Override
    public void onLoop(Runnable step) {
        if (post.loop().inEventLoop()) {
            step.run();
        } else {
            post.loop().execute(step);
        }
    }

    private static void requireAtMost(int limit, PacketType type, byte[] payload) throws BadFrameException {
        if (payload.length > limit) {
            throw new BadFrameException(type + " with " + payload.length + " bytes");
        }
    }

    @Override
    public String toString() {
        return "MessagingLink(" + name + ", " + state + ")";
    }
}
