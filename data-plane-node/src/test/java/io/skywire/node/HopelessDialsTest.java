package io.skywire.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.skywire.node.config.HostPort;
import io.skywire.node.config.NodeConfig;
import io.skywire.node.loops.EventLoops;
import io.skywire.node.router.QuietEnds;
import io.skywire.node.router.Router;
import io.skywire.node.transport.DialState;
import io.skywire.node.transport.TcpSettings;
import io.skywire.node.transport.TcpTransports;
import io.skywire.node.transport.Transport;
import io.skywire.node.transport.TransportListener;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Real dials to a port where nobody listens, and what the directory's word changes.
@Timeout(240)
class HopelessDialsTest {
    private final KeyPair self = KeyPair.generate(new SecureRandom());
    private final KeyPair neighbour = KeyPair.generate(new SecureRandom());
    private final PublicKey peer = neighbour.publicKey();
    private final EventLoopGroup loops = EventLoops.open("test", 1);
    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final TcpTransports transports = transports(self);
    private TcpTransports ofNeighbour;
    private int port;
    private long nanos;
    private HopelessDials dials;

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60));
    }

    private TcpTransports transports(KeyPair keys) {
        SecureRandom random = new SecureRandom();
        Router router =
                new Router(new Router.Settings(10), new QuietEnds(), new QuietEnds(), timers, System::nanoTime, random);
        return new TcpTransports(
                keys,
                TcpSettings.defaults(),
                loops,
                router,
                new TransportListener() {
                    @Override
                    public void up(Transport transport) {}

                    @Override
                    public void down(Transport transport, String reason) {}

                    @Override
                    public void measured(TransportId id, LinkMeasurement measured) {}
                },
                InstantSource.system(),
                random);
    }

    @BeforeEach
    void keepANeighbourThatDoesNotListen() throws Exception {
        ofNeighbour = transports(neighbour);
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        dials = new HopelessDials(
                List.of(new NodeConfig.Link(peer, Optional.of(new HostPort("127.0.0.1", port)))),
                transports,
                () -> nanos);
        transports.keep(peer, "127.0.0.1", port);
        soon().until(() -> dials.inDoubt().equals(List.of(peer)));
    }

    @AfterEach
    void stop() {
        transports.close(Duration.ofSeconds(3));
        ofNeighbour.close(Duration.ofSeconds(3));
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        timers.shutdownNow();
    }

    private DialState.Phase phase() {
        return transports.dials().getFirst().phase();
    }

    private void rest() {
        soon().until(() -> {
            dials.look(node -> true);
            return phase() == DialState.Phase.RESTING;
        });
    }

    @Test
    void aNeighbourOfWhichNothingIsKnownIsDialledOn() {
        dials.look(node -> false);

        assertThat(phase()).isNotEqualTo(DialState.Phase.RESTING);
    }

    @Test
    void aNeighbourThatNobodyCanDialRestsAndIsTriedOnceInAWhile() throws Exception {
        rest();
        dials.look(node -> true);
        assertThat(phase()).isEqualTo(DialState.Phase.RESTING);

        ofNeighbour.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        nanos += HopelessDials.TRY_AGAIN.plusSeconds(1).toNanos();
        soon().until(() -> {
            dials.look(node -> true);
            return phase() == DialState.Phase.LINKED;
        });
    }

    @Test
    void aNeighbourThatCanBeDialledAgainIsDialledAtOnce() throws Exception {
        rest();
        ofNeighbour.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));

        dials.look(node -> false);

        soon().until(() -> phase() == DialState.Phase.LINKED);
        assertThat(dials.inDoubt()).isEmpty();
    }

    @Test
    void anotherAddressOfThisMachineEndsAllRestAndForAWhileNobodyIsGivenUp() throws Exception {
        rest();

        dials.dialAnew();
        dials.look(node -> true);
        assertThat(phase()).isNotEqualTo(DialState.Phase.RESTING);

        // The other end of the new way comes later.
        soon().until(() -> {
            dials.look(node -> true);
            return phase() == DialState.Phase.WAITING;
        });
        dials.look(node -> true);
        assertThat(phase()).isNotEqualTo(DialState.Phase.RESTING);
        ofNeighbour.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        soon().until(() -> {
            dials.look(node -> true);
            return phase() == DialState.Phase.LINKED;
        });
    }

    @Test
    void whoStaysHopelessAfterThatRestsAgain() {
        rest();

        dials.dialAnew();
        nanos += HopelessDials.GRACE.plusSeconds(1).toNanos();

        rest();
        assertThat(phase()).isEqualTo(DialState.Phase.RESTING);
    }

    @Test
    void aRestingNeighbourMayDialByItself() throws Exception {
        rest();
        InetSocketAddress here = transports.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

        ofNeighbour.keep(self.publicKey(), "127.0.0.1", here.getPort());

        soon().until(() -> phase() == DialState.Phase.LINKED);
    }
}
