package io.skywire.shared.noise;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.HandshakeException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One side of the handshake of a link: [NoiseHandshake] plus a version, the choice of a cipher and of the largest
/// payload. Messages come and go without their length prefix. Not thread-safe.
/// ```
///            0           1             2                  35
///            +-----------+-------------+------------------+--------------------------------------+
///  act one   | version 1 | offer u8    | ephemeral key 33 | tag 16                               |
///            +-----------+-------------+------------------+--------------------------------------+
///            0           1                  34
///            +-----------+------------------+----------------------------------------------------+
///  act two   | version 1 | ephemeral key 33 | sealed(cipher u8, max payload u16)  3 + 16         |
///            +-----------+------------------+----------------------------------------------------+
///            0           1                  50
///            +-----------+------------------+----------------------------------------------------+
///  act three | version 1 | sealed key 33+16 | sealed(max payload u16)  2 + 16                    |
///            +-----------+------------------+----------------------------------------------------+
///            0           1
///            +-----------+-----------+
///  refusal   | version 1 | reason u8 |   instead of act two; not authenticated, only for people
///            +-----------+-----------+
/// ```
/// The prologue is `purpose | version | offer`, so act one does not authenticate when one of them was changed, and who
/// shakes hands for one purpose cannot be taken for somebody who meant another.
///
/// After a [HandshakeException] ask [#isDead()]: a short or forged message, or a refusal that anybody could have sent,
/// leaves the handshake usable; authentic terms that cannot be met end it.
public final class LinkHandshake {
    public static final int VERSION = 1;

    /// The longest message of the handshake, in bytes.
    public static final int MAX_MESSAGE = 68;

    /// No link carries less, in bytes: a session's own handshake needs it.
    public static final int LEAST_MAX_PAYLOAD = 1_200;

    private static final int REFUSAL_LENGTH = 2;
    private static final int ACT_ONE_LENGTH = 51;
    private static final int ACT_TWO_LENGTH = 53;
    private static final int ACT_THREE_LENGTH = 68;

    private final Purpose purpose;
    private final KeyPair self;
    private final CipherOffer offer;
    private final int maxPayload;
    private final Supplier<KeyPair> ephemerals;
    private @Nullable NoiseHandshake noise; // the responder's begins with an authentic act one
    private @Nullable LinkCipher chosen; // the responder's choice
    private boolean dialling;
    private boolean dead;

    private LinkHandshake(
            Purpose purpose, KeyPair self, CipherOffer offer, int maxPayload, Supplier<KeyPair> ephemerals) {
        if (maxPayload < LEAST_MAX_PAYLOAD || maxPayload > 0xffff) {
            throw new IllegalArgumentException(
                    "the largest payload of a link is " + LEAST_MAX_PAYLOAD + " to 65535 bytes, not " + maxPayload);
        }
        this.purpose = purpose;
        this.self = self;
        this.offer = offer;
        this.maxPayload = maxPayload;
        this.ephemerals = ephemerals;
    }

    /// The side that dials, and demands `peer`'s key. Send [#start()] first.
    public static LinkHandshake dialling(
            KeyPair self, PublicKey peer, CipherOffer offer, int maxPayload, Supplier<KeyPair> ephemerals) {
        return dialling(Purpose.LINK, self, peer, offer, maxPayload, ephemerals);
    }

    /// The same for another purpose than a link of two neighbours.
    public static LinkHandshake dialling(
            Purpose purpose,
            KeyPair self,
            PublicKey peer,
            CipherOffer offer,
            int maxPayload,
            Supplier<KeyPair> ephemerals) {
        LinkHandshake handshake = new LinkHandshake(purpose, self, offer, maxPayload, ephemerals);
        handshake.noise = NoiseHandshake.initiator(self, peer, handshake.prologue(offer), ephemerals);
        handshake.dialling = true;
        return handshake;
    }

    /// The side that is dialled, and learns the neighbour's key from act three.
    public static LinkHandshake accepting(
            KeyPair self, CipherOffer offer, int maxPayload, Supplier<KeyPair> ephemerals) {
        return accepting(Purpose.LINK, self, offer, maxPayload, ephemerals);
    }

    /// The same for another purpose than a link of two neighbours.
    public static LinkHandshake accepting(
            Purpose purpose, KeyPair self, CipherOffer offer, int maxPayload, Supplier<KeyPair> ephemerals) {
        return new LinkHandshake(purpose, self, offer, maxPayload, ephemerals);
    }

