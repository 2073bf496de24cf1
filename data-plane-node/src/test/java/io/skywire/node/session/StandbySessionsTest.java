package io.skywire.node.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.skywire.shared.rule.RouteUid;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Sessions over real QUIC whose routes fail, with a control plane that has other routes or none.
class StandbySessionsTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final SessionPair pair = new SessionPair(21, SessionSettings.DEFAULTS.with(SessionSettings.Standby.KEPT));
    private DialAnswer.Connected connected;

    @BeforeEach
    void connect() {
        pair.routes.standbys = true;
        connected = pair.connect();
    }

    @AfterEach
    void close() {
        pair.close();
    }

    private SessionView atAlice() {
        List<SessionView> sessions = pair.alice.sessions();
        assertThat(sessions).hasSize(1);
        return sessions.getFirst();
    }

    private RouteUid awaitStandby() {
        await().atMost(LIMIT).until(() -> atAlice().routing().standby().isPresent());
        return atAlice().routing().standby().orElseThrow();
    }

    private RouteUid primary() {
        return atAlice().routes().getFirst();
    }

    private void awaitUse(RouteUid route) {
        await().atMost(LIMIT).until(() -> primary().equals(route));
        await("the responder follows")
                .atMost(LIMIT)
                .until(() -> pair.bob.sessions().getFirst().routes().getFirst().equals(route));
        assertThat(SessionPair.await(pair.alice.ping(pair.bobKey()))).isInstanceOf(PingAnswer.Answered.class);
        assertThat(atAlice().session()).isEqualTo(connected.session().session());
    }

    private long switches(SwitchReason reason) {
        return pair.alice.counters().switches().get(reason);
    }

    @Test
    void aBrokenRouteIsLeftForTheStandby() {
        RouteUid standby = awaitStandby();

        pair.routes.breakOff(primary());

        awaitUse(standby);
        assertThat(switches(SwitchReason.BROKEN)).isEqualTo(1);
        assertThat(atAlice().routing().lastSwitch()).contains(SwitchReason.BROKEN);
    }

    @Test
    void aRouteThatFallsSilentIsLeftForTheStandby() {
        RouteUid standby = awaitStandby();

        pair.routes.silence(primary());

        awaitUse(standby);
        assertThat(switches(SwitchReason.STALLED)).isEqualTo(1);
    }

    @Test
    void aSessionOutlivesTheClosingOfItsRoute() {
        RouteUid standby = awaitStandby();

        pair.routes.close(primary(), "removed by the control plane");

        awaitUse(standby);
        assertThat(switches(SwitchReason.CLOSED)).isEqualTo(1);
    }

    @Test
    void aNewStandbyIsAskedForAfterTheSwitch() {
        RouteUid first = awaitStandby();
        pair.routes.close(primary(), "removed by the control plane");
        awaitUse(first);

        RouteUid second = awaitStandby();
        pair.routes.breakOff(first);

        awaitUse(second);
    }

    @Test
    void withoutAnyOtherRouteTheSessionWaitsForOne() {
        RouteUid standby = awaitStandby();
        pair.routes.standbys = false;
        pair.routes.close(standby, "removed by the control plane");
        await().atMost(LIMIT).until(() -> atAlice().routing().standby().isEmpty());
        RouteUid lost = primary();

        pair.routes.close(lost, "removed by the control plane");

        await().atMost(LIMIT)
                .until(() -> !atAlice().routes().isEmpty() && !primary().equals(lost));
        awaitUse(primary());
    }

    @Test
    void aRouteThatIsBrokenWithoutAStandbyIsUsedAgainOnceItCarries() {
        RouteUid standby = awaitStandby();
        pair.routes.verdict = Optional.of(new RouteRequests.Answer.Failed(
                RouteRequests.Reason.CONTROL_PLANE_AWAY, java.util.OptionalInt.empty(), "away", List.of()));
        pair.routes.breakOff(standby);
        await().atMost(LIMIT).until(() -> atAlice().routing().standby().isEmpty());
        RouteUid only = primary();

        pair.routes.breakOff(only);
        pair.routes.heal(only);

        assertThat(SessionPair.await(pair.alice.ping(pair.bobKey()))).isInstanceOf(PingAnswer.Answered.class);
        assertThat(primary()).isEqualTo(only);
        pair.routes.heal(standby);
        assertThat(awaitStandby()).isEqualTo(standby);
    }

    @Test
    void aRouteThatCarriesTooLittleIsGivenBack() {
        awaitStandby();
        pair.routes.maxPayload = 4096;
        RouteUid first = atAlice().routing().standby().orElseThrow();
        int asked = pair.routes.standbyRequests.get();

        pair.routes.close(first, "removed by the control plane");

        await().atMost(LIMIT).until(() -> pair.routes.standbyRequests.get() > asked + 1);
        assertThat(atAlice().routing().standby()).isEmpty();
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(pair.routes.closedByRequest).isNotEmpty());
    }

    @Test
    void aSessionThatEndsGivesAllItsRoutesBack() {
        awaitStandby();

        pair.alice.hangUp(pair.bobKey());

        await().atMost(LIMIT).until(() -> pair.routes.open() == 0);
        await().atMost(LIMIT).until(() -> pair.bob.sessions().isEmpty());
    }
}
