package io.skywire.node.letters;

import io.skywire.node.wire.BadFrameException;
import io.skywire.shared.key.PublicKey;
import java.util.Arrays;

/// A letter on the wire, big-endian. A frame holds one or more whole letters; no letter spans two frames.
/// ```
/// 0       1                                 34          36
/// +-------+---------------------------------+-----------+------------------+
/// | kind  | key: 33                         | length u16| payload          |     LETTER, RETURNED
/// +-------+---------------------------------+-----------+------------------+
/// | kind  | length u16 | payload                                           |     all others: the session's own
/// +-------+------------+--------------------------------------------------+
/// ```
/// The key of a LETTER says to whom, from client to server, and from whom, from server to client.
public final class LetterLayout {
    public static final int KEY_OFFSET = 1;
    public static final int HEAD = KEY_OFFSET + PublicKey.LENGTH + 2;

    /// The largest payload of a LETTER, in bytes: a transport's packet of 16 384 and what seals it.
    public static final int MAX_PAYLOAD = 16_384 + 128;

    public static final int MAX_LETTER = HEAD + MAX_PAYLOAD;

    /// The largest payload of a PING.
    public static final int MAX_PING = 64;

    static final int OWN_HEAD = 3;
    private static final int MAX_OWN = 1_024;
    private static final int LENGTH_OFFSET = HEAD - 2;

    private LetterLayout() {}

    /// Looks at the letter that begins at `at` and answers its whole length, head included.
    ///
    /// @throws BadFrameException if no whole letter within the limits is there
    public static int check(byte[] frame, int at, int end, int maxPayload) throws BadFrameException {
        int kind = frame[at];
        boolean addressed = isAddressed(kind);
        int head = addressed ? HEAD : OWN_HEAD;
        if (end - at < head) {
            throw new BadFrameException((end - at) + " bytes at the end of a frame are no letter");
        }
        int payload = unsigned16(frame, at + head - 2);
        if (payload > (addressed ? maxPayload : MAX_OWN)) {
            throw new BadFrameException(
                    "a letter of kind " + kind + " with a payload of " + payload + " bytes is over the limit");
        }
        if (head + payload > end - at) {
            throw new BadFrameException(
                    "a letter of " + (head + payload) + " bytes leaves its frame, which has " + (end - at) + " more");
        }
        return head + payload;
    }

    /// The kind of a letter that was checked.
    ///
    /// @throws BadFrameException if there is no such kind
    public static LetterKind kind(byte[] frame, int at) throws BadFrameException {
        return LetterKind.ofNumber(frame[at])
                .orElseThrow(() -> new BadFrameException("there is no letter of kind " + frame[at]));
    }

    public static boolean isLetter(byte[] frame, int at) {
        return frame[at] == 1;
    }

    /// The whole length of a letter that was checked before.
    static int length(byte[] bytes, int at) {
        int head = headLength(bytes, at);
        return head + unsigned16(bytes, at + head - 2);
    }

    public static int headLength(byte[] frame, int at) {
        return isAddressed(frame[at]) ? HEAD : OWN_HEAD;
    }

    static boolean isAddressed(int kind) {
        return kind == 1 || kind == 2;
    }

    /// The key of a LETTER or RETURNED.
    public static PublicKey key(byte[] frame, int at) {
        return PublicKey.of(Arrays.copyOfRange(frame, at + KEY_OFFSET, at + KEY_OFFSET + PublicKey.LENGTH));
    }

    /// The payload of a letter that was checked, copied.
    public static byte[] payload(byte[] frame, int at) {
        return Arrays.copyOfRange(frame, at + headLength(frame, at), at + length(frame, at));
    }

    /// Writes the head of a LETTER of so many bytes of payload.
    public static void putHead(byte[] target, int at, PublicKey key, int payload) {
        target[at] = (byte) LetterKind.LETTER.number();
        key.copyTo(target, at + KEY_OFFSET);
        target[at + LENGTH_OFFSET] = (byte) (payload >>> 8);
        target[at + LENGTH_OFFSET + 1] = (byte) payload;
    }

    /// A whole LETTER.
    public static byte[] letter(PublicKey key, byte[] payload) {
        byte[] letter = new byte[HEAD + payload.length];
        putHead(letter, 0, key, payload.length);
        System.arraycopy(payload, 0, letter, HEAD, payload.length);
        return letter;
    }

    /// A letter of the session's own.
    public static byte[] own(LetterKind kind, byte[] payload) {
        if (isAddressed(kind.number()) || payload.length > MAX_OWN) {
            throw new IllegalArgumentException(kind + " with " + payload.length + " bytes is none of the session's");
        }
        byte[] letter = new byte[OWN_HEAD + payload.length];
        letter[0] = (byte) kind.number();
        letter[1] = (byte) (payload.length >>> 8);
        letter[2] = (byte) payload.length;
        System.arraycopy(payload, 0, letter, OWN_HEAD, payload.length);
        return letter;
    }

    /// A RETURNED for the letter at `at`, whose addressee it names.
    public static byte[] returned(byte[] frame, int at, ReturnReason reason) {
        byte[] letter = new byte[HEAD + 1];
        letter[0] = (byte) LetterKind.RETURNED.number();
        System.arraycopy(frame, at + KEY_OFFSET, letter, KEY_OFFSET, PublicKey.LENGTH);
        letter[LENGTH_OFFSET + 1] = 1;
        letter[HEAD] = (byte) reason.number();
        return letter;
    }

    private static int unsigned16(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }
}
