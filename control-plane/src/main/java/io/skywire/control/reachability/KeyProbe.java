package io.skywire.control.reachability;

import io.skywire.control.reachability.DialBackReport.Outcome;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.CipherOffer;
import io.skywire.shared.noise.HandshakeException;
import io.skywire.shared.noise.LinkCipher;
import io.skywire.shared.noise.LinkHandshake;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/// Dials one address and sees whether who listens there holds a key: acts one and two of a link's handshake.
/// ```
/// connect ──► act one (53 bytes) ──► act two (at most 70 bytes) ──► close
/// ```
/// Act two authenticates only if its writer holds the key that act one was sealed for. This side's own key is made up
/// for the one dial and never told. Nothing else is sent, and nothing more is read. Safe for any thread; blocks its
/// own.
final class KeyProbe implements AutoCloseable {
    private static final int PAYLOAD = LinkHandshake.LEAST_MAX_PAYLOAD;

    private final Duration deadline;
    private final SecureRandom random;
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("dial-back-deadlines").factory());

    KeyProbe(Duration deadline, SecureRandom random) {
        this.deadline = deadline;
        this.random = random;
    }

    record Result(Outcome outcome, String detail) {}

    Result probe(InetSocketAddress target, PublicKey key) {
        try (Socket socket = new Socket()) {
            // Each read may be short of the deadline; this holds for all of them together.
            AtomicBoolean over = new AtomicBoolean();
            ScheduledFuture<?> end = watch.schedule(
                    () -> {
                        over.set(true);
                        shut(socket);
                    },
                    deadline.toMillis(),
                    TimeUnit.MILLISECONDS);
            try {
                return shake(socket, target, key);
            } catch (SocketTimeoutException slow) {
                return late();
            } catch (EOFException closed) {
                return new Result(Outcome.OTHER_KEY, "whoever listens there closed the connection without a proof");
            } catch (IOException failed) {
                return over.get() ? late() : failed(socket, failed);
            } finally {
                end.cancel(false);
            }
        } catch (IOException unclosed) {
            return new Result(Outcome.REFUSED, String.valueOf(unclosed.getMessage()));
        }
    }

    private Result shake(Socket socket, InetSocketAddress target, PublicKey key) throws IOException {
        Supplier<KeyPair> fresh = () -> KeyPair.generate(random);
        LinkHandshake handshake = LinkHandshake.dialling(
                fresh.get(), key, CipherOffer.preferring(LinkCipher.CHACHA20_POLY1305), PAYLOAD, fresh);
        int patience = Math.toIntExact(deadline.toMillis());
        socket.connect(target, patience);
        socket.setSoTimeout(patience);
        byte[] act = handshake.start();
        socket.getOutputStream()
                .write(ByteBuffer.allocate(Short.BYTES + act.length)
                        .putShort((short) act.length)
                        .put(act)
                        .array());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        int length = in.readUnsignedShort();
        if (length > LinkHandshake.MAX_MESSAGE) {
            return new Result(Outcome.OTHER_KEY, "whoever listens there does not speak the protocol of links");
        }
        byte[] answer = new byte[length];
        in.readFully(answer);
        try {
            return switch (handshake.receive(answer)) {
                case LinkHandshake.Step.Done proved -> new Result(Outcome.REACHABLE, "the key was proved");
                case LinkHandshake.Step.Reply unexpected ->
                    throw new IllegalStateException("act two ends the dialling side's handshake");
            };
        } catch (HandshakeException refused) {
            return refusal(refused);
        }
    }

    private static Result refusal(HandshakeException refused) {
        String detail = String.valueOf(refused.getMessage());
        return switch (refused.reason()) {
            // Authentic, so the key was proved; a real neighbour may get on with it better.
            case UNACCEPTABLE_TERMS -> new Result(Outcome.REACHABLE, detail);
            case WRONG_LENGTH, WRONG_VERSION, INVALID_KEY, FORGED, PEER_HAS_OTHER_KEY, PEER_REFUSED ->
                new Result(Outcome.OTHER_KEY, detail);
        };
    }

    private Result failed(Socket socket, IOException failed) {
        return socket.isConnected()
                ? new Result(Outcome.OTHER_KEY, "the connection broke before a proof: " + failed.getMessage())
                : new Result(Outcome.REFUSED, String.valueOf(failed.getMessage()));
    }

    private Result late() {
        return new Result(Outcome.TIMED_OUT, "no proof within " + deadline.toMillis() + " ms");
    }

    private static void shut(Socket socket) {
        try {
            socket.close();
        } catch (IOException closedAlready) {
            // the dial ends all the same
        }
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
