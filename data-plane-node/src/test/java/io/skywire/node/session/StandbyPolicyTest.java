package io.skywire.node.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.node.session.StandbyPolicy.Step;
import io.skywire.shared.rule.RouteUid;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The table of [StandbyPolicy], with time in hand.
class StandbyPolicyTest {
    private static final Duration STEP = Duration.ofMillis(5);

    private final Random random = new Random(31);
    private final RouteUid first = RouteUid.random(random);
    private final RouteUid second = RouteUid.random(random);
    private final RouteUid third = RouteUid.random(random);
    private final Map<RouteUid, Long> heard = new HashMap<>();
    private final Map<RouteUid, Duration> roundTrips = new HashMap<>();
    private final Map<Long, Runnable> underWay = new HashMap<>();
    private final List<Step> seen = new ArrayList<>();
    private final List<Long> switchedAt = new ArrayList<>();
    private long sent;
    private long now = 5_000_000_000L;
    private RouteUid inUse = first;
    private boolean flowing;
    private final StandbyPolicy policy = new StandbyPolicy(
            first,
            new StandbyPolicy.Traffic() {
                @Override
                public long sent() {
                    return sent;
                }

                @Override
                public long heard(RouteUid route) {
                    return heard.getOrDefault(route, 0L);
                }
            },
            random,
            now);

    StandbyPolicyTest() {
        roundTrips.put(first, Duration.ofMillis(5));
        roundTrips.put(second, Duration.ofMillis(5));
        roundTrips.put(third, Duration.ofMillis(5));
    }

    /// Routes in `roundTrips` answer their probes after so long, and carry the traffic; others are silent.
    private void pass(Duration time) {
        long end = now + time.toNanos();
        long nextTick = now;
        while (now < end) {
            now += STEP.toNanos();
            long due = now;
            List<Long> arrived =
                    underWay.keySet().stream().filter(at -> at <= due).sorted().toList();
            arrived.forEach(at -> underWay.remove(at).run());
            if (flowing && roundTrips.containsKey(inUse)) {
                sent++;
                heard.merge(inUse, 1L, Long::sum);
            } else if (flowing) {
                sent++;
            }
            if (now >= nextTick) {
                policy.tick(now);
                nextTick = now + policy.untilTick(now).toNanos();
            }
            act();
        }
    }

    private void act() {
        for (Step step : policy.steps()) {
            seen.add(step);
            switch (step) {
                case Step.Probe probe -> {
                    Duration roundTrip = roundTrips.get(probe.route());
                    if (roundTrip != null) {
                        underWay.merge(
                                now + roundTrip.toNanos(),
                                () -> policy.replied(probe.route(), probe.number(), now),
                                (one, other) -> () -> {
                                    one.run();
                                    other.run();
                                });
                    }
                }
                case Step.Use use -> {
                    inUse = use.route();
                    switchedAt.add(now);
                }
                case Step.Ask ask -> {}
                case Step.GiveBack giveBack -> {}
                case Step.End end -> {}
            }
        }
    }

    private List<Step.Ask> asks() {
        return seen.stream()
                .filter(Step.Ask.class::isInstance)
                .map(Step.Ask.class::cast)
                .toList();
    }

    private List<Step.Use> uses() {
        return seen.stream()
                .filter(Step.Use.class::isInstance)
                .map(Step.Use.class::cast)
                .toList();
    }

    private void pairUp() {
        pass(Duration.ofSeconds(2));
        assertThat(asks()).containsExactly(new Step.Ask(Optional.of(first)));
        policy.joined(second, now);
        act();
        pass(Duration.ofSeconds(3));
        assertThat(policy.standby(now)).contains(second);
        seen.clear();
    }

    @Test
    void tellsForHowLongNothingHadComeWhenTrafficLeftAFailedRoute() {
        pairUp();
        flowing = true;
        pass(Duration.ofSeconds(1));
        roundTrips.remove(first);
        pass(Duration.ofMillis(40));
        policy.broken(first, now);
        act();

        assertThat(inUse).isEqualTo(second);
        assertThat(policy.silence())
                .hasValueSatisfying(
                        silence -> assertThat(silence).isBetween(Duration.ofMillis(20), Duration.ofMillis(100)));
    }

    @Test
    void tellsOfNoSilenceWhereNobodyNoticedTheFailure() {
        pairUp();
        pass(Duration.ofSeconds(5));
        policy.broken(first, now);
        act();

        assertThat(inUse).isEqualTo(second);
        assertThat(policy.silence()).isEmpty();
    }

