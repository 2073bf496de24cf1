package io.skywire.control.setup;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.blame.FaultKind;
import io.skywire.control.setup.SetupEvent.Refusal;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The table of `docs/protocol/route-setup.md`, line by line.
final class RouteSetupTest {
    private static final SetupLimits LIMITS = new SetupLimits(Duration.ofSeconds(3), Duration.ofSeconds(2), 3, 2);
    private static final SetupEvent NOTHING_ELSE =
            new SetupEvent.NoPlan(SetupFailure.everywhere(FailureReason.NO_ROUTE, "nothing else"));

    private final SplittableRandom random = new SplittableRandom(11);
    private final RoutePlan plan = Ways.plan(random, 0, 1, 2, 3);
    private final RoutePlan other = Ways.plan(random, 0, 4, 5, 3);
    private Instant now = Instant.parse("2026-11-22T12:00:00Z");
    private RouteSetup setup;
    private List<SetupEffect> effects = List.of();

    private void begin(RouteRequest.Wish wish) {
        RouteSetup.Step step = RouteSetup.begin(Ways.request(0, 3, wish), now.plusSeconds(10), LIMITS, now);
        setup = step.next();
        effects = step.effects();
    }

    private void on(SetupEvent event) {
        RouteSetup.Step step = setup.on(event, now);
        setup = step.next();
        effects = step.effects();
    }

    private void pass(Duration time) {
        now = now.plus(time);
        on(new SetupEvent.Tick());
    }

    private void planned(RoutePlan found) {
        on(new SetupEvent.Planned(found, Set.of()));
    }

    private void install(RoutePlan found, long revision) {
        planned(found);
        on(new SetupEvent.Installed(Ways.revisions(found, revision)));
    }

    private void installing() {
        begin(RouteRequest.Constraints.NONE);
        install(plan, 1);
    }

    private void acknowledge(RoutePlan found, long revision, int... nodes) {
        for (int node : nodes) {
            on(new SetupEvent.Acknowledged(Ways.node(node), revision));
        }
    }

    private void probing() {
        installing();
        acknowledge(plan, 1, 0, 1, 2, 3);
    }

    private void is(RouteState state) {
        assertThat(setup.state().name()).isEqualTo(state);
    }

    private SetupFailure rollingBack(RoutePlan from, FailureReason reason) {
        is(RouteState.ROLLING_BACK);
        assertThat(effects).singleElement().isInstanceOfSatisfying(SetupEffect.TakeBack.class, takeBack -> {
            assertThat(takeBack.placement()).isEqualTo(from.placement());
            assertThat(takeBack.state()).isEqualTo(RouteState.ROLLING_BACK);
        });
        SetupFailure failure = ((SetupState.RollingBack) setup.state()).failure();
        assertThat(failure.reason()).isEqualTo(reason);
        return failure;
    }

    private SetupFailure concluded(FailureReason reason) {
        is(RouteState.FAILED);
        SetupEffect.Conclude conclude = (SetupEffect.Conclude) effects.getFirst();
        assertThat(conclude.failure().reason()).isEqualTo(reason);
        return conclude.failure();
    }

    private SetupEffect.Find searchingAgain() {
        is(RouteState.REQUESTED);
        return (SetupEffect.Find) effects.getFirst();
    }

    // --- REQUESTED

    @Test
    void searchesAtOnce() {
        begin(RouteRequest.Constraints.NONE);

        is(RouteState.REQUESTED);
        assertThat(effects).containsExactly(new SetupEffect.Find(Set.of(), Set.of()));
    }

    @Test
    void writesAPlanWhoseNodesAreAllThere() {
        begin(RouteRequest.Constraints.NONE);
        planned(plan);

        is(RouteState.PLANNED);
        assertThat(effects).containsExactly(new SetupEffect.Install(plan, 1));
    }

    @Test
    void failsWithoutAPlanAndHasNothingToTakeBack() {
        begin(RouteRequest.Constraints.NONE);
        on(new SetupEvent.NoPlan(SetupFailure.everywhere(FailureReason.NO_SUCH_NODE, "never seen")));

        assertThat(concluded(FailureReason.NO_SUCH_NODE).told()).isEqualTo("never seen");
    }

