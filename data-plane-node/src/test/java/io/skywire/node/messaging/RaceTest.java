package io.skywire.node.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.skywire.node.loops.EventLoops;
import io.skywire.shared.key.KeyPair;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class RaceTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final RandomGenerator NO_HEAD_STARTS = () -> 0L;

    private final EventLoopGroup loops = EventLoops.open("test-race", 1);
    private final List<AutoCloseable> closings = new ArrayList<>();
    private final CompletableFuture<ServerAddress> winner = new CompletableFuture<>();
    private final CompletableFuture<Boolean> vain = new CompletableFuture<>();
    private final List<ServerAddress> lost = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable closing : closings) {
            closing.close();
        }
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
    }

    private Race race(Duration deadline) {
        return new Race(loops.next(), deadline, new Race.Finish() {
            @Override
            public void won(ServerAddress server, Channel channel) {
                channel.close();
                winner.complete(server);
            }

            @Override
            public void lost(ServerAddress server, String reason) {
                lost.add(server);
            }

            @Override
            public void nobody() {
                vain.complete(true);
            }
        });
    }

    private void run(Race race, ServerAddress... servers) {
        loops.next().execute(() -> race.run(List.of(servers), NO_HEAD_STARTS));
    }

    private ServerAddress answering() throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        closings.add(server);
        return address(server);
    }

    /// A server whose queue of connections is full: the kernel lets a further connect wait.
    private ServerAddress neverAnswering() throws IOException {
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        closings.add(server);
        for (int i = 0; i < 8; i++) {
            SocketChannel waiting = SocketChannel.open();
            waiting.configureBlocking(false);
            waiting.connect(server.getLocalSocketAddress());
            closings.add(waiting);
        }
        return address(server);
    }

    private static ServerAddress address(ServerSocket server) {
        InetSocketAddress local = (InetSocketAddress) server.getLocalSocketAddress();
        return new ServerAddress(
                KeyPair.generate(new SecureRandom()).publicKey(),
                local.getAddress().getHostAddress(),
                local.getPort());
    }

    @Test
    void keepsTheFirstToAnswerWhileOthersAreStillConnecting() throws Exception {
        ServerAddress silent = neverAnswering();
        ServerAddress alsoSilent = neverAnswering();
        ServerAddress quick = answering();

        run(race(LONG), silent, alsoSilent, quick);

        assertThat(winner.get(40, TimeUnit.SECONDS)).isEqualTo(quick);
        assertThat(lost).isEmpty();
    }

    @Test
    void endsWithoutAWinnerWhenNobodyAnswersInTime() throws Exception {
        ServerAddress silent = neverAnswering();
        ServerAddress alsoSilent = neverAnswering();

        run(race(Duration.ofMillis(300)), silent, alsoSilent);

        assertThat(vain.get(40, TimeUnit.SECONDS)).isTrue();
        assertThat(lost).containsExactlyInAnyOrder(silent, alsoSilent);
        assertThat(winner).isNotDone();
    }

    @Test
    void endsForANameThatHasNoAddress() throws Exception {
        ServerAddress named =
                new ServerAddress(KeyPair.generate(new SecureRandom()).publicKey(), "invalid.invalid", 1);

        run(race(Duration.ofMillis(300)), named);

        assertThat(vain.get(40, TimeUnit.SECONDS)).isTrue();
        assertThat(lost).containsExactly(named);
    }
}