    /// Act one. Once, on the dialling side.
    public byte[] start() {
        if (!dialling || noise == null) {
            throw new IllegalStateException("only the dialling side starts");
        }
        byte[] act = noise.write(new byte[0]);
        return ByteBuffer.allocate(ACT_ONE_LENGTH)
                .put((byte) VERSION)
                .put((byte) offer.bits())
                .put(act)
                .array();
    }

    /// Takes the neighbour's next message.
    ///
    /// @throws HandshakeException if it is refused; ask [#isDead()] whether another may follow
    public Step receive(byte[] message) throws HandshakeException {
        if (dead) {
            throw new IllegalStateException("this handshake is dead");
        }
        if (message.length == 0 || message[0] != VERSION) {
            throw new HandshakeException(
                    Reason.WRONG_VERSION,
                    "the neighbour speaks no version " + VERSION + " of the link handshake"
                            + (message.length == 0 ? "" : " (its first byte is " + (message[0] & 0xff) + ")"));
        }
        if (dialling) {
            return receiveActTwo(message);
        }
        NoiseHandshake begun = noise;
        return begun == null ? receiveActOne(message) : receiveActThree(begun, message);
    }

    private Step receiveActOne(byte[] message) throws HandshakeException {
        requireLength(message, ACT_ONE_LENGTH, "act 1");
        CipherOffer theirs = CipherOffer.ofBits(message[1]);
        NoiseHandshake candidate = NoiseHandshake.responder(self, prologue(theirs), ephemerals);
        candidate.read(Arrays.copyOfRange(message, 2, message.length));
        LinkCipher cipher = offer.agree(theirs).orElseThrow(() -> {
            dead = true;
            return new HandshakeException(
                    Reason.UNACCEPTABLE_TERMS, "no common cipher: we offer " + offer + ", the neighbour " + theirs);
        });
        noise = candidate;
        chosen = cipher;
        byte[] terms = ByteBuffer.allocate(3)
                .put((byte) cipher.number())
                .putShort((short) maxPayload)
                .array();
        return new Step.Reply(versioned(candidate.write(terms)));
    }

    private Step receiveActTwo(byte[] message) throws HandshakeException {
        if (message.length == REFUSAL_LENGTH) {
            throw refusal(message[1]);
        }
        requireLength(message, ACT_TWO_LENGTH, "act 2");
        NoiseHandshake begun = requireNoise();
        ByteBuffer terms = ByteBuffer.wrap(begun.read(Arrays.copyOfRange(message, 1, message.length)));
        int number = terms.get();
        LinkCipher cipher = Arrays.stream(LinkCipher.values())
                .filter(known -> known.number() == number && offer.allows(known))
                .findFirst()
                .orElseThrow(() -> {
                    dead = true;
                    return new HandshakeException(
                            Reason.UNACCEPTABLE_TERMS,
                            "the neighbour chose cipher " + number + ", which " + offer + " does not allow");
                });
        int theirMaxPayload = requireMaxPayload(terms.getShort() & 0xffff);
        byte[] last = versioned(
                begun.write(ByteBuffer.allocate(2).putShort((short) maxPayload).array()));
        return new Step.Done(Optional.of(last), session(begun, cipher, theirMaxPayload));
    }

    private Step receiveActThree(NoiseHandshake begun, byte[] message) throws HandshakeException {
        requireLength(message, ACT_THREE_LENGTH, "act 3");
        if (begun.isDone() || chosen == null) {
            throw new IllegalStateException("this handshake is done");
        }
        ByteBuffer terms;
        try {
            terms = ByteBuffer.wrap(begun.read(Arrays.copyOfRange(message, 1, message.length)));
        } finally {
            dead = begun.isDead();
        }
        int theirMaxPayload = requireMaxPayload(terms.getShort() & 0xffff);
        return new Step.Done(Optional.empty(), session(begun, chosen, theirMaxPayload));
    }

    private LinkSession session(NoiseHandshake done, LinkCipher cipher, int theirMaxPayload) {
        NoiseHandshake.Keys keys = done.split();
        return new LinkSession(
                done.remote(),
                cipher,
                Math.min(maxPayload, theirMaxPayload),
                CipherState.of(cipher, keys.send()),
                CipherState.of(cipher, keys.receive()));
    }