    @Test
    void writesNothingForAPlanWithAnAbsentNodeAndLooksForOneWithoutIt() {
        begin(RouteRequest.Constraints.NONE);
        on(new SetupEvent.Planned(plan, Set.of(Ways.node(2))));

        assertThat(searchingAgain().avoidNodes()).containsExactly(Ways.node(2));
    }

    @Test
    void givesUpAtOnceIfAnEndIsAbsent() {
        begin(RouteRequest.Constraints.NONE);
        on(new SetupEvent.Planned(plan, Set.of(Ways.node(3), Ways.node(2))));

        assertThat(concluded(FailureReason.SILENT).hop()).isEqualTo(OptionalInt.of(2));
    }

    @Test
    void namesTheFailureOfTheLastPlanIfThereIsNoFurtherOne() {
        installing();
        on(refused(Ways.node(2), Refusal.OTHER));
        on(new SetupEvent.TakenBack());
        on(NOTHING_ELSE);

        concluded(FailureReason.REFUSED);
    }

    // --- PLANNED

    @Test
    void waitsForEveryNodeOnceTheRulesAreWritten() {
        installing();

        is(RouteState.INSTALLING);
        assertThat(effects).isEmpty();
        assertThat(setup.wakeAt()).contains(now.plus(LIMITS.nodeTimeout()));
    }

    @Test
    void drawsOtherNumbersIfTheLedgerHasOne() {
        begin(RouteRequest.Constraints.NONE);
        planned(plan);
        on(new SetupEvent.NumberTaken());

        is(RouteState.REQUESTED);
        assertThat(effects).containsExactly(new SetupEffect.Renumber(plan.way()));
    }

    @Test
    void takesBackWhatMayHaveBeenWritten() {
        begin(RouteRequest.Constraints.NONE);
        planned(plan);
        on(new SetupEvent.WriteFailed("connection lost"));

        rollingBack(plan, FailureReason.UNAVAILABLE);
        on(new SetupEvent.TakenBack());
        assertThat(concluded(FailureReason.UNAVAILABLE).told()).doesNotContain("connection lost");
    }

    // --- INSTALLING

    @Test
    void probesWhenTheLastNodeHasAcknowledged() {
        installing();
        acknowledge(plan, 1, 3, 1, 0);
        is(RouteState.INSTALLING);

        now = now.plusSeconds(1);
        acknowledge(plan, 1, 2);

        is(RouteState.PROBING);
        assertThat(setup.wakeAt()).contains(now.plus(LIMITS.probeTimeout()));
    }

    @Test
    void takesALaterRevisionForAnAcknowledgementAndAnEarlierForNone() {
        begin(RouteRequest.Constraints.NONE);
        install(plan, 7);
        acknowledge(plan, 6, 0, 1, 2, 3);
        is(RouteState.INSTALLING);

        acknowledge(plan, 9, 0, 1, 2, 3);

        is(RouteState.PROBING);
    }

    @Test
    void isActiveOnlyAfterAllAcknowledgementsAlsoIfTheProbeWasFaster() {
        installing();
        on(new SetupEvent.Probed(plan.uid()));
        acknowledge(plan, 1, 0, 1, 3);
        is(RouteState.INSTALLING);

        acknowledge(plan, 1, 2);

        is(RouteState.ACTIVE);
        assertThat(effects).singleElement().isInstanceOf(SetupEffect.Activate.class);
    }

    @Test
    void blamesTheNodeThatIsSilentNotTheProbeThatCouldNotPass() {
        installing();
        on(new SetupEvent.ProbeUnanswered(plan.uid(), "gave up"));
        acknowledge(plan, 1, 0, 1, 3);
        pass(LIMITS.nodeTimeout());

        assertThat(rollingBack(plan, FailureReason.SILENT).hop()).isEqualTo(OptionalInt.of(2));
    }

