package io.skywire.control.setup;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.blame.FaultKind;
import io.skywire.control.blame.RouteFault;
import io.skywire.control.blame.Subject;
import io.skywire.control.setup.SetupEvent.Refusal;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Whom a failed setup blames, and above all whom it does not.
final class AttributionTest {
    private static final SetupLimits LIMITS = new SetupLimits(Duration.ofSeconds(3), Duration.ofSeconds(2), 3, 2);

    private final SplittableRandom random = new SplittableRandom(23);
    private final RoutePlan plan = Ways.plan(random, 0, 1, 2, 3);
    private Instant now = Instant.parse("2026-11-22T12:00:00Z");
    private RouteSetup setup;
    private Optional<RouteFault> fault = Optional.empty();

    @BeforeEach
    void begin() {
        begin(plan, Duration.ofSeconds(10));
    }

    private void begin(RoutePlan found, Duration patience) {
        setup = RouteSetup.begin(Ways.request(0, 3, RouteRequest.Constraints.NONE), now.plus(patience), LIMITS, now)
                .next();
        on(new SetupEvent.Planned(found, Set.of()));
        on(new SetupEvent.Installed(Ways.revisions(found, 1)));
    }

    private void on(SetupEvent event) {
        RouteSetup.Step step = setup.on(event, now);
        setup = step.next();
        step.effects().stream()
                .filter(effect -> effect instanceof SetupEffect.TakeBack)
                .forEach(effect -> fault = ((SetupEffect.TakeBack) effect).fault());
    }

    private void acknowledge(int... nodes) {
        for (int node : nodes) {
            on(new SetupEvent.Acknowledged(Ways.node(node), 1));
        }
    }

    private void pass(Duration time) {
        now = now.plus(time);
        on(new SetupEvent.Tick());
        assertThat(setup.state()).isInstanceOf(SetupState.RollingBack.class);
    }

    private static Subject node(int number) {
        return new Subject.Node(Ways.node(number));
    }

    private Subject transport(int place) {
        return new Subject.Transport(plan.placement().transports().get(place), Ways.node(place), Ways.node(place + 1));
    }

    private void blamed(FaultKind kind, Optional<PublicKey> accuser, Subject... suspects) {
        assertThat(fault).contains(new RouteFault(plan.uid(), accuser, kind, Set.of(suspects)));
    }

    private void blamedForTheInitiator(FaultKind kind, Subject... suspects) {
        blamed(kind, Optional.of(Ways.node(0)), suspects);
    }

    @Test
    void aSilentHopIsBlamedAndNotItsNeighbours() {
        acknowledge(0, 1, 3);
        pass(LIMITS.nodeTimeout());

        blamedForTheInitiator(FaultKind.SILENT, node(2));
    }

    @Test
    void everyHopThatWasSilentIsBlamed() {
        acknowledge(0, 3);
        pass(LIMITS.nodeTimeout());

        blamedForTheInitiator(FaultKind.SILENT, node(1), node(2));
    }

    @Test
    void nobodyIsBlamedWhenAllAreSilentAtOnce() {
        pass(LIMITS.nodeTimeout());

        assertThat(fault).isEmpty();
    }

    @Test
    void anInitiatorWithoutPatienceCannotMakeOthersLookSilent() {
        begin(plan, Duration.ofMillis(50));
        acknowledge(0);
        pass(Duration.ofMillis(50));

        assertThat(fault).isEmpty();
    }

    @Test
    void nobodyIsBlamedForASessionThatWasNotThere() {
        setup = RouteSetup.begin(Ways.request(0, 3, RouteRequest.Constraints.NONE), now.plusSeconds(10), LIMITS, now)
                .next();
        RouteSetup.Step step = setup.on(new SetupEvent.Planned(plan, Set.of(Ways.node(2))), now);

        assertThat(step.effects()).noneMatch(effect -> effect instanceof SetupEffect.TakeBack);
    }

    @Test
    void aHopThatRefusesIsBlamed() {
        on(refused(2, Refusal.OTHER));

        blamedForTheInitiator(FaultKind.REFUSED, node(2));
    }

