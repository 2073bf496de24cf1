package io.skywire.node.messaging;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.skywire.node.letters.LetterKind;
import io.skywire.node.letters.LetterLayout;
import io.skywire.node.wire.FrameBuilder;
import io.skywire.proto.v1.MessagingWelcome;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.HandshakeException;
import io.skywire.shared.noise.LinkHandshake;
import io.skywire.shared.noise.LinkSession;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A messaging server on plain blocking sockets that does to each client what the test says.
final class RogueServer implements AutoCloseable {
    private final SecureRandom random = new SecureRandom();
    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    final KeyPair keys = KeyPair.generate(random);

    /// What is done to a client whose key is proved.
    interface Behaviour {
        void serve(Client client) throws IOException;
    }

    RogueServer(Behaviour behaviour) throws IOException {
        Thread.ofVirtual().start(() -> {
            while (!listening.isClosed()) {
                try {
                    Socket socket = listening.accept();
                    sockets.add(socket);
                    Thread.ofVirtual().start(() -> serve(socket, behaviour));
                } catch (IOException closed) {
                    return;
                }
            }
        });
    }

    PublicKey key() {
        return keys.publicKey();
    }

    String address() {
        return "127.0.0.1:" + listening.getLocalPort();
    }

    private void serve(Socket socket, Behaviour behaviour) {
        try {
            socket.setTcpNoDelay(true);
            behaviour.serve(new Client(socket));
        } catch (IOException | HandshakeException over) {
            // the client has left
        }
    }

    /// A client whose key is proved, and who waits for a welcome.
    final class Client {
        private final Socket socket;
        private final DataInputStream in;
        private final FrameBuilder frames;
        final PublicKey key;

        private Client(Socket socket) throws IOException, HandshakeException {
            this.socket = socket;
            this.in = new DataInputStream(socket.getInputStream());
            LinkHandshake handshake = LinkHandshake.accepting(
                    LinkHandshake.Purpose.MESSAGING,
                    keys,
                    TestNetwork.OFFER,
                    LetterLayout.MAX_PAYLOAD,
                    () -> KeyPair.generate(random));
            LinkHandshake.Step.Reply reply = (LinkHandshake.Step.Reply) handshake.receive(read());
            byte[] message = reply.message();
            sendRaw(new byte[] {(byte) (message.length >>> 8), (byte) message.length});
            sendRaw(message);
            LinkSession session = ((LinkHandshake.Step.Done) handshake.receive(read())).session();
            frames = new FrameBuilder(session.sealing());
            key = session.remote();
        }

        private byte[] read() throws IOException {
            byte[] message = new byte[in.readUnsignedShort()];
            in.readFully(message);
            return message;
        }

        void welcome() throws IOException {
            send(LetterLayout.own(
                    LetterKind.WELCOME,
                    MessagingWelcome.newBuilder()
                            .setMaxPayload(LetterLayout.MAX_PAYLOAD)
                            .build()
                            .toByteArray()));
        }

        /// One frame of this plaintext.
        void send(byte[] plain) throws IOException {
            sendRaw(frame(plain));
        }

        byte[] frame(byte[] plain) {
            frames.append(plain, 0, plain.length);
            ByteBuf out = Unpooled.buffer();
            frames.sealInto(out);
            byte[] bytes = new byte[out.readableBytes()];
            out.readBytes(bytes);
            out.release();
            return bytes;
        }

        void sendRaw(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
        }

        /// Takes what the client says and answers nothing, until it leaves.
        void ignore() throws IOException {
            while (in.read() >= 0) {
                // a server that is there and does nothing
            }
        }
    }

    /// A letter from somebody, as a server hands it on.
    static byte[] letterFrom(PublicKey sender, String text) {
        return LetterLayout.letter(sender, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
