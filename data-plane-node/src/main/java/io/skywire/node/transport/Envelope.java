package io.skywire.node.transport;

import io.skywire.shared.noise.LinkCipher;
import io.skywire.shared.packet.PacketLayout;
import java.nio.ByteBuffer;
import java.util.Optional;

/// What lies in a letter between two nodes, big-endian.
/// ```
/// 0      1               9               17
/// +------+---------------+---------------+------------------------------------+
/// | kind | link id u64   | counter u64   | sealed( packet | packet | … ) + 16 |   FRAME
/// +------+---------------+---------------+------------------------------------+
/// | kind | link id u64   | message of the handshake, as on TCP                |   ACT_ONE, ACT_TWO, ACT_THREE
/// +------+---------------+----------------------------------------------------+
/// | kind | link id u64   |                                                        NO_SUCH_LINK
/// +------+---------------+
/// ```
/// The dialling node makes the link id up, at random. Only FRAME and the acts' own fields are authenticated; a server
/// can make up the rest, so nothing is believed because of it.
final class Envelope {
    static final int HEAD = 1 + Long.BYTES;
    static final int FRAME_HEAD = HEAD + Long.BYTES;

    /// What a letter holds beside its packets.
    static final int FRAME_OVERHEAD = FRAME_HEAD + LinkCipher.TAG_LENGTH;

    private Envelope() {}

    enum Kind {
        ACT_ONE(1),
        ACT_TWO(2),
        ACT_THREE(3),
        FRAME(4),
        /// The answer to a frame of a link that is not known here: a hint, which anybody on the way could forge.
        NO_SUCH_LINK(5);

        private final int number;

        Kind(int number) {
            this.number = number;
        }
    }

    /// The largest packet payload that letters of so many bytes carry; may be negative.
    static int maxPayload(int letterPayload) {
        return letterPayload - FRAME_OVERHEAD - PacketLayout.HEADER_LENGTH;
    }

    /// Empty if there is no such kind, or too few bytes for it.
    static Optional<Kind> kind(byte[] letter, int offset, int length) {
        if (length < HEAD) {
            return Optional.empty();
        }
        for (Kind kind : Kind.values()) {
            if (kind.number == letter[offset]) {
                return kind == Kind.FRAME && length < FRAME_OVERHEAD ? Optional.empty() : Optional.of(kind);
            }
        }
        return Optional.empty();
    }

    static long linkId(byte[] letter, int offset) {
        return ByteBuffer.wrap(letter).getLong(offset + 1);
    }

    static long counter(byte[] letter, int offset) {
        return ByteBuffer.wrap(letter).getLong(offset + HEAD);
    }

    static byte[] of(Kind kind, long linkId, byte[] message) {
        return ByteBuffer.allocate(HEAD + message.length)
                .put((byte) kind.number)
                .putLong(linkId)
                .put(message)
                .array();
    }

    static void putFrameHead(byte[] letter, long linkId, long counter) {
        ByteBuffer.wrap(letter).put((byte) Kind.FRAME.number).putLong(linkId).putLong(counter);
    }
}
