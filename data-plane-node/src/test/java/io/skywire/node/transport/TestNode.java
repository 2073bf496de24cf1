package io.skywire.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.skywire.node.loops.EventLoops;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// One node's links with event loops of their own, and a record of all that it hears.
final class TestNode implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    /// Quick to redial, slow to call a neighbour silent: the machine that runs the tests may be busy.
    static final TcpSettings SETTINGS =
            TcpSettings.defaults().withHeartbeat(Duration.ofMillis(50), Duration.ofSeconds(30));

    final KeyPair keys;
    final TcpTransports transports;
    final List<String> events = new CopyOnWriteArrayList<>();
    final List<LinkFailure> failures = new CopyOnWriteArrayList<>();
    final List<LinkMeasurement> measurements = new CopyOnWriteArrayList<>();
    final Map<Integer, List<Integer>> sequences = new ConcurrentHashMap<>(); // by route
    volatile CountDownLatch gate = new CountDownLatch(0);
    private final EventLoopGroup loops;

    TestNode() {
        this(SETTINGS);
    }

    TestNode(TcpSettings settings) {
        this(settings, KeyPair.generate(new SecureRandom()));
    }

    TestNode(TcpSettings settings, KeyPair keys) {
        this(settings, keys, EventLoops.open("test", 2));
    }

    /// Takes the loops over.
    TestNode(TcpSettings settings, KeyPair keys, EventLoopGroup loops) {
        this.keys = keys;
        this.loops = loops;
        this.transports = new TcpTransports(
                keys,
                settings,
                loops,
                transport -> new Arrivals(),
                new Ear(),
                InstantSource.system(),
                new SecureRandom());
    }

    InetSocketAddress listen() throws IOException {
        return transports.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    void keep(TestNode other, InetSocketAddress address) {
        keep(other.keys.publicKey(), address);
    }

    void keep(PublicKey peer, InetSocketAddress address) {
        transports.keep(peer, address.getAddress().getHostAddress(), address.getPort());
    }

    Transport awaitLink() {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(transports.live())
                        .as("%s %s", events, transports.dials())
                        .hasSize(1));
        return transports.live().getFirst();
    }

    List<Integer> sequences(int route) {
        return sequences.getOrDefault(route, List.of());
    }

    @Override
    public void close() {
        transports.close(Duration.ofSeconds(3));
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
    }

    private final class Arrivals implements Ingress {
        @Override
        public void packet(byte[] frame, int offset, int length) {
            try {
                if (!gate.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    throw new IllegalStateException("the gate was never opened");
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            sequences
                    .computeIfAbsent(
                            PacketLayout.routeId(frame, offset),
                            route -> Collections.synchronizedList(new ArrayList<>()))
                    .add(Packets.sequence(frame, offset));
        }

        @Override
        public void endOfRead() {}
    }

    private final class Ear implements TransportListener {
        @Override
        public void up(Transport transport) {
            events.add("up");
        }

        @Override
        public void down(Transport transport, String reason) {
            events.add("down: " + reason);
        }

        @Override
        public void failed(LinkFailure kind, String detail) {
            failures.add(kind);
            events.add("failed " + kind + ": " + detail);
        }

        @Override
        public void measured(TransportId id, LinkMeasurement measured) {
            measurements.add(measured);
        }
    }
}
