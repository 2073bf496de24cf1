package io.skywire.node.letters;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.skywire.node.wire.FrameLayout;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.CipherState;
import io.skywire.shared.noise.LinkCipher;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// The way out of a session. Only on its event loop.
///
/// While the socket takes bytes, letters go straight into the frame under construction; while it does not, each waits
/// in its flow's queue. A frame is sealed when it is full or flushed, and only while the channel is writable, so that
/// what waits can still be dropped and put in turns. Frame and queue are on loan from the [Workspace] and exist only
/// while they hold something.
public final class LetterEgress<F> {
    private final Channel channel;
    private final CipherState sealing;
    private final Workspace workspace;
    private final QueueLimits limits;
    private final LongAdder evicted;
    private byte @Nullable [] frame;
    private int length;
    private @Nullable LetterQueue<F> queue;
    private long inFlight;
    private long emitted;
    private boolean unflushed;
    private boolean pumping;
    private boolean closed;

    /// `evicted` counts letters that had room and lost it to others.
    public LetterEgress(
            Channel channel, CipherState sealing, Workspace workspace, QueueLimits limits, LongAdder evicted) {
        this.channel = channel;
        this.sealing = sealing;
        this.workspace = workspace;
        this.limits = limits;
        this.evicted = evicted;
    }

    /// Takes a copy of one whole letter. Answers whether there was room; if not, it is dropped.
    public boolean send(F flow, byte[] letter, int offset, int letterLength) {
        if (closed) {
            return false;
        }
        LetterQueue<F> waiting = queue;
        if ((waiting == null || waiting.isEmpty()) && isWritable() && makeRoom(letterLength)) {
            append(letter, offset, letterLength);
            return true;
        }
        return queue().offer(flow, letter, offset, letterLength);
    }

    /// The same for a LETTER whose payload stands elsewhere than its head.
    public boolean send(F flow, PublicKey key, byte[] payload, int offset, int payloadLength) {
        byte[] letter = workspace.letter();
        LetterLayout.putHead(letter, 0, key, payloadLength);
        System.arraycopy(payload, offset, letter, LetterLayout.HEAD, payloadLength);
        return send(flow, letter, 0, LetterLayout.HEAD + payloadLength);
    }

    /// The same for a letter of the session's own, which goes before all others.
    public boolean sendOwn(byte[] letter) {
        if (closed) {
            return false;
        }
        LetterQueue<F> waiting = queue;
        if ((waiting == null || waiting.isEmpty()) && isWritable() && makeRoom(letter.length)) {
            append(letter, 0, letter.length);
            return true;
        }
        return queue().offerOwn(letter);
    }

    /// Whether [#sendFrame] may be called: nothing waits, and the socket takes bytes.
    public boolean takesFrames() {
        LetterQueue<F> waiting = queue;
        return !closed && length == 0 && (waiting == null || waiting.isEmpty()) && isWritable();
    }

    /// Seals a whole frame from where it was opened, without a copy.
    public void sendFrame(byte[] letters, int frameLength) {
        if (!takesFrames()) {
            throw new IllegalStateException("a frame would overtake what waits");
        }
        emit(letters, frameLength);
    }

    /// Seals and writes as far as the socket takes it. Also called when the channel becomes writable again.
    public void flush() {
        if (pumping || closed) {
            return; // writing made the channel writable again; the loop below goes on
        }
        pumping = true;
        try {
            measure();
            do {
                pump();
                if (unflushed) {
                    unflushed = false;
                    channel.flush();
                    measure();
                }
            } while (!closed && !isDrained() && isWritable());
        } finally {
            pumping = false;
        }
    }

    private void pump() {
        while (isWritable()) {
            fill();
            if (frame == null) {
                return;
            }
            emitFrame();
        }
    }

    private void fill() {
        LetterQueue<F> waiting = queue;
        if (waiting == null) {
            return;
        }
        for (int next = waiting.nextLength(); next > 0; next = waiting.nextLength()) {
            if (length + next > FrameLayout.MAX_PLAIN) {
                return;
            }
            byte[] room = room(next);
            waiting.moveNextTo(room, length, next);
            length += next;
        }
    }

