package io.skywire.node.session;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Two nodes' sessions in one JVM, joined by in-memory routes: Alice dials Bob.
final class SessionPair implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    final InMemoryRoutes routes;
    final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final List<PeerSessions> open = new ArrayList<>();
    final KeyPair aliceKeys;
    final KeyPair bobKeys;
    final StreamTargets aliceTargets = new StreamTargets();
    final StreamTargets bobTargets = new StreamTargets();
    final PeerSessions alice;
    final PeerSessions bob;

    SessionPair(long seed) {
        this(seed, SessionSettings.DEFAULTS);
    }

    SessionPair(long seed, SessionSettings settings) {
        Random random = new Random(seed);
        routes = new InMemoryRoutes(seed);
        aliceKeys = KeyPair.generate(random);
        bobKeys = KeyPair.generate(random);
        alice = join(aliceKeys, aliceTargets, settings);
        bob = join(bobKeys, bobTargets, settings);
    }

    PeerSessions join(KeyPair keys, IncomingStreams incoming, SessionSettings settings) {
        PeerSessions sessions = new PeerSessions(
                keys,
                loops,
                routes.requestsOf(keys.publicKey()),
                incoming,
                settings,
                InstantSource.system(),
                new SecureRandom());
        routes.join(keys.publicKey(), sessions);
        return closing(sessions);
    }

    /// Is closed with the pair.
    PeerSessions closing(PeerSessions sessions) {
        open.add(sessions);
        return sessions;
    }

    PublicKey aliceKey() {
        return aliceKeys.publicKey();
    }

    PublicKey bobKey() {
        return bobKeys.publicKey();
    }

    CompletionStage<DialAnswer> dial() {
        return alice.dial(new DialRequest(bobKey(), RouteRequests.Path.Any.ROUTE, Duration.ofSeconds(20)));
    }

    DialAnswer.Connected connect() {
        return connected(await(dial()));
    }

    static DialAnswer.Connected connected(DialAnswer answer) {
        return switch (answer) {
            case DialAnswer.Connected connected -> connected;
            case DialAnswer.Failed failed -> throw new AssertionError(failed);
        };
    }

    static <T> T await(CompletionStage<T> stage) {
        return await(stage, PATIENCE);
    }

    static <T> T await(CompletionStage<T> stage, Duration patience) {
        CompletableFuture<T> future = stage.toCompletableFuture();
        try {
            return future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new AssertionError("no answer within " + patience, late);
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    @Override
    public void close() {
        open.forEach(sessions -> await(sessions.close(Duration.ofSeconds(2))));
        routes.close();
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
}
