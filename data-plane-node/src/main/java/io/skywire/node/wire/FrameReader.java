package io.skywire.node.wire;

import io.netty.buffer.ByteBuf;
import io.skywire.shared.noise.CipherState;
import io.skywire.shared.noise.ForgedFrameException;
import io.skywire.shared.noise.LinkCipher;
import io.skywire.shared.packet.PacketLayout;
import java.util.Arrays;

/// Takes the bytes of a link apart: frames, and the packets in them. Not thread-safe.
///
/// Each byte is copied once, out of the buffer into a heap array; the frame is opened from there into a second heap
/// array and its packets are handed over in place. Arrays grow to the largest frame seen, at most 64 KiB each, and
/// nothing is allocated per packet.
///
/// After a [BadFrameException] the reader refuses everything.
public final class FrameReader {
    private static final int FIRST_CAPACITY = 2_048;

    private final Opening opening;
    private final PacketWalk walk;
    private byte[] sealed = new byte[FIRST_CAPACITY];
    private byte[] plain = new byte[FIRST_CAPACITY];
    private int have;
    private int need = FrameLayout.LENGTH_PREFIX;
    private boolean broken;

    /// Opens the next frame of a link from one array into another and answers the bytes written, as
    /// [CipherState#open] does.
    @FunctionalInterface
    public interface Opening {
        int open(byte[] sealed, int offset, int length, byte[] target, int targetOffset) throws ForgedFrameException;
    }

    public FrameReader(CipherState opening, int maxPayload) {
        this(opening::open, maxPayload);
    }

    public FrameReader(Opening opening, int maxPayload) {
        this.opening = opening;
        this.walk = new PacketWalk(maxPayload);
    }

    /// Reads all of `in`, which stays the caller's. Packets of complete frames go to the sink.
    ///
    /// @throws BadFrameException if a frame or a packet is not acceptable, or the sink said so
    public void read(ByteBuf in, PacketSink sink) throws BadFrameException {
        if (broken) {
            throw new BadFrameException("an earlier frame of this link was refused");
        }
        broken = true; // until the end is reached without an exception
        while (in.isReadable()) {
            int taken = Math.min(need - have, in.readableBytes());
            in.readBytes(sealed, have, taken);
            have += taken;
            if (have == need) {
                advance(sink);
            }
        }
        broken = false;
    }

    private void advance(PacketSink sink) throws BadFrameException {
        if (need == FrameLayout.LENGTH_PREFIX) {
            int length = (sealed[0] & 0xff) << 8 | (sealed[1] & 0xff);
            if (length < LinkCipher.TAG_LENGTH + PacketLayout.HEADER_LENGTH) {
                throw new BadFrameException("a frame of " + length + " bytes holds no packet");
            }
            need += length;
            if (sealed.length < need) {
                sealed = Arrays.copyOf(sealed, grown(need));
            }
            return;
        }
        if (plain.length < need) {
            plain = new byte[grown(need)];
        }
        int length;
        try {
            length = opening.open(sealed, FrameLayout.LENGTH_PREFIX, need - FrameLayout.LENGTH_PREFIX, plain, 0);
        } catch (ForgedFrameException forged) {
            throw new BadFrameException(String.valueOf(forged.getMessage()));
        }
        have = 0;
        need = FrameLayout.LENGTH_PREFIX;
        walk.walk(plain, length, sink);
    }

    /// Packets handed over so far.
    public long packets() {
        return walk.packets();
    }

    /// Bytes of those packets, headers included.
    public long bytes() {
        return walk.bytes();
    }

    private static int grown(int need) {
        return Math.min(FrameLayout.MAX_FRAME, Math.max(need, Integer.highestOneBit(need) << 1));
    }
}