    /// Whether a letter of so many bytes may now go into the frame.
    private boolean makeRoom(int letterLength) {
        if (length + letterLength <= FrameLayout.MAX_PLAIN) {
            return true;
        }
        emitFrame();
        LetterQueue<F> waiting = queue;
        return (waiting == null || waiting.isEmpty()) && isWritable();
    }

    private void emitFrame() {
        byte[] built = frame;
        if (built == null) {
            return;
        }
        int whole = length;
        // Let go first: writing may make the channel writable again, and whoever hears of that flushes this.
        frame = null;
        length = 0;
        emit(built, whole);
        workspace.give(built);
    }

    private void append(byte[] letter, int offset, int letterLength) {
        byte[] room = room(letterLength);
        System.arraycopy(letter, offset, room, length, letterLength);
        length += letterLength;
    }

    private byte[] room(int more) {
        byte[] built = frame;
        if (built != null && built.length >= length + more) {
            return built;
        }
        byte[] larger = workspace.take(length + more);
        if (built != null) {
            System.arraycopy(built, 0, larger, 0, length);
            workspace.give(built);
        }
        frame = larger;
        return larger;
    }

    private void emit(byte[] letters, int plainLength) {
        byte[] sealed = workspace.sealedOut();
        int written = sealing.seal(letters, 0, plainLength, sealed, FrameLayout.LENGTH_PREFIX);
        sealed[0] = (byte) (written >>> 8);
        sealed[1] = (byte) written;
        ByteBuf out = channel.alloc().directBuffer(FrameLayout.LENGTH_PREFIX + plainLength + LinkCipher.TAG_LENGTH);
        out.writeBytes(sealed, 0, FrameLayout.LENGTH_PREFIX + written);
        channel.write(out, channel.voidPromise());
        unflushed = true;
        if (!channel.isWritable()) {
            unflushed = false;
            channel.flush();
        }
        emitted++;
        measure();
    }

    private boolean isWritable() {
        return channel.isWritable() && (inFlight == 0 || workspace.mayWriteMore());
    }

    /// What lies between this session and the kernel, for the budget of all.
    private void measure() {
        ChannelOutboundBuffer outbound = channel.unsafe().outboundBuffer();
        long now = outbound == null || closed ? 0 : outbound.totalPendingWriteBytes();
        workspace.changeInFlight(now - inFlight);
        inFlight = now;
    }

    /// Once a second: what is idle gives back what it had.
    public void tick() {
        measure();
        LetterQueue<F> waiting = queue;
        if (waiting != null && waiting.isEmpty()) {
            waiting.close();
            queue = null;
        } else if (waiting != null) {
            flush();
        }
    }

    private LetterQueue<F> queue() {
        LetterQueue<F> waiting = queue;
        if (waiting == null) {
            waiting = new LetterQueue<>(limits, workspace, evicted);
            queue = waiting;
        }
        return waiting;
    }

    private boolean isDrained() {
        LetterQueue<F> waiting = queue;
        return frame == null && (waiting == null || waiting.isEmpty());
    }

    /// Whether something lies there that the socket has not taken yet.
    public boolean isStuck() {
        return inFlight > 0;
    }

    /// Grows, and is never the same again, when the socket has taken something.
    public long taken() {
        return emitted - inFlight;
    }

    /// Bytes that wait in the queue.
    public int queued() {
        LetterQueue<F> waiting = queue;
        return waiting == null ? 0 : waiting.bytes();
    }

    /// Gives back what is on loan. What was not flushed is lost.
    public void close() {
        closed = true;
        measure();
        giveFrame();
        LetterQueue<F> waiting = queue;
        if (waiting != null) {
            waiting.close();
            queue = null;
        }
    }

    private void giveFrame() {
        byte[] built = frame;
        if (built != null) {
            workspace.give(built);
            frame = null;
        }
        length = 0;
    }
}
