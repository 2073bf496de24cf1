package io.skywire.node.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.skywire.node.router.EdgeRoute;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PeerSessionsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final SessionPair pair = new SessionPair(1);

    @AfterEach
    void close() {
        pair.close();
    }

    @Test
    void bothEndsKnowEachOtherAfterADial() {
        DialAnswer.Connected connected = pair.connect();

        assertThat(connected.session().peer()).isEqualTo(pair.bobKey());
        assertThat(connected.session().end()).isEqualTo(RouteEnd.INITIATOR);
        assertThat(connected.session().datagramSize()).isEqualTo(16_000);
        assertThat(connected.route().hops()).isEqualTo(2);
        List<SessionView> atBob = pair.bob.sessions();
        assertThat(atBob).hasSize(1);
        assertThat(atBob.getFirst().peer()).isEqualTo(pair.aliceKey());
        assertThat(atBob.getFirst().session()).isEqualTo(connected.session().session());
        assertThat(atBob.getFirst().routes()).containsExactly(connected.route().route());
    }

    @Test
    void measuresARoundTrip() {
        pair.connect();

        PingAnswer answer = SessionPair.await(pair.alice.ping(pair.bobKey()));

        assertThat(answer)
                .isInstanceOfSatisfying(
                        PingAnswer.Answered.class,
                        answered ->
                                assertThat(answered.roundTrip()).isPositive().isLessThan(Duration.ofSeconds(5)));
    }

    @Test
    void pingsNobodyWithoutASession() {
        assertThat(SessionPair.await(pair.alice.ping(pair.bobKey()))).isInstanceOf(PingAnswer.Unanswered.class);
    }

    @Test
    void dialsAtTheSameTimeShareOne() {
        pair.routes.setupTime = Duration.ofMillis(200);

        CompletableFuture<DialAnswer> first = pair.dial().toCompletableFuture();
        CompletableFuture<DialAnswer> second = pair.dial().toCompletableFuture();

        DialAnswer.Connected one = SessionPair.connected(SessionPair.await(first));
        DialAnswer.Connected two = SessionPair.connected(SessionPair.await(second));
        assertThat(two.session().session()).isEqualTo(one.session().session());
        assertThat(pair.routes.requests).hasValue(1);
    }

    @Test
    void everyExplicitDialMakesASessionOfItsOwnAndStreamsTakeTheNewest() {
        DialAnswer.Connected first = pair.connect();
        DialAnswer.Connected second = SessionPair.connected(SessionPair.await(pair.alice.dial(
                new DialRequest(pair.bobKey(), new RouteRequests.Path.Explicit(List.of()), Duration.ofSeconds(20)))));
        pair.bobTargets.handlers.put(7, StreamBytes.Echo::new);

        assertThat(SessionPair.await(pair.alice.openStream(pair.bobKey(), 7))).isInstanceOf(StreamAnswer.Opened.class);

        assertThat(second.session().session()).isNotEqualTo(first.session().session());
        assertThat(pair.bob.sessions()).hasSize(2);
        assertThat(pair.alice.sessions())
                .filteredOn(view -> view.streams() == 1)
                .singleElement()
                .satisfies(view ->
                        assertThat(view.session()).isEqualTo(second.session().session()));
    }

    @Test
    void hangingUpEndsBothEndsAndGivesTheRouteBack() {
        DialAnswer.Connected connected = pair.connect();

        pair.alice.hangUp(pair.bobKey());

        await().atMost(LIMIT).until(() -> pair.alice.sessions().isEmpty());
        await().atMost(LIMIT).until(() -> pair.bob.sessions().isEmpty());
        await().atMost(LIMIT).until(() -> pair.routes.open() == 0);
        assertThat(pair.routes.closedByRequest).contains(connected.route().route());
    }

    @Test
    void theEndThatAnsweredMayHangUpToo() {
        pair.connect();

        pair.bob.hangUp(pair.aliceKey());

        await().atMost(LIMIT).until(() -> pair.alice.sessions().isEmpty());
        await().atMost(LIMIT).until(() -> pair.routes.open() == 0);
    }

    @Test
    void anUnknownNodeIsNotJustANodeWithoutARoute() {
        KeyPair nobody = KeyPair.generate(new Random(5));

        DialAnswer answer = SessionPair.await(pair.alice.dial(
                new DialRequest(nobody.publicKey(), RouteRequests.Path.Any.ROUTE, Duration.ofSeconds(5))));

        assertThat(reason(answer)).isEqualTo(DialAnswer.Reason.NO_SUCH_NODE);
    }

    @Test
    void aNodeDoesNotDialItself() {
        DialAnswer answer = SessionPair.await(
                pair.alice.dial(new DialRequest(pair.aliceKey(), RouteRequests.Path.Any.ROUTE, Duration.ofSeconds(5))));

        assertThat(reason(answer)).isEqualTo(DialAnswer.Reason.INVALID_PATH);
    }

    @Test
    void aSlowControlPlaneRunsIntoTheDeadlineAndItsRouteIsGivenBack() {
        pair.routes.setupTime = Duration.ofMillis(800);

        DialAnswer answer = SessionPair.await(
                pair.alice.dial(new DialRequest(pair.bobKey(), RouteRequests.Path.Any.ROUTE, Duration.ofMillis(200))));

        assertThat(reason(answer)).isEqualTo(DialAnswer.Reason.DEADLINE);
        await().atMost(LIMIT).until(() -> !pair.routes.closedByRequest.isEmpty() && pair.routes.open() == 0);
        assertThat(pair.bob.sessions()).isEmpty();
    }

    @Test
    void aRouteThatCarriesNothingEndsInATimeout() {
        pair.routes.lossRate = 1;

        DialAnswer answer = SessionPair.await(
                pair.alice.dial(new DialRequest(pair.bobKey(), RouteRequests.Path.Any.ROUTE, Duration.ofSeconds(2))));

        assertThat(reason(answer)).isIn(DialAnswer.Reason.DEADLINE, DialAnswer.Reason.SESSION_TIMEOUT);
        await().atMost(LIMIT).until(() -> pair.routes.open() == 0);
    }

    @Test
    void plansThatAreTakenBackDoNotEndTheDial() {
        pair.routes.failingPlans = 2;

        DialAnswer.Connected connected = pair.connect();

        assertThat(connected.route().attempts()).isEqualTo(3);
        assertThat(pair.routes.open()).isEqualTo(1);
    }

    @Test
    void aFailureIsToldInTheControlPlanesWordsNotAsALostRoute() {
        pair.routes.failingPlans = 1;
        RouteRequests.Answer.Failed verdict = new RouteRequests.Answer.Failed(
                RouteRequests.Reason.REFUSED, OptionalInt.of(2), "table full", List.of());
        pair.routes.verdict = Optional.of(verdict);

        DialAnswer answer = SessionPair.await(pair.dial());

        assertThat(answer).isEqualTo(new DialAnswer.Failed(DialAnswer.Reason.REFUSED, OptionalInt.of(2), "table full"));
        assertThat(pair.routes.open()).isZero();
    }

    @Test
    void aRouteTooNarrowForQuicIsRefused() {
        pair.routes.maxPayload = 1199;

        assertThat(reason(SessionPair.await(pair.dial()))).isEqualTo(DialAnswer.Reason.SESSION_REFUSED);
    }

    @Test
    void aNodeTakesNoMoreSessionsThanItsLimit() {
        SessionSettings one = limits(1, 10);
        KeyPair carolKeys = KeyPair.generate(new Random(6));
        PeerSessions carol = pair.join(carolKeys, new StreamTargets(), one);

        DialRequest request =
                new DialRequest(carolKeys.publicKey(), RouteRequests.Path.Any.ROUTE, Duration.ofSeconds(20));
        SessionPair.connected(SessionPair.await(pair.alice.dial(request)));
        DialAnswer second = SessionPair.await(pair.bob.dial(request));
        DialAnswer own = SessionPair.await(
                carol.dial(new DialRequest(pair.bobKey(), RouteRequests.Path.Any.ROUTE, Duration.ofSeconds(20))));

        assertThat(second).isInstanceOfSatisfying(DialAnswer.Failed.class, failed -> {
            assertThat(failed.reason()).isEqualTo(DialAnswer.Reason.SESSION_REFUSED);
            assertThat(failed.detail()).contains("as many sessions as it takes");
        });
        assertThat(reason(own)).isEqualTo(DialAnswer.Reason.OVERLOADED);
        pair.alice.hangUp(carolKeys.publicKey());
        await().atMost(LIMIT).until(() -> carol.sessions().isEmpty());
        assertThat(SessionPair.await(pair.bob.dial(request))).isInstanceOf(DialAnswer.Connected.class);
    }

    @Test
    void failedDialsGiveTheirPlaceBack() {
        KeyPair carolKeys = KeyPair.generate(new Random(6));
        PeerSessions carol = pair.join(carolKeys, new StreamTargets(), limits(1, 10));
        KeyPair nobody = KeyPair.generate(new Random(5));
        for (int i = 0; i < 5; i++) {
            assertThat(reason(SessionPair.await(carol.dial(
                            new DialRequest(nobody.publicKey(), RouteRequests.Path.Any.ROUTE, Duration.ofSeconds(5))))))
                    .isEqualTo(DialAnswer.Reason.NO_SUCH_NODE);
        }

        assertThat(SessionPair.await(carol.dial(
                        new DialRequest(pair.bobKey(), RouteRequests.Path.Any.ROUTE, Duration.ofSeconds(20)))))
                .isInstanceOf(DialAnswer.Connected.class);
    }

    @Test
    void keepAlivesGoOnWithoutTraffic() {
        KeyPair carolKeys = KeyPair.generate(new Random(6));
        SessionSettings quick = new SessionSettings(
                10,
                10,
                10,
                10,
                Duration.ofMillis(100),
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10));
        PeerSessions carol = pair.join(carolKeys, new StreamTargets(), quick);
        SessionPair.connected(SessionPair.await(
                carol.dial(new DialRequest(pair.bobKey(), RouteRequests.Path.Any.ROUTE, Duration.ofSeconds(20)))));
        Instant start = Instant.now();

        await().atMost(LIMIT).until(() -> Duration.between(start, Instant.now()).compareTo(Duration.ofSeconds(3)) > 0);

        assertThat(carol.sessions()).hasSize(1);
        assertThat(carol.sessions().getFirst().roundTrip()).isPresent();
        // Silence beyond the idle time ends it.
        pair.routes.lossRate = 1;
        await().atMost(LIMIT).until(() -> carol.sessions().isEmpty());
    }

    @Test
    void strayPayloadsAreDroppedAndCounted() {
        DialAnswer.Connected connected = pair.connect();
        ByteBuf stray = Unpooled.directBuffer(64).writeZero(64);

        pair.bob.payload(new StrayRoute(pair.aliceKey()), stray);

        assertThat(stray.refCnt()).isZero();
        assertThat(pair.bob.counters().droppedUnknown()).isEqualTo(1);
        assertThat(pair.bob.sessions().getFirst().session())
                .isEqualTo(connected.session().session());
    }

    @Test
    void garbageOnASessionsRouteDisturbsNothing() {
        pair.connect();
        Random random = new Random(4);
        SessionView atBob = pair.bob.sessions().getFirst();
        StrayRoute route = new StrayRoute(pair.aliceKey(), atBob.routes().getFirst(), atBob.session());
        for (int i = 0; i < 500; i++) {
            byte[] garbage = new byte[random.nextInt(1500)];
            random.nextBytes(garbage);
            pair.bob.payload(route, Unpooled.directBuffer(1500).writeBytes(garbage));
        }
        pair.bob.endOfRead();

        assertThat(SessionPair.await(pair.alice.ping(pair.bobKey()))).isInstanceOf(PingAnswer.Answered.class);
        assertThat(pair.bob.sessions()).hasSize(1);
    }

    @Test
    void nothingIsDialledAfterClosing() {
        pair.connect();
        SessionPair.await(pair.alice.close(Duration.ofSeconds(5)));

        assertThat(reason(SessionPair.await(pair.dial()))).isEqualTo(DialAnswer.Reason.UNAVAILABLE);
        await().atMost(LIMIT).until(() -> pair.bob.sessions().isEmpty());
    }

    private static DialAnswer.Reason reason(DialAnswer answer) {
        return switch (answer) {
            case DialAnswer.Failed failed -> failed.reason();
            case DialAnswer.Connected connected -> throw new AssertionError("connected: " + connected);
        };
    }

    private static SessionSettings limits(int sessions, int streams) {
        SessionSettings defaults = SessionSettings.DEFAULTS;
        return new SessionSettings(
                sessions,
                streams,
                defaults.waitingStreams(),
                defaults.pendingHandshakes(),
                defaults.keepAlive(),
                defaults.idle(),
                defaults.handshake(),
                defaults.streamOpen(),
                defaults.streamAbort(),
                defaults.dial());
    }

    /// A route that carries nothing, for payloads that come from nowhere.
    private record StrayRoute(PublicKey peer, RouteUid route, SessionUid session) implements EdgeRoute {
        StrayRoute(PublicKey peer) {
            this(peer, RouteUid.random(new Random(3)), SessionUid.random(new Random(3)));
        }

        @Override
        public RouteEnd end() {
            return RouteEnd.RESPONDER;
        }

        @Override
        public int maxPayload() {
            return 16_384;
        }

        @Override
        public void send(ByteBuf payload) {
            payload.release();
        }

        @Override
        public void flush() {}
    }
}
