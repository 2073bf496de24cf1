package io.skywire.node.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.quic.QuicStreamChannel;
import io.skywire.node.session.StreamBytes.Sink;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// Sessions over real QUIC that use two routes at once, each with a rate and a delay.
class TwoRoutesSessionsTest {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int PORT = 80;
    private static final InMemoryRoutes.Pace SLOW = new InMemoryRoutes.Pace(1 << 20, Duration.ofMillis(30));
    private static final InMemoryRoutes.Pace FAR = new InMemoryRoutes.Pace(1 << 20, Duration.ofMillis(200));
    private static final long WARMING_UP = 6 << 20;
    private static final long MEASURED = 6 << 20;

    private record Result(Duration took, boolean shared) {}

    /// How long Alice's second half takes to come to Bob, once the session has both routes.
    private static Result pour(SessionSettings.Standby standby, InMemoryRoutes.Pace first, InMemoryRoutes.Pace second) {
        SessionPair pair = new SessionPair(22, SessionSettings.DEFAULTS.with(standby));
        try {
            pair.routes.standbys = true;
            pair.routes.pace = first;
            pair.routes.standbyPace = second;
            pair.connect();
            await().atMost(LIMIT)
                    .until(() ->
                            pair.alice.sessions().getFirst().routing().standby().isPresent());
            Sink atBob = new Sink();
            pair.bobTargets.handlers.put(PORT, () -> atBob);
            QuicStreamChannel stream = opened(SessionPair.await(pair.alice.openStream(pair.bobKey(), PORT)));
            CompletableFuture<String> sent = StreamBytes.pour(stream, WARMING_UP + MEASURED, 1);
            AtomicBoolean shared = new AtomicBoolean();
            long begun = received(atBob, WARMING_UP, pair, shared);
            long done = received(atBob, WARMING_UP + MEASURED, pair, shared);
            assertThat(SessionPair.await(atBob.hash)).isEqualTo(SessionPair.await(sent));
            return new Result(Duration.ofNanos(done - begun), shared.get());
        } finally {
            pair.close();
        }
    }

    private static long received(Sink sink, long bytes, SessionPair pair, AtomicBoolean shared) {
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(5)).until(() -> {
            if (pair.alice.sessions().getFirst().sharing().isPresent()) {
                shared.set(true);
            }
            return sink.received.get() >= bytes;
        });
        return System.nanoTime();
    }

    private static QuicStreamChannel opened(StreamAnswer answer) {
        return switch (answer) {
            case StreamAnswer.Opened opened -> opened.stream();
            case StreamAnswer.Refused refused -> throw new AssertionError(refused);
            case StreamAnswer.Failed failed -> throw new AssertionError(failed);
        };
    }

    @Test
    void twoEqualRoutesCarryMoreThanOne() {
        Result one = pour(SessionSettings.Standby.KEPT, SLOW, SLOW);
        Result two = pour(SessionSettings.Standby.USED, SLOW, SLOW);

        System.out.println("one route: " + one.took() + ", two routes: " + two.took());
        assertThat(one.shared()).isFalse();
        assertThat(two.shared()).isTrue();
        assertThat(one.took().toMillis() / (double) two.took().toMillis())
                .as("one: %s, two: %s", one.took(), two.took())
                .isGreaterThan(1.5);
    }

    @Test
    void routesTooUnlikeAreNotUsedTogether() {
        Result result = pour(SessionSettings.Standby.USED, SLOW, FAR);

        assertThat(result.shared()).isFalse();
    }

    @Test
    void nothingIsLostWhenOneOfTwoRoutesFallsSilentInTheMiddle() {
        SessionPair pair = new SessionPair(23, SessionSettings.DEFAULTS.with(SessionSettings.Standby.USED));
        try {
            pair.routes.standbys = true;
            pair.routes.pace = SLOW;
            pair.routes.standbyPace = SLOW;
            pair.connect();
            Sink atBob = new Sink();
            pair.bobTargets.handlers.put(PORT, () -> atBob);
            QuicStreamChannel stream = opened(SessionPair.await(pair.alice.openStream(pair.bobKey(), PORT)));
            CompletableFuture<String> sent = StreamBytes.pour(stream, WARMING_UP + MEASURED, 1);
            await().atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> pair.alice.sessions().getFirst().sharing().isPresent());

            pair.routes.silence(pair.alice.sessions().getFirst().sharing().orElseThrow());

            await().atMost(LIMIT).until(() -> atBob.received.get() == WARMING_UP + MEASURED);
            assertThat(SessionPair.await(atBob.hash)).isEqualTo(SessionPair.await(sent));
        } finally {
            pair.close();
        }
    }

    @Test
    void theEndThatAnswersUsesBothToo() {
        SessionPair pair = new SessionPair(24, SessionSettings.DEFAULTS.with(SessionSettings.Standby.USED));
        try {
            pair.routes.standbys = true;
            pair.routes.pace = SLOW;
            pair.routes.standbyPace = SLOW;
            pair.connect();
            Sink atBob = new Sink();
            pair.bobTargets.handlers.put(PORT, () -> atBob);
            QuicStreamChannel stream = opened(SessionPair.await(pair.alice.openStream(pair.bobKey(), PORT)));
            Sink atAlice = new Sink();
            stream.eventLoop().execute(() -> {
                stream.pipeline().addLast(atAlice);
                stream.config().setAutoRead(true);
            });
            stream.writeAndFlush(stream.alloc().directBuffer(1).writeByte(1));
            QuicStreamChannel far = (QuicStreamChannel) SessionPair.await(atBob.attached);
            CompletableFuture<String> sent = StreamBytes.pour(far, WARMING_UP + MEASURED, 1);

            await().atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> pair.bob.sessions().getFirst().sharing().isPresent());

            assertThat(SessionPair.await(atAlice.hash)).isEqualTo(SessionPair.await(sent));
        } finally {
            pair.close();
        }
    }
}
