package io.skywire.benchmarks.forwarding;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.CipherOffer;
import io.skywire.shared.noise.HandshakeException;
import io.skywire.shared.noise.LinkCipher;
import io.skywire.shared.noise.LinkHandshake;
import io.skywire.shared.noise.LinkHandshake.Step;
import io.skywire.shared.noise.LinkSession;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;

/// A link to a node over a blocking socket, with no more behind it than the node demands: the handshake and the
/// signature. What the node sends is the caller's to read; nothing answers its PINGs, so the caller sends something now
/// and then.
record Neighbour(SocketChannel channel, Sealer sealing) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int LENGTH_PREFIX = 2;

    /// @param cipher the only one that is offered
    static Neighbour dial(InetSocketAddress node, PublicKey nodeKey, KeyPair self, LinkCipher cipher)
            throws IOException, HandshakeException {
        SocketChannel channel = SocketChannel.open(node);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        LinkHandshake handshake = LinkHandshake.dialling(
                self, nodeKey, CipherOffer.only(cipher), PacketLayout.MAX_PAYLOAD, () -> KeyPair.generate(RANDOM));
        send(channel, handshake.start());
        Step step = handshake.receive(receive(channel));
        if (!(step instanceof Step.Done done)) {
            throw new IOException("the node answers act one with no act two");
        }
        LinkSession session = done.session();
        if (done.lastMessage().isPresent()) {
            send(channel, done.lastMessage().get());
        }
        byte[] signature = TransportEntry.between(self.publicKey(), nodeKey, TransportType.TCP)
                .sign(self)
                .bytes();
        Neighbour neighbour = new Neighbour(channel, session.sealing()::seal);
        neighbour.sendPacket(PacketLayout.packet(PacketType.SETTLE, RouteId.LINK, signature));
        return neighbour;
    }

    /// A frame with nothing in it but life. On the thread that seals.
    void keepAlive() throws IOException {
        sendPacket(PacketLayout.packet(PacketType.KEEP_ALIVE, RouteId.LINK, new byte[0]));
    }

    private void sendPacket(byte[] packet) throws IOException {
        byte[] sealed = new byte[packet.length + LinkCipher.TAG_LENGTH];
        send(channel, sealed, sealing.seal(packet, 0, packet.length, sealed, 0));
    }

    private static void send(SocketChannel channel, byte[] message) throws IOException {
        send(channel, message, message.length);
    }

    private static void send(SocketChannel channel, byte[] message, int length) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(LENGTH_PREFIX + length)
                .putShort((short) length)
                .put(message, 0, length)
                .flip();
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }

    private static byte[] receive(SocketChannel channel) throws IOException {
        ByteBuffer prefix = fill(channel, ByteBuffer.allocate(LENGTH_PREFIX));
        return fill(channel, ByteBuffer.allocate(prefix.getShort(0) & 0xffff)).array();
    }

    private static ByteBuffer fill(SocketChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException("the node closed the connection during the handshake");
            }
        }
        return buffer.flip();
    }
}