    @Test
    void failsByTheProbeIfAllAgreeAfterItWasGivenUp() {
        installing();
        on(new SetupEvent.ProbeUnanswered(plan.uid(), "gave up"));
        acknowledge(plan, 1, 0, 1, 2, 3);

        rollingBack(plan, FailureReason.PROBE_UNANSWERED);
    }

    // --- INSTALLING, with usual times

    private static final Duration USUAL = Duration.ofMillis(250);

    private void installingUsually(RoutePlan found, long revision) {
        planned(found);
        on(new SetupEvent.Installed(
                Ways.revisions(found, revision),
                Map.of(Ways.node(0), USUAL, Ways.node(1), USUAL, Ways.node(2), USUAL, Ways.node(3), USUAL)));
    }

    private SetupEffect.TakeBack slow() {
        begin(RouteRequest.Constraints.NONE);
        installingUsually(plan, 1);
        acknowledge(plan, 1, 0, 1, 3);
        pass(USUAL);
        is(RouteState.ROLLING_BACK);
        return (SetupEffect.TakeBack) effects.getFirst();
    }

    @Test
    void goesAroundANodeThatIsSlowerThanUsualAndBlamesItOnlyIfItStaysSilent() {
        Instant began = now;
        SetupEffect.TakeBack takeBack = slow();

        assertThat(takeBack.fault()).as("nobody is at fault so far").isEmpty();
        Suspicion suspicion = takeBack.suspicion().orElseThrow();
        assertThat(suspicion.awaited()).containsExactly(Map.entry(Ways.node(2), 1L));
        assertThat(suspicion.by()).as("not before the whole time is over").isEqualTo(began.plus(LIMITS.nodeTimeout()));
        assertThat(suspicion.fault().kind()).isEqualTo(FaultKind.SILENT);
        on(new SetupEvent.TakenBack());
        assertThat(searchingAgain().avoidNodes()).containsExactly(Ways.node(2));
    }

    @Test
    void waitsTheWholeTimeForASlowNodeThatThereIsNoWayAround() {
        slow();
        on(new SetupEvent.TakenBack());
        on(new SetupEvent.NoPlan(SetupFailure.everywhere(FailureReason.NO_ROUTE, "nothing else")));
        assertThat(searchingAgain().avoidNodes()).isEmpty();

        installingUsually(plan, 3);
        acknowledge(plan, 3, 0, 1, 3);
        pass(USUAL);
        is(RouteState.INSTALLING);
        assertThat(setup.wakeAt()).contains(now.minus(USUAL).plus(LIMITS.nodeTimeout()));
        acknowledge(plan, 3, 2);
        is(RouteState.PROBING);
    }

    @Test
    void whatWasLeftInHasteDoesNotCountAsAPlanThatWasTried() {
        slow();
        on(new SetupEvent.TakenBack());
        for (int whole = 1; whole <= LIMITS.plans(); whole++) {
            RoutePlan next = Ways.plan(random, 0, 3);
            install(next, 1 + whole);
            pass(LIMITS.nodeTimeout());
            rollingBack(next, FailureReason.SILENT);
            on(new SetupEvent.TakenBack());
        }
        concluded(FailureReason.SILENT);
    }

    @Test
    void countsNoUsualTimeWhileNobodyHasAcknowledged() {
        begin(RouteRequest.Constraints.NONE);
        installingUsually(plan, 1);
        assertThat(setup.wakeAt()).contains(now.plus(LIMITS.nodeTimeout()));

        pass(USUAL.multipliedBy(2));

        is(RouteState.INSTALLING);
        acknowledge(plan, 1, 1);
        assertThat(setup.wakeAt().orElseThrow()).isBeforeOrEqualTo(now);
    }

    @Test
    void givesTheEndsTheirWholeTime() {
        begin(RouteRequest.Constraints.NONE);
        installingUsually(plan, 1);
        acknowledge(plan, 1, 0, 1, 2);
        pass(USUAL);
        is(RouteState.INSTALLING);
    }