    @Test
    void asksForADisjointRouteAMomentAfterTheSessionIsUp() {
        pass(Duration.ofMillis(400));
        assertThat(asks()).isEmpty();

        pass(Duration.ofSeconds(1));

        assertThat(asks()).containsExactly(new Step.Ask(Optional.of(first)));
    }

    @Test
    void asksAgainWithGrowingPausesUpToACap() {
        List<Long> askedAt = new ArrayList<>();
        for (int i = 0; i < 60 * 60 * 4 && askedAt.size() < 14; i++) {
            pass(Duration.ofMillis(500));
            if (!asks().isEmpty()) {
                askedAt.add(now);
                seen.clear();
                policy.refused(now);
            }
        }

        List<Long> pauses = new ArrayList<>();
        for (int i = 1; i < askedAt.size(); i++) {
            pauses.add((askedAt.get(i) - askedAt.get(i - 1)) / 1_000_000_000);
        }
        assertThat(pauses)
                .hasSize(13)
                .allSatisfy(
                        pause -> assertThat(pause).isLessThanOrEqualTo(StandbyPolicy.LONGEST_PAUSE.toSeconds() + 1));
        assertThat(pauses.getLast()).isGreaterThanOrEqualTo(StandbyPolicy.LONGEST_PAUSE.toSeconds() / 2);
    }

    @Test
    void leavesABrokenRouteAtOnceAndAsksForAnotherStandby() {
        pairUp();

        policy.broken(first, now);
        act();

        assertThat(uses()).containsExactly(new Step.Use(second, SwitchReason.BROKEN));
        assertThat(policy.standby(now)).isEmpty();
        pass(Duration.ofSeconds(1));
        assertThat(asks()).containsExactly(new Step.Ask(Optional.of(second)));
    }

    @Test
    void leavesAClosedRouteAtOnce() {
        pairUp();

        policy.closed(first, now);
        act();

        assertThat(uses()).containsExactly(new Step.Use(second, SwitchReason.CLOSED));
    }

    @Test
    void leavesASilentRouteWithinAThirdOfASecondWhileDataFlows() {
        pairUp();
        flowing = true;
        pass(Duration.ofSeconds(1));
        assertThat(uses()).isEmpty();
        long silentSince = now;

        roundTrips.remove(first);
        pass(Duration.ofSeconds(1));

        assertThat(uses()).containsExactly(new Step.Use(second, SwitchReason.STALLED));
        assertThat(Duration.ofNanos(switchedAt.getFirst() - silentSince)).isLessThan(Duration.ofMillis(333));
    }

    @Test
    void leavesASilentRouteOfAReceiverThatSendsNothing() {
        pairUp();
        flowing = true;
        pass(Duration.ofSeconds(1));
        flowing = false;

        roundTrips.remove(first);
        pass(Duration.ofMillis(400));

        assertThat(uses()).containsExactly(new Step.Use(second, SwitchReason.STALLED));
    }

    @Test
    void leavesASilentRouteOfAnIdleSessionWithinThreeSeconds() {
        pairUp();
        pass(Duration.ofSeconds(5));

        roundTrips.remove(first);
        pass(Duration.ofSeconds(3));

        assertThat(uses()).containsExactly(new Step.Use(second, SwitchReason.STALLED));
    }

    @Test
    void aPauseInTheTrafficIsNoReasonToSwitch() {
        pairUp();
        for (int i = 0; i < 20; i++) {
            flowing = i % 2 == 0;
            pass(Duration.ofMillis(700));
        }

        assertThat(uses()).isEmpty();
    }

    @Test
    void staysWhereItIsWhenNoRouteAnswers() {
        pairUp();
        flowing = true;
        roundTrips.clear();

        pass(Duration.ofSeconds(10));

        assertThat(uses()).isEmpty();
        assertThat(asks()).isNotEmpty();
    }

    @Test
    void aBrokenRouteComesBackOnlyWithTheAnswerToALaterProbe() {
        pairUp();
        policy.broken(second, now);
        long probe = seen.stream()
                .filter(Step.Probe.class::isInstance)
                .map(step -> ((Step.Probe) step).number())
                .max(Long::compare)
                .orElse(0L);
        policy.replied(second, probe, now);
        assertThat(policy.standby(now)).isEmpty();

        pass(Duration.ofSeconds(2));

        assertThat(policy.standby(now)).contains(second);
    }