    /// Whether no message can lead to a session any more.
    public boolean isDead() {
        return dead;
    }

    /// What the dialled side may answer before it closes the connection, when `refused` was about act one: the
    /// neighbour's operator then reads why. Empty on the dialling side, after act one, and for bytes that nobody who
    /// speaks this protocol sends.
    public Optional<byte[]> answerTo(HandshakeException refused) {
        if (noise != null) {
            return Optional.empty();
        }
        return switch (refused.reason()) {
            case FORGED -> Optional.of(new byte[] {VERSION, Refusal.OTHER_KEY});
            case WRONG_VERSION -> Optional.of(new byte[] {VERSION, Refusal.OTHER_VERSION});
            case UNACCEPTABLE_TERMS -> Optional.of(new byte[] {VERSION, Refusal.NO_COMMON_CIPHER});
            case WRONG_LENGTH, INVALID_KEY, PEER_HAS_OTHER_KEY, PEER_REFUSED -> Optional.empty();
        };
    }

    /// What the dialled side answers when it has too many handshakes under way.
    public static byte[] busy() {
        return new byte[] {VERSION, Refusal.BUSY};
    }

    private HandshakeException refusal(byte reason) {
        return switch (reason) {
            case Refusal.OTHER_KEY ->
                new HandshakeException(
                        Reason.PEER_HAS_OTHER_KEY, "the node at this address does not hold the key that was dialled");
            case Refusal.OTHER_VERSION ->
                new HandshakeException(Reason.PEER_REFUSED, "the neighbour does not speak link version " + VERSION);
            case Refusal.NO_COMMON_CIPHER ->
                new HandshakeException(Reason.PEER_REFUSED, "the neighbour accepts no cipher of " + offer);
            case Refusal.BUSY ->
                new HandshakeException(Reason.PEER_REFUSED, "the neighbour has too many handshakes under way");
            default -> new HandshakeException(Reason.PEER_REFUSED, "the neighbour refused, reason " + reason);
        };
    }

    private int requireMaxPayload(int theirs) throws HandshakeException {
        if (theirs < LEAST_MAX_PAYLOAD) {
            dead = true;
            throw new HandshakeException(
                    Reason.UNACCEPTABLE_TERMS,
                    "the neighbour carries payloads of " + theirs + " bytes, less than " + LEAST_MAX_PAYLOAD);
        }
        return theirs;
    }

    private NoiseHandshake requireNoise() {
        NoiseHandshake begun = noise;
        if (begun == null || begun.isDone()) {
            throw new IllegalStateException("this handshake is done");
        }
        return begun;
    }

    private static void requireLength(byte[] message, int length, String act) throws HandshakeException {
        if (message.length != length) {
            throw new HandshakeException(Reason.WRONG_LENGTH, act + " has " + length + " bytes, not " + message.length);
        }
    }

    private static byte[] versioned(byte[] act) {
        return ByteBuffer.allocate(1 + act.length).put((byte) VERSION).put(act).array();
    }

    private byte[] prologue(CipherOffer used) {
        byte[] text = purpose.text().getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(text.length + 2)
                .put(text)
                .put((byte) VERSION)
                .put((byte) used.bits())
                .array();
    }

    /// What a handshake is for. Its ASCII text begins the prologue, so both sides must mean the same.
    public record Purpose(String text) {
        /// A link of two neighbours over TCP.
        public static final Purpose LINK = new Purpose("skywire link v1");

        /// A link of two neighbours through messaging servers.
        public static final Purpose MESSAGING_LINK = new Purpose("skywire messaging link v1");

        /// A client's session with a messaging server.
        public static final Purpose MESSAGING = new Purpose("skywire messaging v1");
    }

    /// The reasons of a refusal on the wire.
    private interface Refusal {
        byte OTHER_KEY = 1;
        byte OTHER_VERSION = 2;
        byte NO_COMMON_CIPHER = 3;
        byte BUSY = 4;
    }

    /// What the caller does after a message was taken.
    public sealed interface Step {
        /// Send this and wait for the next message.
        record Reply(byte[] message) implements Step {}

        /// Send the last message if there is one; from then on both directions are sealed.
        record Done(Optional<byte[]> lastMessage, LinkSession session) implements Step {}
    }
}