    @Test
    void givesEverybodyTheWholeTimeWhereNoOtherPlanCanFollow() {
        begin(new RouteRequest.ExplicitPath(List.of(Ways.node(1), Ways.node(2))));
        installingUsually(plan, 1);
        acknowledge(plan, 1, 0, 1, 3);
        pass(USUAL);
        is(RouteState.INSTALLING);
    }

    @Test
    void suspectsNobodyInARequestThatEndsBeforeTheWholeTime() {
        RouteSetup.Step step =
                RouteSetup.begin(Ways.request(0, 3, RouteRequest.Constraints.NONE), now.plusSeconds(1), LIMITS, now);
        setup = step.next();
        installingUsually(plan, 1);
        acknowledge(plan, 1, 0, 1, 3);
        pass(USUAL);

        assertThat(((SetupEffect.TakeBack) effects.getFirst()).suspicion()).isEmpty();
    }

    @Test
    void avoidsASilentNodeInTheNextPlan() {
        installing();
        acknowledge(plan, 1, 0, 2);
        pass(LIMITS.nodeTimeout());

        assertThat(rollingBack(plan, FailureReason.SILENT).hop()).isEqualTo(OptionalInt.of(1));
        on(new SetupEvent.TakenBack());
        assertThat(searchingAgain().avoidNodes()).containsExactly(Ways.node(1));
    }

    /// The relay that no way leads around says nothing in its whole time.
    private void loneRelayIsSilent(RoutePlan over, long revision) {
        acknowledge(over, revision, 0, 1, 3);
        pass(LIMITS.nodeTimeout());
        assertThat(rollingBack(over, FailureReason.SILENT).hop()).isEqualTo(OptionalInt.of(2));
    }

    @Test
    void asksASilentNodeThatThereIsNoWayAroundAgainOnceItsRulesAreTakenBack() {
        installing();
        loneRelayIsSilent(plan, 1);
        on(new SetupEvent.TakenBack());
        assertThat(searchingAgain().avoidNodes()).containsExactly(Ways.node(2));
        on(NOTHING_ELSE);

        assertThat(searchingAgain().avoidNodes()).isEmpty();
        RoutePlan again = Ways.plan(random, 0, 1, 2, 3);
        install(again, 2);
        assertThat(setup.tries().plans()).isEqualTo(2);
        acknowledge(again, 2, 0, 1, 2, 3);
        is(RouteState.PROBING);
        on(new SetupEvent.Probed(again.uid()));
        is(RouteState.ACTIVE);
    }

    @Test
    void hurriesNobodyOnTheOnlyWayThatThereIs() {
        installing();
        loneRelayIsSilent(plan, 1);
        on(new SetupEvent.TakenBack());
        on(NOTHING_ELSE);

        RoutePlan again = Ways.plan(random, 0, 1, 2, 3);
        installingUsually(again, 2);
        acknowledge(again, 2, 0, 1, 3);
        pass(USUAL);

        is(RouteState.INSTALLING);
    }

    @Test
    void failsWithTheSilenceOfALoneNodeAfterAllPlans() {
        installing();
        RoutePlan over = plan;
        for (int tried = 1; tried < LIMITS.plans(); tried++) {
            loneRelayIsSilent(over, tried);
            on(new SetupEvent.TakenBack());
            on(NOTHING_ELSE);
            over = Ways.plan(random, 0, 1, 2, 3);
            install(over, tried + 1);
        }
        loneRelayIsSilent(over, LIMITS.plans());
        on(new SetupEvent.TakenBack());

        assertThat(concluded(FailureReason.SILENT).hop()).isEqualTo(OptionalInt.of(2));
    }

    @Test
    void doesNotAskASilentNodeAgainWhenTheRequestHasNoTimeLeft() {
        installing();
        loneRelayIsSilent(plan, 1);
        on(new SetupEvent.TakenBack());
        now = now.plusSeconds(10);
        on(NOTHING_ELSE);

        concluded(FailureReason.SILENT);
    }