    @Test
    void withoutAnotherRouteItGoesOnWithTheBrokenOneAndAsksOftenInTurnsForAny() {
        policy.broken(first, now);
        roundTrips.remove(first);
        int refused = 0;
        for (int i = 0; i < 40; i++) {
            pass(Duration.ofMillis(500));
            if (asks().size() > refused) {
                refused = asks().size();
                policy.refused(now);
            }
        }

        assertThat(uses()).isEmpty();
        assertThat(asks()).hasSizeGreaterThan(8);
        assertThat(asks()).contains(new Step.Ask(Optional.of(first)), new Step.Ask(Optional.empty()));
        assertThat(seen).noneMatch(Step.End.class::isInstance);
    }

    @Test
    void endsOnceNoRouteWasThereForTooLong() {
        policy.closed(first, now);
        pass(StandbyPolicy.WITHOUT_ROUTE.minusSeconds(1));
        assertThat(seen).noneMatch(Step.End.class::isInstance);

        pass(Duration.ofSeconds(2));

        assertThat(seen.stream().filter(Step.End.class::isInstance)).hasSize(1);
    }

    @Test
    void aRouteThatComesAfterTheLastWasLostIsUsed() {
        policy.closed(first, now);
        pass(Duration.ofSeconds(1));
        policy.joined(second, now);
        act();

        assertThat(uses()).containsExactly(new Step.Use(second, SwitchReason.CLOSED));
    }

    @Test
    void aSpareRouteIsGivenBack() {
        pairUp();
        policy.broken(first, now);
        act();
        pass(Duration.ofSeconds(3)); // the first one answers its probes and stands by again

        policy.joined(third, now);
        act();

        assertThat(seen).contains(new Step.GiveBack(third, "another route stands by meanwhile"));
        assertThat(policy.standby(now)).contains(first);
    }

    @Test
    void aNewRouteReplacesOneThatDoesNotWork() {
        pairUp();
        roundTrips.remove(first);
        policy.broken(first, now);
        act();
        policy.joined(third, now);
        act();

        assertThat(seen)
                .anyMatch(step ->
                        step instanceof Step.GiveBack back && back.route().equals(first));
        assertThat(policy.standby(now)).contains(third);
    }

    @Test
    void goesOverToAMuchQuickerRouteOnceAndWhileNothingFlows() {
        roundTrips.put(first, Duration.ofMillis(40));
        pairUp();
        flowing = true;
        pass(Duration.ofSeconds(30));
        assertThat(uses()).isEmpty();

        flowing = false;
        pass(Duration.ofSeconds(60));

        assertThat(uses()).containsExactly(new Step.Use(second, SwitchReason.BETTER));
    }

    @Test
    void twoRoutesThatStallInTurnsAreChangedLessAndLessOften() {
        pairUp();
        flowing = true;
        for (int i = 0; i < 60; i++) {
            RouteUid silent = inUse;
            Duration before = roundTrips.remove(silent);
            pass(Duration.ofSeconds(1));
            roundTrips.put(silent, before);
        }

        assertThat(uses()).allSatisfy(use -> assertThat(use.reason()).isEqualTo(SwitchReason.STALLED));
        assertThat(uses()).hasSizeBetween(5, 20);
    }

    @Test
    void aSlightlyQuickerRouteIsNoReasonToSwitch() {
        roundTrips.put(first, Duration.ofMillis(25));
        roundTrips.put(second, Duration.ofMillis(20));
        pairUp();

        pass(Duration.ofSeconds(60));

        assertThat(uses()).isEmpty();
    }

    @Test
    void aFlappingRouteIsNotGoneBackTo() {
        roundTrips.put(first, Duration.ofMillis(5));
        roundTrips.put(second, Duration.ofMillis(40));
        pairUp();
        for (int i = 0; i < 12; i++) {
            policy.broken(first, now);
            act();
            pass(Duration.ofSeconds(5)); // it answers again, for less than the calm that is asked for
        }

        assertThat(uses()).containsExactly(new Step.Use(second, SwitchReason.BROKEN));
    }

    @Test
    void movesWhereThisNodeWantsItAndGivesTheFormerRouteBack() {
        pairUp();

        policy.moved(first, third, now);
        act();

        assertThat(uses()).containsExactly(new Step.Use(third, SwitchReason.MOVED));
        assertThat(seen).contains(new Step.GiveBack(first, "its session has another route"));
        assertThat(policy.standby(now)).contains(second);
    }
}
