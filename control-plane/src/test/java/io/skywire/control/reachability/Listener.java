package io.skywire.control.reachability;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.noise.CipherOffer;
import io.skywire.shared.noise.HandshakeException;
import io.skywire.shared.noise.LinkCipher;
import io.skywire.shared.noise.LinkHandshake;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/// Something that listens on loopback and treats every connection in one way, on a thread of its own.
public final class Listener implements AutoCloseable {
    private final ServerSocket socket;
    private final AtomicInteger dialled = new AtomicInteger();

    /// What becomes of a connection; it is closed afterwards.
    interface Manner {
        void treat(Socket connection) throws IOException;
    }

    Listener(Manner manner) throws IOException {
        socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            while (!socket.isClosed()) {
                try {
                    Socket connection = socket.accept();
                    dialled.incrementAndGet();
                    Thread.ofVirtual().start(() -> {
                        try (connection) {
                            manner.treat(connection);
                        } catch (IOException gone) {
                            // the prober has left
                        }
                    });
                } catch (IOException closed) {
                    return;
                }
            }
        });
    }

    /// A node's listener, as far as act two.
    public static Listener of(KeyPair keys) throws IOException {
        return new Listener(connection -> {
            DataInputStream in = new DataInputStream(connection.getInputStream());
            byte[] act = new byte[in.readUnsignedShort()];
            in.readFully(act);
            LinkHandshake handshake = LinkHandshake.accepting(
                    keys,
                    CipherOffer.preferring(LinkCipher.AES_256_GCM),
                    16_384,
                    () -> KeyPair.generate(new java.security.SecureRandom()));
            byte[] answer;
            try {
                answer = switch (handshake.receive(act)) {
                    case LinkHandshake.Step.Reply reply -> reply.message();
                    case LinkHandshake.Step.Done done -> throw new IllegalStateException("act one does not end it");
                };
            } catch (HandshakeException refused) {
                answer = handshake.answerTo(refused).orElseThrow();
            }
            DataOutputStream out = new DataOutputStream(connection.getOutputStream());
            out.writeShort(answer.length);
            out.write(answer);
            out.flush();
            // The prober leaves without act three.
            in.read();
        });
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
    }

    /// `host:port`.
    public String text() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    /// How many connections came.
    public int dialled() {
        return dialled.get();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