    @Test
    void goesOverASlowNodeBeforeItAsksASilentOneAgain() {
        slow();
        on(new SetupEvent.TakenBack());
        RoutePlan next = Ways.plan(random, 0, 4, 5, 3);
        install(next, 2);
        acknowledge(next, 2, 0, 5, 3);
        pass(LIMITS.nodeTimeout());
        on(new SetupEvent.TakenBack());
        assertThat(searchingAgain().avoidNodes()).containsExactlyInAnyOrder(Ways.node(2), Ways.node(4));

        on(NOTHING_ELSE);
        assertThat(searchingAgain().avoidNodes()).containsExactly(Ways.node(4));
        on(NOTHING_ELSE);
        assertThat(searchingAgain().avoidNodes()).isEmpty();
    }

    @Test
    void asksANodeThatRefusedNoMoreAlsoIfThereIsNoWayAroundASilentOne() {
        installing();
        on(refused(Ways.node(1), Refusal.OTHER));
        on(new SetupEvent.TakenBack());
        install(other, 2);
        acknowledge(other, 2, 0, 5, 3);
        pass(LIMITS.nodeTimeout());
        on(new SetupEvent.TakenBack());
        on(NOTHING_ELSE);

        assertThat(searchingAgain().avoidNodes()).containsExactly(Ways.node(1));
    }

    @Test
    void aNodeThatMovesToAnotherReplicaHasItsWholeTimeAgain() {
        installing();
        acknowledge(plan, 1, 0, 1, 3);
        pass(LIMITS.nodeTimeout().dividedBy(2));
        on(new SetupEvent.Moving(Ways.node(2)));

        pass(LIMITS.nodeTimeout().dividedBy(2));
        is(RouteState.INSTALLING);
        acknowledge(plan, 1, 2);
        is(RouteState.PROBING);
    }

    @Test
    void aNodeThatMovesAgainAndAgainIsWaitedForNoLongerThanTwiceItsTime() {
        installing();
        acknowledge(plan, 1, 0, 1, 3);
        for (int quarter = 1; quarter < 8; quarter++) {
            on(new SetupEvent.Moving(Ways.node(2)));
            pass(LIMITS.nodeTimeout().dividedBy(4));
            is(RouteState.INSTALLING);
        }
        on(new SetupEvent.Moving(Ways.node(2)));

        pass(LIMITS.nodeTimeout().dividedBy(4));

        assertThat(rollingBack(plan, FailureReason.SILENT).hop()).isEqualTo(OptionalInt.of(2));
    }

    @Test
    void aMoveOfANodeThatHasAcknowledgedChangesNothing() {
        installing();
        acknowledge(plan, 1, 0, 1, 2);
        on(new SetupEvent.Moving(Ways.node(2)));

        pass(LIMITS.nodeTimeout());

        assertThat(rollingBack(plan, FailureReason.SILENT).hop()).isEqualTo(OptionalInt.of(3));
    }

    @Test
    void asksASilentEndAgainAndAvoidsNobody() {
        installing();
        acknowledge(plan, 1, 0, 1, 2);
        pass(LIMITS.nodeTimeout());

        assertThat(rollingBack(plan, FailureReason.SILENT).hop()).isEqualTo(OptionalInt.of(3));
        on(new SetupEvent.TakenBack());
        assertThat(searchingAgain().avoidNodes()).isEmpty();
    }

    @Test
    void givesASilentEndUpAfterAllPlans() {
        installing();
        for (int tried = 1; tried <= LIMITS.plans(); tried++) {
            acknowledge(plan, 1, 0, 1, 2);
            pass(LIMITS.nodeTimeout());
            rollingBack(plan, FailureReason.SILENT);
            on(new SetupEvent.TakenBack());
            if (tried < LIMITS.plans()) {
                install(plan, 1);
            }
        }

        assertThat(concluded(FailureReason.SILENT).hop()).isEqualTo(OptionalInt.of(3));
    }

    @Test
    void doesNotTickBeforeItsTime() {
        installing();
        pass(LIMITS.nodeTimeout().minusMillis(1));

        is(RouteState.INSTALLING);
    }

