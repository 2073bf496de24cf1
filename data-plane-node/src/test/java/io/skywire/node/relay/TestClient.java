package io.skywire.node.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.skywire.node.letters.LetterKind;
import io.skywire.node.letters.LetterLayout;
import io.skywire.node.wire.BadFrameException;
import io.skywire.node.wire.FrameBuilder;
import io.skywire.proto.v1.MessagingRefusal;
import io.skywire.proto.v1.MessagingRefused;
import io.skywire.proto.v1.MessagingWelcome;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.CipherOffer;
import io.skywire.shared.noise.CipherState;
import io.skywire.shared.noise.ForgedFrameException;
import io.skywire.shared.noise.HandshakeException;
import io.skywire.shared.noise.LinkCipher;
import io.skywire.shared.noise.LinkHandshake;
import io.skywire.shared.noise.LinkSession;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;

/// A client on a plain blocking socket that does only what the test says: it answers no PING unless told to.
final class TestClient implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private final SecureRandom random = new SecureRandom();
    private final Socket socket;
    private final DataInputStream in;
    private final ArrayDeque<Received> arrived = new ArrayDeque<>();
    final KeyPair keys;
    private FrameBuilder sealing;
    private CipherState opening;

    /// A letter that arrived.
    record Received(LetterKind kind, Optional<PublicKey> key, byte[] payload) {
        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }
    }

    /// Connects and says nothing yet.
    TestClient(InetSocketAddress server, KeyPair keys) throws IOException {
        this(server, keys, new Socket());
    }

    private TestClient(InetSocketAddress server, KeyPair keys, Socket socket) throws IOException {
        this.keys = keys;
        this.socket = socket;
        socket.connect(new InetSocketAddress(server.getAddress(), server.getPort()));
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
    }

    TestClient(InetSocketAddress server) throws IOException {
        this(server, KeyPair.generate(new SecureRandom()));
    }

    /// A client that is welcome.
    static TestClient welcome(InetSocketAddress server, PublicKey serverKey) throws Exception {
        return welcome(server, serverKey, KeyPair.generate(new SecureRandom()));
    }

    static TestClient welcome(InetSocketAddress server, PublicKey serverKey, KeyPair keys) throws Exception {
        TestClient client = new TestClient(server, keys);
        client.shake(serverKey);
        client.awaitWelcome();
        return client;
    }

    /// A client that is welcome and whose kernel takes next to nothing that it does not read.
    static TestClient narrow(InetSocketAddress server, PublicKey serverKey) throws Exception {
        Socket narrow = new Socket();
        narrow.setReceiveBufferSize(4 * 1024); // before the connect, or the window is as wide as ever
        TestClient client = new TestClient(server, KeyPair.generate(new SecureRandom()), narrow);
        client.shake(serverKey);
        client.awaitWelcome();
        return client;
    }

    LinkHandshake handshake(PublicKey server, int maxPayload) {
        return LinkHandshake.dialling(
                LinkHandshake.Purpose.MESSAGING,
                keys,
                server,
                CipherOffer.preferring(LinkCipher.AES_256_GCM),
                maxPayload,
                () -> KeyPair.generate(random));
    }

    void shake(PublicKey server) throws IOException, HandshakeException {
        shake(server, LetterLayout.MAX_PAYLOAD);
    }

    void shake(PublicKey server, int maxPayload) throws IOException, HandshakeException {
        LinkHandshake handshake = handshake(server, maxPayload);
        sendMessage(handshake.start());
        LinkHandshake.Step.Done done =
                (LinkHandshake.Step.Done) handshake.receive(readMessage().orElseThrow());
        sendMessage(done.lastMessage().orElseThrow());
        LinkSession session = done.session();
        sealing = new FrameBuilder(session.sealing());
        opening = session.opening();
    }

    MessagingWelcome awaitWelcome() throws Exception {
        Received first = receive();
        if (first.kind() != LetterKind.WELCOME) {
            throw new IllegalStateException("not welcome: " + first.kind() + " " + first.text());
        }
        return MessagingWelcome.parseFrom(first.payload());
    }

    MessagingRefusal awaitRefusal() throws Exception {
        Received first = receive();
        if (first.kind() != LetterKind.REFUSED) {
            throw new IllegalStateException("not refused: " + first.kind());
        }
        return MessagingRefused.parseFrom(first.payload()).getReason();
    }

    PublicKey key() {
        return keys.publicKey();
    }

    void send(PublicKey to, String text) throws IOException {
        send(to, text.getBytes(StandardCharsets.UTF_8));
    }

    void send(PublicKey to, byte[] payload) throws IOException {
        sendFrame(LetterLayout.letter(to, payload));
    }

    /// One frame of these plain bytes, whatever they are.
    void sendFrame(byte[] plain) throws IOException {
        sendRaw(frame(plain));
    }

    byte[] frame(byte[] plain) {
        sealing.append(plain, 0, plain.length);
        ByteBuf out = Unpooled.buffer();
        sealing.sealInto(out);
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        out.release();
        return bytes;
    }

    void sendRaw(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /// Nothing more comes from this side.
    void finishSending() throws IOException {
        socket.shutdownOutput();
    }

    void sendMessage(byte[] message) throws IOException {
        sendRaw(new byte[] {(byte) (message.length >>> 8), (byte) message.length});
        sendRaw(message);
    }

    /// The next handshake message; empty at the end of the stream.
    Optional<byte[]> readMessage() throws IOException {
        try {
            int high = in.read();
            if (high < 0) {
                return Optional.empty();
            }
            byte[] message = new byte[high << 8 | in.readUnsignedByte()];
            in.readFully(message);
            return Optional.of(message);
        } catch (java.net.SocketException reset) {
            return Optional.empty();
        }
    }

    /// The next letter.
    Received receive() throws IOException {
        return poll().orElseThrow(() -> new IOException("the server has closed the session"));
    }

    /// The next letter of that kind; others are passed over.
    Received receive(LetterKind kind) throws IOException {
        while (true) {
            Received next = receive();
            if (next.kind() == kind) {
                return next;
            }
        }
    }

    /// The next letter; empty at the end of the stream.
    Optional<Received> poll() throws IOException {
        while (arrived.isEmpty()) {
            Optional<byte[]> sealed = readMessage();
            if (sealed.isEmpty()) {
                return Optional.empty();
            }
            byte[] plain = new byte[sealed.get().length];
            try {
                walk(plain, opening.open(sealed.get(), 0, sealed.get().length, plain, 0));
            } catch (ForgedFrameException | BadFrameException bad) {
                throw new IOException(bad);
            }
        }
        return Optional.of(arrived.removeFirst());
    }

    private void walk(byte[] plain, int end) throws BadFrameException {
        for (int at = 0; at < end; ) {
            int length = LetterLayout.check(plain, at, end, LetterLayout.MAX_PAYLOAD);
            LetterKind kind = LetterLayout.kind(plain, at);
            Optional<PublicKey> key = LetterLayout.headLength(plain, at) == LetterLayout.HEAD
                    ? Optional.of(LetterLayout.key(plain, at))
                    : Optional.empty();
            arrived.add(new Received(kind, key, LetterLayout.payload(plain, at)));
            at += length;
        }
    }

    /// Reads and answers PINGs until the stream ends, on a thread of its own.
    void answerPings() {
        Thread.ofVirtual().start(() -> {
            try {
                for (Optional<Received> next = poll(); next.isPresent(); next = poll()) {
                    if (next.get().kind() == LetterKind.PING) {
                        sendFrame(LetterLayout.own(LetterKind.PONG, next.get().payload()));
                    }
                }
            } catch (IOException ended) {
                // the test is over
            }
        });
    }

    /// Whether the server ends the stream, whatever it says before.
    boolean isEnded() {
        try {
            while (readMessage().isPresent()) {
                // only the end matters
            }
            return true;
        } catch (IOException ended) {
            throw new UncheckedIOException(ended);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
