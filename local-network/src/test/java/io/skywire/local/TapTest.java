package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TapTest {
    private static final byte[] MARKER = "a marker of many letters".getBytes(StandardCharsets.US_ASCII);

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /// What arrives of these pieces, each sent by itself.
    private static byte[] passed(Tap tap, int port, ServerSocket target, byte[]... pieces) throws Exception {
        CompletableFuture<byte[]> arrived = CompletableFuture.supplyAsync(() -> {
            try (Socket socket = target.accept();
                    InputStream in = socket.getInputStream()) {
                return in.readAllBytes();
            } catch (IOException broken) {
                throw new CompletionException(broken);
            }
        });
        tap.open();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            for (byte[] piece : pieces) {
                socket.getOutputStream().write(piece);
            }
            socket.shutdownOutput();
            return arrived.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void passesEverythingOnAndFindsWhatLiesAcrossTwoPieces() throws Exception {
        int port = freePort();
        byte[] before = new byte[100_000];
        try (ServerSocket target = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                Tap tap = new Tap(port, target.getLocalPort())) {
            tap.lookFor(MARKER);

            byte[] arrived = passed(
                    tap, port, target, before, Arrays.copyOf(MARKER, 7), Arrays.copyOfRange(MARKER, 7, MARKER.length));

            assertThat(arrived).hasSize(before.length + MARKER.length).endsWith(MARKER);
            assertThat(tap.hasSeen()).isTrue();
            assertThat(tap.bytes()).isEqualTo(arrived.length);
        }
    }

    @Test
    void seesNothingWhereNothingIsAndRefusesOnceItIsClosed() throws Exception {
        int port = freePort();
        try (ServerSocket target = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Tap tap = new Tap(port, target.getLocalPort());
            tap.lookFor(MARKER);

            passed(tap, port, target, Arrays.copyOf(MARKER, MARKER.length - 1), new byte[70_000]);
            tap.close();

            assertThat(tap.hasSeen()).isFalse();
            assertThatExceptionOfType(ConnectException.class)
                    .isThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port));
        }
    }

    @Test
    void heldItSwallowsNothingButLetsNothingThrough() throws Exception {
        int port = freePort();
        try (ServerSocket target = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                Tap tap = new Tap(port, target.getLocalPort())) {
            tap.open();
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
                    Socket behind = target.accept()) {
                tap.hold();
                client.getOutputStream().write(MARKER);
                behind.setSoTimeout(300);
                assertThatExceptionOfType(SocketTimeoutException.class)
                        .isThrownBy(() -> behind.getInputStream().read());

                tap.release();
                behind.setSoTimeout(60_000);
                assertThat(behind.getInputStream().readNBytes(MARKER.length)).isEqualTo(MARKER);
            }
        }
    }

    @Test
    void cutsOffWhoComesWhileNobodyListensBehind() throws Exception {
        int port = freePort();
        try (Tap tap = new Tap(port, freePort())) {
            tap.open();
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                client.setSoTimeout(60_000);

                assertThat(client.getInputStream().read()).isEqualTo(-1);
            }
        }
    }
}