    @Test
    void neverWaitsBeyondTheDeadline() {
        begin(RouteRequest.Constraints.NONE);
        now = now.plusSeconds(9);
        install(plan, 1);

        assertThat(setup.wakeAt()).contains(setup.deadline());
        pass(Duration.ofSeconds(1));
        rollingBack(plan, FailureReason.SILENT);
        on(new SetupEvent.TakenBack());
        concluded(FailureReason.SILENT);
    }

    private SetupEvent refused(PublicKey node, Refusal refusal) {
        RuleKey key = plan.rules().get(node).getFirst().key();
        return new SetupEvent.RuleRefused(node, plan.uid(), key, refusal, "in its own words");
    }

    @Test
    void drawsOtherNumbersIfANodeHasOne() {
        installing();
        on(refused(Ways.node(1), Refusal.KEY_TAKEN));

        rollingBack(plan, FailureReason.REFUSED);
        on(new SetupEvent.TakenBack());
        assertThat(effects).containsExactly(new SetupEffect.Renumber(plan.way()));
        RoutePlan renumbered = Ways.plan(random, 0, 1, 2, 3);
        planned(renumbered);
        assertThat(effects).containsExactly(new SetupEffect.Install(renumbered, 1));
    }

    @Test
    void drawsOtherNumbersOnlySoOften() {
        installing();
        for (int i = 0; i < LIMITS.renumberings(); i++) {
            on(refused(Ways.node(1), Refusal.KEY_TAKEN));
            on(new SetupEvent.TakenBack());
            install(plan, 1);
        }
        on(refused(Ways.node(1), Refusal.KEY_TAKEN));
        on(new SetupEvent.TakenBack());

        assertThat(concluded(FailureReason.REFUSED).hop()).isEqualTo(OptionalInt.of(1));
    }

    @Test
    void avoidsTheTransportThatANodeDoesNotHave() {
        installing();
        on(refused(Ways.node(3), Refusal.NO_SUCH_TRANSPORT));
        on(new SetupEvent.TakenBack());

        TransportId last = plan.placement().transports().getLast();
        assertThat(searchingAgain().avoidTransports()).containsExactly(last);
    }

    @Test
    void avoidsANodeThatRefuses() {
        installing();
        on(refused(Ways.node(2), Refusal.OTHER));

        assertThat(rollingBack(plan, FailureReason.REFUSED).hop()).isEqualTo(OptionalInt.of(2));
        on(new SetupEvent.TakenBack());
        assertThat(searchingAgain().avoidNodes()).containsExactly(Ways.node(2));
    }

    @Test
    void avoidsANodeThatRefusesTheWholeDelta() {
        installing();
        on(new SetupEvent.DeltaRefused(Ways.node(2), 1, "unlisted signer"));

        rollingBack(plan, FailureReason.REFUSED);
    }

    @Test
    void doesNotMindARefusalOfAnEarlierDelta() {
        begin(RouteRequest.Constraints.NONE);
        install(plan, 5);
        on(new SetupEvent.DeltaRefused(Ways.node(2), 4, "unlisted signer"));

        is(RouteState.INSTALLING);
    }

    @Test
    void hidesWhoAHopIsFromWhoDidNotNameIt() {
        installing();
        on(refused(Ways.node(2), Refusal.OTHER));

        SetupFailure failure = ((SetupState.RollingBack) setup.state()).failure();
        assertThat(failure.told())
                .contains("hop 2")
                .doesNotContain(Ways.node(2).hex())
                .doesNotContain("own words");
        assertThat(failure.recorded()).contains(Ways.node(2).hex()).contains("own words");
    }

    // --- an explicit path

    @Test
    void triesAnExplicitPathOnceAndSaysWhoRefused() {
        begin(new RouteRequest.ExplicitPath(List.of(Ways.node(1), Ways.node(2))));
        install(plan, 1);
        on(refused(Ways.node(2), Refusal.OTHER));
        on(new SetupEvent.TakenBack());

        assertThat(concluded(FailureReason.REFUSED).told())
                .contains(Ways.node(2).hex());
    }