    @Test
    void aHopThatRefusesTheWholeDeltaIsBlamed() {
        on(new SetupEvent.DeltaRefused(Ways.node(1), 1, "unlisted signer"));

        blamedForTheInitiator(FaultKind.REFUSED, node(1));
    }

    @Test
    void aNumberThatWasTakenIsALesserFault() {
        on(refused(2, Refusal.KEY_TAKEN));

        blamedForTheInitiator(FaultKind.NUMBER_TAKEN, node(2));
    }

    @Test
    void theTransportThatANodeDoesNotHaveIsBlamedAndNotTheNode() {
        TransportId second = plan.placement().transports().get(1);
        RuleKey key = plan.rules().get(Ways.node(2)).stream()
                .map(rule -> rule.key())
                .filter(of -> of instanceof RuleKey.Ingress ingress
                        && ingress.transport().equals(second))
                .findFirst()
                .orElseThrow();
        on(new SetupEvent.RuleRefused(Ways.node(2), plan.uid(), key, Refusal.NO_SUCH_TRANSPORT, "none"));

        blamedForTheInitiator(FaultKind.NO_SUCH_TRANSPORT, transport(1));
    }

    @Test
    void aTransportThatGoesDownIsBlamedAndNobodyAccusedIt() {
        on(new SetupEvent.TransportLost(plan.placement().transports().get(1)));

        blamed(FaultKind.TRANSPORT_LOST, Optional.empty(), transport(1));
    }

    @Test
    void anUnansweredProbeIsSharedByTheTransportsAndBlamesNoNode() {
        acknowledge(0, 1, 2, 3);
        on(new SetupEvent.ProbeUnanswered(plan.uid(), "no reply"));

        blamedForTheInitiator(FaultKind.PROBE_UNANSWERED, transport(0), transport(1), transport(2));
    }

    @Test
    void aProbeOfWhichNothingIsHeardCountsLikeAnUnansweredOne() {
        acknowledge(0, 1, 2, 3);
        pass(LIMITS.probeTimeout());

        blamedForTheInitiator(FaultKind.PROBE_UNANSWERED, transport(0), transport(1), transport(2));
    }

    @Test
    void aProbeThatHadNoTimeBlamesNothing() {
        begin(plan, Duration.ofMillis(50));
        acknowledge(0, 1, 2, 3);
        pass(Duration.ofMillis(50));

        assertThat(fault).isEmpty();
    }

    @Test
    void aProbeThatWasGivenUpBeforeAllRulesWereThereBlamesNothing() {
        on(new SetupEvent.ProbeUnanswered(plan.uid(), "no reply"));
        acknowledge(0, 1, 2, 3);

        assertThat(setup.state()).isInstanceOf(SetupState.RollingBack.class);
        assertThat(fault).isEmpty();
    }

    @Test
    void betweenNeighboursAnUnansweredProbeBlamesNothing() {
        RoutePlan direct = Ways.plan(random, 0, 3);
        begin(direct, Duration.ofSeconds(10));
        acknowledge(0, 3);
        on(new SetupEvent.ProbeUnanswered(direct.uid(), "no reply"));

        assertThat(setup.state()).isInstanceOf(SetupState.RollingBack.class);
        assertThat(fault).isEmpty();
    }

    @Test
    void anEndThatClosesIsNotAtFault() {
        on(new SetupEvent.CloseAsked(Ways.node(3), plan.uid(), "no"));

        assertThat(setup.state()).isInstanceOf(SetupState.RollingBack.class);
        assertThat(fault).isEmpty();
    }

    @Test
    void nobodyIsBlamedForTheControlPlanesOwnFailure() {
        acknowledge(0, 1, 2, 3);
        on(new SetupEvent.Probed(plan.uid()));
        on(new SetupEvent.WriteFailed("connection lost"));

        assertThat(setup.state()).isInstanceOf(SetupState.RollingBack.class);
        assertThat(fault).isEmpty();
    }

    private SetupEvent refused(int node, Refusal refusal) {
        RuleKey key = plan.rules().get(Ways.node(node)).getFirst().key();
        return new SetupEvent.RuleRefused(Ways.node(node), plan.uid(), key, refusal, "in its own words");
    }
}
