package io.skywire.control.reachability;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.reachability.DialBackReport.Outcome;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Dials of real listeners on loopback.
@Timeout(120)
final class KeyProbeTest {
    private static final List<KeyPair> KEYS = TestKeys.pairs(2, 6021);

    private final KeyProbe patient = new KeyProbe(Duration.ofSeconds(30), new SecureRandom());
    private final KeyProbe hasty = new KeyProbe(Duration.ofMillis(400), new SecureRandom());

    @AfterEach
    void close() {
        patient.close();
        hasty.close();
    }

    private KeyProbe.Result probe(Listener listener) {
        return patient.probe(listener.address(), KEYS.get(0).publicKey());
    }

    @Test
    void whoHoldsTheKeyIsReachable() throws Exception {
        try (Listener node = Listener.of(KEYS.get(0))) {
            assertThat(probe(node).outcome()).isEqualTo(Outcome.REACHABLE);
        }
    }

    @Test
    void somebodyElsesNodeIsNotTaken() throws Exception {
        try (Listener other = Listener.of(KEYS.get(1))) {
            KeyProbe.Result result = probe(other);

            assertThat(result.outcome()).isEqualTo(Outcome.OTHER_KEY);
            assertThat(result.detail()).contains("does not hold the key");
        }
    }

    @Test
    void aClosedPortIsRefused() throws Exception {
        try (Socket boundAndNotListening = new Socket()) {
            boundAndNotListening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            InetSocketAddress closed = (InetSocketAddress) boundAndNotListening.getLocalSocketAddress();

            assertThat(patient.probe(closed, KEYS.get(0).publicKey()).outcome()).isEqualTo(Outcome.REFUSED);
        }
    }

    @Test
    void whoNeverAnswersEndsInTheDeadline() throws Exception {
        try (Listener blackHole =
                new Listener(connection -> connection.getInputStream().readAllBytes())) {
            KeyProbe.Result result =
                    hasty.probe(blackHole.address(), KEYS.get(0).publicKey());

            assertThat(result.outcome()).isEqualTo(Outcome.TIMED_OUT);
        }
    }

    @Test
    void oneByteNowAndThenDoesNotStretchTheDeadline() throws Exception {
        try (Listener dripping = new Listener(connection -> {
            OutputStream out = connection.getOutputStream();
            out.write(new byte[] {0, 53});
            connection.setSoTimeout(50);
            for (int i = 0; i < 53; i++) {
                out.write(1);
                waitForSilence(connection);
            }
            connection.setSoTimeout(0);
            connection.getInputStream().readAllBytes();
        })) {
            assertThat(hasty.probe(dripping.address(), KEYS.get(0).publicKey()).outcome())
                    .isEqualTo(Outcome.TIMED_OUT);
        }
    }

    /// Reads until nothing came for the socket's timeout.
    private static void waitForSilence(Socket connection) throws IOException {
        try {
            while (connection.getInputStream().read() >= 0) {
                // what the prober said
            }
        } catch (java.net.SocketTimeoutException silent) {
            // go on dripping
        }
    }

    @Test
    void aServerOfAnotherProtocolIsNoNodeAndLittleIsReadOfIt() throws Exception {
        AtomicLong taken = new AtomicLong();
        try (Listener web = new Listener(connection -> {
            OutputStream out = connection.getOutputStream();
            byte[] page =
                    "HTTP/1.1 400 Bad Request\r\n".repeat(1000).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            for (int i = 0; i < 10_000; i++) {
                out.write(page);
                taken.addAndGet(page.length);
            }
        })) {
            assertThat(probe(web).outcome()).isEqualTo(Outcome.OTHER_KEY);
            assertThat(taken.get()).isLessThan(10_000L * 26_000);
        }
    }

    @Test
    void whoHangsUpIsNoNode() throws Exception {
        try (Listener shy =
                new Listener(connection -> connection.getInputStream().read())) {
            assertThat(probe(shy).outcome()).isEqualTo(Outcome.OTHER_KEY);
        }
    }

    @Test
    void aMadeUpActTwoProvesNothing() throws Exception {
        try (Listener forger = new Listener(connection -> {
            byte[] act = new byte[55];
            act[1] = 53;
            act[2] = 1;
            System.arraycopy(KEYS.get(1).publicKey().bytes(), 0, act, 3, 33);
            connection.getOutputStream().write(act);
            connection.getInputStream().readAllBytes();
        })) {
            assertThat(probe(forger).outcome()).isEqualTo(Outcome.OTHER_KEY);
        }
    }
}
