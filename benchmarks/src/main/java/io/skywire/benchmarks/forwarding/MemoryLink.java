package io.skywire.benchmarks.forwarding;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.skywire.node.transport.Transport;
import io.skywire.node.transport.TransportSnapshot;
import io.skywire.node.wire.FrameBuilder;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.CipherOffer;
import io.skywire.shared.noise.HandshakeException;
import io.skywire.shared.noise.LinkCipher;
import io.skywire.shared.noise.LinkHandshake;
import io.skywire.shared.noise.LinkHandshake.Step;
import io.skywire.shared.noise.LinkSession;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import java.util.random.RandomGenerator;

/// A link without a socket: both ends of a real handshake, and the node's way out of it, whose frames nobody reads. Not
/// thread-safe.
final class MemoryLink implements Transport {
    private static final int ROOM = 1 << 17;

    private final SignedTransport signed;
    private final LinkSession ours;
    private final LinkSession neighbours;
    private final FrameBuilder frame;
    private final ByteBuf wire = Unpooled.directBuffer(ROOM);

    private MemoryLink(SignedTransport signed, LinkSession ours, LinkSession neighbours) {
        this.signed = signed;
        this.ours = ours;
        this.neighbours = neighbours;
        this.frame = new FrameBuilder(ours.sealing());
    }

    static MemoryLink of(KeyPair us, LinkCipher cipher, RandomGenerator random) {
        KeyPair neighbour = KeyPair.generate(random);
        LinkHandshake dialling = LinkHandshake.dialling(
                neighbour,
                us.publicKey(),
                CipherOffer.only(cipher),
                PacketLayout.MAX_PAYLOAD,
                () -> KeyPair.generate(random));
        LinkHandshake accepting = LinkHandshake.accepting(
                us, CipherOffer.only(cipher), PacketLayout.MAX_PAYLOAD, () -> KeyPair.generate(random));
        try {
            byte[] second = reply(accepting.receive(dialling.start()));
            Step.Done theirs = done(dialling.receive(second));
            Step.Done ours = done(accepting.receive(theirs.lastMessage().orElseThrow()));
            return new MemoryLink(
                    SignedTransport.signedByBoth(
                            TransportEntry.between(us.publicKey(), neighbour.publicKey(), TransportType.TCP),
                            us,
                            neighbour),
                    ours.session(),
                    theirs.session());
        } catch (HandshakeException bug) {
            throw new IllegalStateException(bug);
        }
    }

    private static byte[] reply(Step step) {
        return step instanceof Step.Reply reply ? reply.message() : unexpected(step);
    }

    private static Step.Done done(Step step) {
        return step instanceof Step.Done done ? done : unexpected(step);
    }

    private static <T> T unexpected(Step step) {
        throw new IllegalStateException("unexpected: " + step);
    }

    /// This node's end.
    LinkSession ours() {
        return ours;
    }

    /// The neighbour's end.
    LinkSession neighbours() {
        return neighbours;
    }

    @Override
    public SignedTransport signed() {
        return signed;
    }

    @Override
    public PublicKey remote() {
        return ours.remote();
    }

    @Override
    public int maxPayload() {
        return PacketLayout.MAX_PAYLOAD;
    }

    @Override
    public void send(byte[] packet, int offset, int length) {
        if (!frame.fits(length)) {
            flush();
        }
        frame.append(packet, offset, length);
    }

    @Override
    public void flush() {
        if (!frame.isEmpty()) {
            frame.sealInto(wire.clear());
        }
    }

    @Override
    public TransportSnapshot snapshot() {
        throw new UnsupportedOperationException("nobody looks at this link");
    }

    @Override
    public void close(String reason) {
        wire.release();
    }
}
