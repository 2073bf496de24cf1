package io.skywire.node.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.util.ResourceLeakDetector;
import io.skywire.node.session.InMemoryRoutes;
import io.skywire.node.session.PeerSessions;
import io.skywire.node.session.SessionSettings;
import io.skywire.shared.key.KeyPair;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// Whatever way connections end, no buffer is left behind. Leak detection must be at its strictest for this to count.
final class LeakTest {
    @Test
    void connectionsThatEndBadlyLeaveNoBufferBehind() throws Exception {
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
        // What tests before this one have left is reported now, and is not this one's.
        collect();
        Logger detector = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
        ListAppender<ILoggingEvent> reports = new ListAppender<>();
        reports.start();
        detector.addAppender(reports);
        try {
            for (int round = 0; round < 3; round++) {
                abuse(round);
            }
            collect();
            assertThat(reports.list).isEmpty();
        } finally {
            detector.detachAppender(reports);
        }
    }

    private static void collect() {
        for (int i = 0; i < 10; i++) {
            System.gc();
            // The detector reports what was collected when the next buffers are made.
            for (int n = 0; n < 200; n++) {
                PooledByteBufAllocator.DEFAULT.directBuffer(64).release();
            }
        }
    }

    private static void abuse(int seed) throws Exception {
        EventLoopGroup loops = ApplicationLoops.create(2);
        InMemoryRoutes routes = new InMemoryRoutes(seed);
        KeyPair aliceKeys = KeyPair.generate(new Random(31));
        KeyPair bobKeys = KeyPair.generate(new Random(32));
        Publications published = new Publications(loops);
        PeerSessions alice = sessions(aliceKeys, loops, routes, new Publications(loops));
        PeerSessions bob = sessions(bobKeys, loops, routes, published);
        AddressBook book = new AddressBook(Map.of("bob", bobKeys.publicKey()));
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Socks5Door door = get(Socks5Door.open(loops, any, alice::openStream, alice::openFlow, book));
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            published.publish(new Publication(
                    80,
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()),
                    new Publication.Audience.Everyone()));
            for (int i = 0; i < 8; i++) {
                Socket program = new Socket(new Proxy(Proxy.Type.SOCKS, door.address()));
                program.connect(InetSocketAddress.createUnresolved("bob.sky", 80), 20_000);
                Socket target = server.accept();
                program.getOutputStream().write(new byte[100_000]);
                target.getOutputStream().write(new byte[100_000]);
                end(i, program, target, alice, bobKeys);
            }
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> Stream.of(alice, bob)
                            .flatMap(node -> node.sessions().stream())
                            .allMatch(session -> session.streams() == 0));
        } finally {
            door.close();
            get(alice.close(Duration.ofSeconds(2)));
            get(bob.close(Duration.ofSeconds(2)));
            routes.close();
            loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        }
    }

    private static void end(int way, Socket program, Socket target, PeerSessions alice, KeyPair bob)
            throws IOException {
        switch (way % 4) {
            case 0 -> program.setSoLinger(true, 0);
            case 1 -> target.setSoLinger(true, 0);
            case 2 -> alice.hangUp(bob.publicKey());
            default -> program.shutdownOutput();
        }
        program.close();
        target.close();
    }

    private static PeerSessions sessions(
            KeyPair keys, EventLoopGroup loops, InMemoryRoutes routes, Publications publications) {
        PeerSessions sessions = new PeerSessions(
                keys,
                loops,
                routes.requestsOf(keys.publicKey()),
                publications,
                SessionSettings.DEFAULTS,
                InstantSource.system(),
                new SecureRandom());
        routes.join(keys.publicKey(), sessions);
        return sessions;
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }
}
