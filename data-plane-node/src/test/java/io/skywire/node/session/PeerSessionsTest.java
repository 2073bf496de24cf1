package io.skywire.node.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.shared.rule.RouteEnd;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PeerSessionsTest {
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

        DialAnswer.Connected one = (DialAnswer.Connected) SessionPair.await(first);
        DialAnswer.Connected two = (DialAnswer.Connected) SessionPair.await(second);
        assertThat(two.session().session()).isEqualTo(one.session().session());
        assertThat(pair.routes.requests).hasValue(1);
    }
}
