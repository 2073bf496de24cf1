package io.skywire.node.relay;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.skywire.node.letters.LetterEgress;
import io.skywire.node.letters.LetterKind;
import io.skywire.node.letters.LetterLayout;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.LinkSession;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One client's session at the server: its life, and the way out to it. [SessionHandler] is the way in.
///
/// | state | what ends it | next |
/// |---|---|---|
/// | CLAIMING | its key is free, or the session that held it is dead | UP |
/// | CLAIMING | refused, or the connection ends | GONE |
/// | UP | the client leaves, is silent, stuck or breaks the rules; another takes over; the server ends | GONE |
///
/// State changes on the session's loop only; [#isGone()] may be asked anywhere.
final class RelaySession {
    private static final long LINGER_MILLIS = 1_000;
    private static final int PART_FRAME_TICKS = 30;

    private enum State {
        CLAIMING,
        UP,
        GONE
    }

    private final PublicKey key;
    private final byte[] keyBytes;
    private final int maxPayload;
    private final Channel channel;
    private final RelayLoop loop;
    private final SourceNetwork network;
    private final Relay relay;
    private final LetterEgress<RelaySession> egress;
    private volatile State state = State.CLAIMING;
    private boolean touched;
    private boolean heard;
    private int quietTicks;
    private int stuckTicks;
    private long takenAtTick = -1;
    private @Nullable ReturnLimit returns;
    private @Nullable Runnable proofOfLife; // waits for the PONG to a challenge
    private long challenge;

    RelaySession(Channel channel, LinkSession proven, RelayLoop loop, SourceNetwork network, Relay relay) {
        this.key = proven.remote();
        this.keyBytes = key.bytes();
        this.maxPayload = proven.maxPayload();
        this.channel = channel;
        this.loop = loop;
        this.network = network;
        this.relay = relay;
        this.egress = new LetterEgress<>(
                channel,
                proven.sealing(),
                loop.workspace(),
                relay.settings().queue(),
                relay.counters().evictions());
    }

    PublicKey key() {
        return key;
    }

    boolean hasKey(byte[] frame, int keyOffset) {
        return Arrays.equals(keyBytes, 0, PublicKey.LENGTH, frame, keyOffset, keyOffset + PublicKey.LENGTH);
    }

    void writeKey(byte[] frame, int keyOffset) {
        System.arraycopy(keyBytes, 0, frame, keyOffset, PublicKey.LENGTH);
    }

    int maxPayload() {
        return maxPayload;
    }

    RelayLoop loop() {
        return loop;
    }

    Channel channel() {
        return channel;
    }

    SourceNetwork network() {
        return network;
    }

    LetterEgress<RelaySession> egress() {
        return egress;
    }

    boolean isGone() {
        return state == State.GONE;
    }

    boolean isUp() {
        return state == State.UP;
    }

    // --- letters: on this session's loop

    /// A letter whose key is the sender's already. Its sender hears of it if it cannot go on.
    void arrive(RelaySession from, byte[] letter, int offset, int length) {
        DropReason dropped = deliver(from, letter, offset, length);
        if (dropped != null) {
            relay.counters().count(dropped);
            if (returns().allows(System.identityHashCode(from) ^ dropped.ordinal(), relay.nanos())) {
                from.tell(this, dropped);
            }
        }
    }

    /// Answers why the letter was dropped; null if it was not.
    @Nullable
    DropReason deliver(RelaySession from, byte[] letter, int offset, int length) {
        if (state != State.UP) {
            return relay.goneReason();
        }
        if (length - LetterLayout.HEAD > maxPayload) {
            return DropReason.TOO_LARGE;
        }
        if (!egress.send(from, letter, offset, length)) {
            return DropReason.QUEUE_FULL;
        }
        loop.touch(this);
        return null;
    }

    /// Tells this session, wherever it lives, that its letter to `addressee` was dropped.
    private void tell(RelaySession addressee, DropReason reason) {
        byte[] returned = LetterLayout.returned(LetterLayout.letter(addressee.key, new byte[0]), 0, reason.told());
        onLoop(() -> sendOwn(returned));
    }

    /// Tells this session that its letter was dropped, at most once in a while for the same reason. The addressee's
    /// key stands in `frame`.
    void returned(byte[] frame, int at, DropReason reason) {
        relay.counters().count(reason);
        int what = Arrays.hashCode(Arrays.copyOfRange(
                frame, at + LetterLayout.KEY_OFFSET + 1, at + LetterLayout.KEY_OFFSET + 1 + Long.BYTES));
        if (returns().allows(what ^ reason.ordinal(), relay.nanos())) {
            egress.sendOwn(LetterLayout.returned(frame, at, reason.told()));
            loop.touch(this);
        }
    }

    private ReturnLimit returns() {
        ReturnLimit limit = returns;
        if (limit == null) {
            limit = new ReturnLimit();
            returns = limit;
        }
        return limit;
    }

    /// Whether this is the first touch since the last flush.
    boolean touch() {
        boolean first = !touched;
        touched = true;
        return first;
    }

    void flushTouched() {
        touched = false;
        egress.flush();
    }

    /// A letter of the session's own, sent at once.
    void sendOwn(byte[] letter) {
        if (state != State.GONE) {
            egress.sendOwn(letter);
            egress.flush();
        }
    }

    // --- life: on this session's loop

    void open() {
        state = State.UP;
        loop.add(this);
    }

    void heard() {
        heard = true;
    }

    /// Asks the client for a sign of life; `alive` runs when it comes.
    void challenge(Runnable alive) {
        proofOfLife = alive;
        challenge++;
        sendOwn(LetterLayout.own(LetterKind.PING, challengeBytes()));
    }

    void pong(byte[] payload) {
        Runnable alive = proofOfLife;
        if (alive != null && Arrays.equals(payload, challengeBytes())) {
            proofOfLife = null;
            alive.run();
        }
    }

    private byte[] challengeBytes() {
        return java.nio.ByteBuffer.allocate(Long.BYTES).putLong(challenge).array();
    }

    void tick() {
        quietTicks = heard ? 0 : quietTicks + 1;
        heard = false;
        egress.tick();
        long taken = egress.taken();
        stuckTicks = egress.isStuck() && taken == takenAtTick ? stuckTicks + 1 : 0;
        takenAtTick = taken;
        if (quietTicks > relay.settings().silentTicks()) {
            end(EndReason.SILENT);
        } else if (stuckTicks >= relay.settings().stuckTicks()) {
            end(EndReason.STUCK);
        } else {
            SessionHandler handler = channel.pipeline().get(SessionHandler.class);
            if (handler != null && handler.ticksInFrame() > PART_FRAME_TICKS) {
                end(EndReason.NO_ROOM);
            }
        }
    }

    /// Says something last and closes the connection once that is written.
    void refuse(byte[] letter) {
        sendOwn(letter);
        finish();
        closeChannel();
    }

    void end(EndReason reason) {
        if (state == State.GONE) {
            return;
        }
        boolean wasUp = state == State.UP;
        finish();
        if (wasUp) {
            relay.gone(this, reason);
        }
        closeChannel();
    }

    private void finish() {
        state = State.GONE;
        loop.remove(this);
        egress.close();
    }

    private void closeChannel() {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        channel.eventLoop().schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }

    void onLoop(Runnable step) {
        if (channel.eventLoop().inEventLoop()) {
            step.run();
        } else {
            channel.eventLoop().execute(step);
        }
    }

    @Override
    public String toString() {
        return "RelaySession(" + key.shortHex() + ", " + state + ")";
    }
}