    // --- INSTALLING and PROBING

    @Test
    void rollsBackWhenATransportOfThePlanGoesDown() {
        TransportId middle = plan.placement().transports().get(1);
        for (Runnable state : List.<Runnable>of(this::installing, this::probing)) {
            state.run();
            on(new SetupEvent.TransportLost(other.placement().transports().getFirst()));
            assertThat(effects).isEmpty();
            on(new SetupEvent.TransportLost(middle));

            assertThat(rollingBack(plan, FailureReason.NO_ROUTE).hop()).isEqualTo(OptionalInt.of(1));
            on(new SetupEvent.TakenBack());
            assertThat(searchingAgain().avoidTransports()).containsExactly(middle);
        }
    }

    @Test
    void rollsBackWhenAnEndClosesTheRoute() {
        for (Runnable state : List.<Runnable>of(this::installing, this::probing)) {
            state.run();
            on(new SetupEvent.CloseAsked(Ways.node(1), plan.uid(), "not mine"));
            assertThat(effects).isEmpty();
            on(new SetupEvent.CloseAsked(Ways.node(3), plan.uid(), "no"));

            rollingBack(plan, FailureReason.REFUSED);
            on(new SetupEvent.TakenBack());
            concluded(FailureReason.REFUSED);
        }
    }

    @Test
    void rollsBackWhenARuleExpires() {
        probing();
        on(new SetupEvent.RuleExpired(Ways.node(1), plan.uid()));

        rollingBack(plan, FailureReason.REFUSED);
    }

    // --- PROBING

    @Test
    void writesThatItIsActiveBeforeItAnswers() {
        probing();
        on(new SetupEvent.Probed(plan.uid()));
        is(RouteState.ACTIVE);
        assertThat(effects).singleElement().isInstanceOf(SetupEffect.Activate.class);

        on(new SetupEvent.Activated());

        assertThat(effects)
                .singleElement()
                .isInstanceOfSatisfying(
                        SetupEffect.Answer.class,
                        answer -> assertThat(answer.outcome())
                                .isInstanceOfSatisfying(SetupOutcome.Established.class, done -> {
                                    assertThat(done.route()).isEqualTo(plan.uid());
                                    assertThat(done.hops()).isEqualTo(3);
                                    assertThat(done.plans()).isEqualTo(1);
                                }));
    }

    @Test
    void believesNoProbeOfAnotherPlan() {
        probing();
        on(new SetupEvent.Probed(other.uid()));
        on(new SetupEvent.ProbeUnanswered(other.uid(), "old"));

        is(RouteState.PROBING);
    }

    @Test
    void triesAWayWithoutTheSameNodesIfNoDataComesThrough() {
        probing();
        pass(LIMITS.probeTimeout());

        assertThat(rollingBack(plan, FailureReason.PROBE_UNANSWERED).hop()).isEmpty();
        on(new SetupEvent.TakenBack());
        assertThat(searchingAgain().avoidNodes()).containsExactlyInAnyOrder(Ways.node(1), Ways.node(2));
        install(other, 2);
        acknowledge(other, 2, 0, 4, 5, 3);
        on(new SetupEvent.ProbeUnanswered(other.uid(), "no"));
        rollingBack(other, FailureReason.PROBE_UNANSWERED);
    }

    @Test
    void avoidsTheTransportItselfIfNoDataComesThroughBetweenNeighbours() {
        RoutePlan direct = Ways.plan(random, 0, 3);
        begin(RouteRequest.Constraints.NONE);
        install(direct, 1);
        acknowledge(direct, 1, 0, 3);
        pass(LIMITS.probeTimeout());
        on(new SetupEvent.TakenBack());

        assertThat(searchingAgain().avoidTransports())
                .containsExactlyElementsOf(direct.placement().transports());
    }

