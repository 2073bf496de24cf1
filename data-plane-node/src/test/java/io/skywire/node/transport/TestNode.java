package io.skywire.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.skywire.node.loops.EventLoops;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// One node's links with event loops of their own, and a record of all that it hears.
final class TestNode implements AutoCloseable {
    static final Duration PATIENCE = Heard.PATIENCE;

    /// Quick to redial, slow to call a neighbour silent: the machine that runs the tests may be busy.
    static final TcpSettings SETTINGS =
            TcpSettings.defaults().withHeartbeat(Duration.ofMillis(50), Duration.ofSeconds(30));

    final KeyPair keys;
    final TcpTransports transports;
    final Heard heard = new Heard();
    final List<String> events = heard.events;
    final List<LinkFailure> failures = heard.failures;
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
        this.transports =
                new TcpTransports(keys, settings, loops, heard, heard, InstantSource.system(), new SecureRandom());
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
        return heard.sequences(route);
    }

    @Override
    public void close() {
        transports.close(Duration.ofSeconds(3));
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
    }
}
