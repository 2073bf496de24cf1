package io.skywire.node.wire;

import io.netty.buffer.ByteBuf;
import io.skywire.shared.noise.CipherState;
import io.skywire.shared.noise.LinkCipher;
import java.util.Arrays;

/// Collects whole packets and seals them as one frame. Not thread-safe.
///
/// Packets lie in one heap array, are sealed into a second one, and leave it by one copy into the buffer that the
/// socket takes. Nothing is allocated per packet or, once the arrays have grown, per frame.
public final class FrameBuilder {
    private static final int FIRST_CAPACITY = 2_048;

    private final Sealing sealing;
    private byte[] plain = new byte[FIRST_CAPACITY];
    private byte[] sealed = new byte[FIRST_CAPACITY];
    private int length;
    private int packets;

    /// Seals the next frame of a link from one array into another and answers the bytes written, as
    /// [CipherState#seal] does.
    @FunctionalInterface
    public interface Sealing {
        int seal(byte[] plain, int offset, int length, byte[] target, int targetOffset);
    }

    public FrameBuilder(CipherState sealing) {
        this(sealing::seal);
    }

    public FrameBuilder(Sealing sealing) {
        this.sealing = sealing;
    }

    public boolean isEmpty() {
        return length == 0;
    }

    /// Whether a packet of so many bytes still fits this frame.
    public boolean fits(int packetLength) {
        return length + packetLength <= FrameLayout.MAX_PLAIN;
    }

    /// Takes a copy of one whole packet, which must fit.
    public void append(byte[] packet, int offset, int packetLength) {
        int at = claim(packetLength);
        System.arraycopy(packet, offset, plain, at, packetLength);
    }

    /// Makes room for one whole packet, which must fit; the caller writes it into [#array()] at the returned offset.
    public int claim(int packetLength) {
        if (!fits(packetLength)) {
            throw new IllegalStateException(packetLength + " bytes do not fit a frame that holds " + length);
        }
        int at = length;
        if (plain.length < at + packetLength) {
            plain = Arrays.copyOf(plain, grown(at + packetLength));
        }
        length += packetLength;
        packets++;
        return at;
    }

    /// Where [#claim(int)]ed packets are written. Another array after the next claim.
    public byte[] array() {
        return plain;
    }

    /// Packets in this frame so far.
    public int packets() {
        return packets;
    }

    /// Bytes of those packets, headers included.
    public int length() {
        return length;
    }

    /// Bytes that [#sealInto(ByteBuf)] will write.
    public int frameLength() {
        return FrameLayout.LENGTH_PREFIX + length + LinkCipher.TAG_LENGTH;
    }

    /// Seals the packets, writes the frame, and starts an empty one. At least one packet must be in it.
    public void sealInto(ByteBuf out) {
        if (isEmpty()) {
            throw new IllegalStateException("an empty frame is never sent");
        }
        if (sealed.length < frameLength()) {
            sealed = new byte[grown(frameLength())];
        }
        int written = sealing.seal(plain, 0, length, sealed, FrameLayout.LENGTH_PREFIX);
        sealed[0] = (byte) (written >>> 8);
        sealed[1] = (byte) written;
        out.writeBytes(sealed, 0, FrameLayout.LENGTH_PREFIX + written);
        length = 0;
        packets = 0;
    }

    private static int grown(int need) {
        return Math.min(FrameLayout.MAX_FRAME, Math.max(need, Integer.highestOneBit(need) << 1));
    }
}
