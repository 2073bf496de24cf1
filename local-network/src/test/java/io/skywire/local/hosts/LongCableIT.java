package io.skywire.local.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Real namespaces, real devices.
@Timeout(120)
class LongCableIT {
    private static final String HERE = "10.66.0.1";
    private static final String THERE = "10.66.0.2";
    private static final long FAST = 1_000_000_000;
    private static final Duration ROOMY = Duration.ofSeconds(5);

    @BeforeAll
    static void onlyWhereTheKernelAllowsIt() {
        Namespaces.whyNot().ifPresent(reason -> {
            System.out.println("skipped: " + reason);
            Assumptions.abort(reason);
        });
    }

    private static LongCable cable(Namespaces namespaces, LongCable.Properties properties) {
        return namespaces.longCable(
                properties, namespaces.add("one"), "next", HERE, namespaces.add("other"), "before", THERE);
    }

    private static String name(String host) {
        return Namespaces.ofThisProcess().stream()
                .filter(namespace -> namespace.endsWith("-" + host))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aRoundTripTakesTheDelayOfBothDirections() throws IOException {
        Duration delay = Duration.ofMillis(30);
        try (Namespaces namespaces = Namespaces.open("delay");
                LongCable cable = cable(namespaces, new LongCable.Properties(delay, 0, FAST, ROOMY, 1));
                ServerSocket server = Namespaces.inside(name("other"), () -> new ServerSocket(7, 5))) {
            long start = System.nanoTime();
            Socket socket = Namespaces.inside(name("one"), () -> new Socket(THERE, 7));
            Duration took = Duration.ofNanos(System.nanoTime() - start);

            assertThat(took).isGreaterThanOrEqualTo(delay.multipliedBy(2));
            assertThat(server.getLocalPort()).isEqualTo(7);
            assertThat(cable.counts().lost()).isZero();
            socket.close();
        }
    }

    @Test
    void losesAboutTheShareThatItWasToldAndTheSameWithTheSameSeed() throws IOException {
        long first = lostOf(2_000, 0.1, 5);

        assertThat(first).isBetween(120L, 280L);
        assertThat(lostOf(2_000, 0.1, 5)).isEqualTo(first);
    }

    /// Of so many datagrams in one direction.
    private static long lostOf(int count, double loss, long seed) throws IOException {
        try (Namespaces namespaces = Namespaces.open("loss");
                LongCable cable =
                        cable(namespaces, new LongCable.Properties(Duration.ZERO, loss, FAST, ROOMY, seed));
                DatagramSocket to = Namespaces.inside(name("other"), () -> new DatagramSocket(9));
                DatagramSocket from = Namespaces.inside(name("one"), () -> new DatagramSocket())) {
            assertThat(to.isBound()).isTrue();
            byte[] bytes = new byte[100];
            for (int i = 1; i <= count; i++) {
                from.send(new DatagramPacket(bytes, bytes.length, new InetSocketAddress(InetAddress.getByName(THERE), 9)));
                int sent = i;
                if (i % 100 == 0) { // never more than the devices hold
                    await().atMost(Duration.ofSeconds(30))
                            .pollInterval(Duration.ofMillis(2))
                            .until(() -> cable.counts().passed() + cable.counts().lost() >= sent);
                }
            }
            return cable.counts().lost();
        }
    }

    @Test
    void whatComesFasterThanTheRateWaitsAndWhatFindsTheQueueFullIsDropped() throws IOException {
        LongCable.Properties slow =
                new LongCable.Properties(Duration.ZERO, 0, 1_000_000, Duration.ofMillis(100), 1); // 12.5 kB of queue
        try (Namespaces namespaces = Namespaces.open("rate");
                LongCable cable = cable(namespaces, slow);
                DatagramSocket from = Namespaces.inside(name("one"), () -> new DatagramSocket())) {
            byte[] bytes = new byte[1_400];
            for (int i = 0; i < 50; i++) {
                from.send(new DatagramPacket(bytes, bytes.length, new InetSocketAddress(InetAddress.getByName(THERE), 9)));
            }

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> cable.counts().passed() + cable.counts().dropped() >= 50);
            assertThat(cable.counts().dropped()).isPositive();
            assertThat(cable.counts().passed()).isGreaterThanOrEqualTo(8);
        }
    }

    @Test
    void aHostReachesAServerBesideItByTheWayOutAndByNothingElse() throws Exception {
        try (Namespaces namespaces = Namespaces.open("way");
                ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            String host = namespaces.add("host");
            try (WayOut way = WayOut.open(host, server.getLocalPort());
                    Socket client = Namespaces.inside(
                            host, () -> new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort()));
                    Socket accepted = server.accept()) {
                assertThat(way).isNotNull();
                client.getOutputStream().write(7);
                assertThat(accepted.getInputStream().read()).isEqualTo(7);
                accepted.close();
                assertThat(client.getInputStream().read()).isEqualTo(-1);
            }
            assertThat(List.copyOf(Namespaces.ofThisProcess())).contains(host);
        }
    }
}