    @Test
    void triesOnlySoManyPlans() {
        begin(RouteRequest.Constraints.NONE);
        List<RoutePlan> plans = new ArrayList<>();
        for (int i = 0; i < LIMITS.plans(); i++) {
            is(RouteState.REQUESTED);
            plans.add(Ways.plan(random, 0, 1, 2, 3));
            install(plans.getLast(), i + 1);
            on(new SetupEvent.DeltaRefused(Ways.node(1), i + 1, "no"));
            rollingBack(plans.getLast(), FailureReason.REFUSED);
            on(new SetupEvent.TakenBack());
        }

        concluded(FailureReason.REFUSED);
    }

    // --- ACTIVE, ROLLING_BACK and the end

    @Test
    void takesBackARouteThatCouldNotBeWrittenAsActive() {
        probing();
        on(new SetupEvent.Probed(plan.uid()));
        on(new SetupEvent.WriteFailed("connection lost"));

        rollingBack(plan, FailureReason.UNAVAILABLE);
    }

    @Test
    void answersButWritesNoEndIfTheRemovalsCouldNotBeWritten() {
        installing();
        pass(LIMITS.nodeTimeout());
        on(new SetupEvent.WriteFailed("connection lost"));

        is(RouteState.FAILED);
        assertThat(effects)
                .singleElement()
                .isInstanceOfSatisfying(
                        SetupEffect.Answer.class,
                        answer -> assertThat(answer.outcome())
                                .isInstanceOfSatisfying(
                                        SetupOutcome.Failed.class,
                                        failed -> assertThat(failed.reason()).isEqualTo(FailureReason.UNAVAILABLE)));
    }

    @Test
    void hearsNothingMoreOnceItHasFailed() {
        begin(RouteRequest.Constraints.NONE);
        on(new SetupEvent.NoPlan(SetupFailure.everywhere(FailureReason.NO_ROUTE, "none")));
        planned(plan);
        on(new SetupEvent.Probed(plan.uid()));
        pass(Duration.ofHours(1));

        is(RouteState.FAILED);
        assertThat(effects).isEmpty();
    }

    @Test
    void booksTheTimeOfEachPhase() {
        begin(RouteRequest.Constraints.NONE);
        now = now.plusMillis(1);
        planned(plan);
        now = now.plusMillis(20);
        on(new SetupEvent.Installed(Ways.revisions(plan, 1)));
        now = now.plusMillis(300);
        acknowledge(plan, 1, 0, 1, 2, 3);
        now = now.plusMillis(1400);
        on(new SetupEvent.Probed(plan.uid()));
        now = now.plusMillis(5);
        on(new SetupEvent.Activated());

        assertThat(setup.times())
                .isEqualTo(new SetupTimes(
                        Duration.ofMillis(1), Duration.ofMillis(25), Duration.ofMillis(300), Duration.ofMillis(1400)));
    }

    // --- after the answer

    @Test
    void anActiveRouteEndsByItsEndsItsTransportsAndItsRules() {
        ActiveRoute route = new ActiveRoute(plan.placement());
        RouteUid uid = plan.uid();

        assertThat(route.closedBy(new SetupEvent.CloseAsked(Ways.node(0), uid, "done")))
                .isPresent();
        assertThat(route.closedBy(new SetupEvent.CloseAsked(Ways.node(3), uid, "done")))
                .isPresent();
        assertThat(route.closedBy(new SetupEvent.CloseAsked(Ways.node(1), uid, "done")))
                .isEmpty();
        assertThat(route.closedBy(new SetupEvent.CloseAsked(Ways.node(0), other.uid(), "done")))
                .isEmpty();
        assertThat(route.closedBy(new SetupEvent.RuleExpired(Ways.node(1), uid)))
                .isPresent();
        assertThat(route.closedBy(new SetupEvent.RuleExpired(Ways.node(6), uid)))
                .isEmpty();
        assertThat(route.closedBy(new SetupEvent.TransportLost(
                        plan.placement().transports().get(1))))
                .isPresent();
        assertThat(route.closedBy(new SetupEvent.TransportLost(
                        other.placement().transports().get(1))))
                .isEmpty();
    }
}
