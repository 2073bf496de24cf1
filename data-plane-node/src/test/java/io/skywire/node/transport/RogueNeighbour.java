package io.skywire.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.skywire.node.wire.FrameBuilder;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.CipherOffer;
import io.skywire.shared.noise.HandshakeException;
import io.skywire.shared.noise.LinkCipher;
import io.skywire.shared.noise.LinkHandshake;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.Optional;

/// A neighbour on a plain blocking socket that does only what the test says.
final class RogueNeighbour implements AutoCloseable {
    private final SecureRandom random = new SecureRandom();
    private final Socket socket;
    final KeyPair keys = KeyPair.generate(random);

    RogueNeighbour(InetSocketAddress address) throws IOException {
        socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout((int) TestNode.PATIENCE.toMillis());
    }

    LinkHandshake handshake(PublicKey peer) {
        return LinkHandshake.dialling(
                keys,
                peer,
                CipherOffer.preferring(LinkCipher.AES_256_GCM),
                PacketLayout.MAX_PAYLOAD,
                () -> KeyPair.generate(random));
    }

    /// Sends act one, takes act two, sends act three.
    FrameBuilder shake(PublicKey peer) throws IOException, HandshakeException {
        LinkHandshake handshake = handshake(peer);
        sendMessage(handshake.start());
        LinkHandshake.Step.Done done =
                (LinkHandshake.Step.Done) handshake.receive(readMessage().orElseThrow());
        sendMessage(done.lastMessage().orElseThrow());
        return new FrameBuilder(done.session().sealing());
    }

    FrameBuilder settle(PublicKey peer) throws IOException, HandshakeException {
        FrameBuilder frames = shake(peer);
        TransportEntry entry = TransportEntry.between(keys.publicKey(), peer, TransportType.TCP);
        sendRaw(frame(
                frames,
                PacketLayout.packet(
                        PacketType.SETTLE, RouteId.LINK, entry.sign(keys).bytes())));
        return frames;
    }

    static byte[] frame(FrameBuilder frames, byte[] packet) {
        frames.append(packet, 0, packet.length);
        ByteBuf out = Unpooled.buffer();
        frames.sealInto(out);
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        out.release();
        return bytes;
    }

    void sendMessage(byte[] message) throws IOException {
        sendRaw(new byte[] {(byte) (message.length >>> 8), (byte) message.length});
        sendRaw(message);
    }

    void sendRaw(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /// The next message with a length in front; empty at the end of the stream.
    Optional<byte[]> readMessage() throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        int high = in.read();
        if (high < 0) {
            return Optional.empty();
        }
        byte[] message = new byte[high << 8 | in.readUnsignedByte()];
        in.readFully(message);
        return Optional.of(message);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
