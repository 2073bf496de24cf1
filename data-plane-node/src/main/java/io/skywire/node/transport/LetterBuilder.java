package io.skywire.node.transport;

import io.skywire.shared.noise.DatagramCipher;
import io.skywire.shared.noise.LinkCipher;
import java.util.Arrays;

/// Collects whole packets and seals them as the payload of one letter; see [Envelope]. Not thread-safe. Arrays grow to
/// what is needed, and nothing is allocated per packet or letter after that.
final class LetterBuilder {
    private static final int FIRST_CAPACITY = 2_048;

    private final long linkId;
    private final DatagramCipher sealing;
    private byte[] plain = new byte[FIRST_CAPACITY];
    private byte[] sealed = new byte[FIRST_CAPACITY];
    private int length;
    private int packets;

    LetterBuilder(long linkId, DatagramCipher sealing) {
        this.linkId = linkId;
        this.sealing = sealing;
    }

    boolean isEmpty() {
        return length == 0;
    }

    /// Packets in this letter so far.
    int packets() {
        return packets;
    }

    /// Bytes of those packets.
    int length() {
        return length;
    }

    /// Takes a copy of one whole packet.
    void append(byte[] packet, int offset, int packetLength) {
        if (plain.length < length + packetLength) {
            plain = Arrays.copyOf(plain, grown(length + packetLength));
        }
        System.arraycopy(packet, offset, plain, length, packetLength);
        length += packetLength;
        packets++;
    }

    /// Seals the packets and starts an empty letter. At least one packet must be in it.
    ///
    /// @return the bytes of the payload, which lies in [#sealed()] from its start
    int seal() {
        if (isEmpty()) {
            throw new IllegalStateException("an empty letter is never sent");
        }
        int whole = Envelope.FRAME_HEAD + length + LinkCipher.TAG_LENGTH;
        if (sealed.length < whole) {
            sealed = new byte[grown(whole)];
        }
        Envelope.putFrameHead(sealed, linkId, sealing.counter());
        sealing.seal(plain, 0, length, sealed, Envelope.FRAME_HEAD);
        length = 0;
        packets = 0;
        return whole;
    }

    /// What [#seal()] wrote; it counts until the next call.
    byte[] sealed() {
        return sealed;
    }

    private static int grown(int need) {
        return Math.max(need, Integer.highestOneBit(need) << 1);
    }
}
