package io.skywire.control.setup;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.routefinder.Route;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Whatever comes in whatever order: success only after every acknowledgement and the probe, and after a failure
/// removals for every node that may have got a rule.
final class RouteSetupRandomTest {
    private static final SetupLimits LIMITS = new SetupLimits(Duration.ofSeconds(3), Duration.ofSeconds(3), 3, 2);
    private static final int RUNS = 20_000;

    @Test
    void holdsItsPromisesInAnyOrderOfEvents() {
        Map<RouteState, Integer> ends = new EnumMap<>(RouteState.class);
        for (long seed = 0; seed < RUNS; seed++) {
            ends.merge(new World(seed).run(), 1, Integer::sum);
        }

        // Otherwise the runs prove nothing.
        assertThat(ends.get(RouteState.ACTIVE)).isGreaterThan(RUNS / 20);
        assertThat(ends.get(RouteState.FAILED)).isGreaterThan(RUNS / 20);
    }

    /// Ledger, nodes and network in one, as unreliable as they get.
    private static final class World {
        private final long seed;
        private final SplittableRandom random;
        private final Map<PublicKey, Long> acknowledged = new HashMap<>();
        private final Set<RouteUid> probed = new HashSet<>();
        private Optional<RoutePlan> mayBeInstalled = Optional.empty();
        private Map<PublicKey, Long> needed = Map.of();
        private Instant now = Instant.parse("2026-11-22T12:00:00Z");
        private long revision;
        private int finds;
        private boolean activated;

        World(long seed) {
            this.seed = seed;
            this.random = new SplittableRandom(seed);
        }

        RouteState run() {
            RouteRequest.Wish wish = random.nextInt(4) == 0
                    ? new RouteRequest.ExplicitPath(List.of(Ways.node(1), Ways.node(2)))
                    : RouteRequest.Constraints.NONE;
            RouteSetup.Step step = RouteSetup.begin(Ways.request(0, 3, wish), now.plusSeconds(10), LIMITS, now);
            for (int steps = 0; steps < 2_000; steps++) {
                RouteSetup setup = step.next();
                Deque<SetupEffect> open = new ArrayDeque<>(step.effects());
                while (!open.isEmpty()) {
                    SetupEffect effect = open.removeFirst();
                    Optional<SetupEvent> answer = perform(effect, setup);
                    if (answer.isEmpty()) {
                        assertThat(finds)
                                .as(label())
                                .isLessThanOrEqualTo(setup.request().namesItsPath() ? 1 : 2 * LIMITS.plans() + 2);
                        return setup.state().name();
                    }
                    RouteSetup.Step next = setup.on(answer.get(), now);
                    setup = next.next();
                    open.addAll(next.effects());
                }
                assertThat(setup.wakeAt())
                        .as(label() + ": a setup that waits for nothing")
                        .isPresent();
                step = setup.on(somethingHappens(setup), now);
            }
            throw new AssertionError(label() + ": the setup never ended");
        }

        private Optional<SetupEvent> perform(SetupEffect effect, RouteSetup setup) {
            now = now.plusMillis(random.nextInt(5));
            return switch (effect) {
                case SetupEffect.Find find -> {
                    finds++;
                    assertThat(mayBeInstalled).as(label()).isEmpty();
                    yield Optional.of(
                            random.nextInt(10) == 0
                                    ? new SetupEvent.NoPlan(SetupFailure.everywhere(FailureReason.NO_ROUTE, "none"))
                                    : planned(List.of(Ways.way(0, 1, 2, 3), Ways.way(0, 4, 3), Ways.way(0, 3))
                                            .get(random.nextInt(3))));
                }
                case SetupEffect.Renumber renumber -> Optional.of(planned(renumber.way()));
                case SetupEffect.Install install -> Optional.of(install(install.plan()));
                case SetupEffect.TakeBack takeBack -> {
                    assertThat(takeBack.placement())
                            .as(label())
                            .isEqualTo(mayBeInstalled.orElseThrow().placement());
                    if (random.nextInt(10) == 0) {
                        yield Optional.of(new SetupEvent.WriteFailed("the ledger is away"));
                    }
                    mayBeInstalled = Optional.empty();
                    yield Optional.of(new SetupEvent.TakenBack());
                }
                case SetupEffect.Activate activate -> {
                    RoutePlan plan = mayBeInstalled.orElseThrow();
                    assertThat(activate.placement()).as(label()).isEqualTo(plan.placement());
                    assertThat(probed).as(label()).contains(plan.uid());
                    needed.forEach((node, least) -> assertThat(acknowledged.getOrDefault(node, 0L))
                            .as(label())
                            .isGreaterThanOrEqualTo(least));
                    if (random.nextInt(10) == 0) {
                        yield Optional.of(new SetupEvent.WriteFailed("the ledger is away"));
                    }
                    activated = true;
                    yield Optional.of(new SetupEvent.Activated());
                }
                case SetupEffect.Conclude conclude -> {
                    assertThat(mayBeInstalled).as(label() + ": rules are left").isEmpty();
                    yield Optional.empty();
                }
                case SetupEffect.Answer answer -> {
                    switch (answer.outcome()) {
                        case SetupOutcome.Established established -> {
                            assertThat(activated).as(label()).isTrue();
                            assertThat(established.route())
                                    .as(label())
                                    .isEqualTo(mayBeInstalled.orElseThrow().uid());
                        }
                        // Only while removals could not be written; the ledger keeps the route unfinished for the
                        // sweep.
                        case SetupOutcome.Failed failed -> {
                            assertThat(failed.reason()).as(label()).isEqualTo(FailureReason.UNAVAILABLE);
                            assertThat(mayBeInstalled).as(label()).isPresent();
                        }
                    }
                    yield Optional.empty();
                }
            };
        }

        private SetupEvent planned(Route way) {
            RoutePlan plan = RoutePlan.number(way, SessionUid.random(random), Ways.IDLE, random);
            Set<PublicKey> absent = random.nextInt(15) == 0
                    ? Set.of(plan.placement()
                            .nodes()
                            .get(random.nextInt(plan.placement().nodes().size())))
                    : Set.of();
            return new SetupEvent.Planned(plan, absent);
        }

        private SetupEvent install(RoutePlan plan) {
            assertThat(mayBeInstalled).as(label()).isEmpty();
            int dice = random.nextInt(20);
            if (dice == 0) {
                return new SetupEvent.NumberTaken();
            }
            mayBeInstalled = Optional.of(plan);
            revision++;
            needed = Ways.revisions(plan, revision);
            return dice == 1
                    ? new SetupEvent.WriteFailed("connection lost at the commit")
                    : new SetupEvent.Installed(needed, usual());
        }

        private Map<PublicKey, Duration> usual() {
            Map<PublicKey, Duration> usual = new HashMap<>();
            needed.keySet().forEach(node -> usual.put(node, Duration.ofMillis(random.nextInt(100, 4_000))));
            return usual;
        }

        private SetupEvent somethingHappens(RouteSetup setup) {
            RoutePlan plan = mayBeInstalled.orElseThrow();
            Placement at = plan.placement();
            PublicKey node = Ways.node(random.nextInt(6));
            RouteUid route = random.nextInt(5) == 0 ? RouteUid.random(random) : at.route();
            return switch (random.nextInt(40)) {
                case 0 -> new SetupEvent.TransportLost(at.transports().getFirst());
                case 1 -> new SetupEvent.CloseAsked(node, route, "enough");
                case 2 -> new SetupEvent.DeltaRefused(at.nodes().getLast(), revision - random.nextInt(2), "no");
                case 3, 4 -> {
                    PublicKey refusing =
                            at.nodes().get(random.nextInt(at.nodes().size()));
                    yield new SetupEvent.RuleRefused(
                            refusing,
                            route,
                            plan.rules().get(refusing).getFirst().key(),
                            SetupEvent.Refusal.values()[random.nextInt(3)],
                            "no");
                }
                case 5 -> new SetupEvent.RuleExpired(at.nodes().getFirst(), route);
                case 16, 17 -> new SetupEvent.Moving(node);
                case 6 -> new SetupEvent.ProbeUnanswered(route, "no reply");
                case 7, 8, 9, 10, 11, 12 -> {
                    probed.add(route);
                    yield new SetupEvent.Probed(route);
                }
                case 13, 14, 15 -> {
                    now = setup.wakeAt().orElseThrow().minusMillis(random.nextInt(2));
                    yield new SetupEvent.Tick();
                }
                default -> {
                    long acked = revision - (random.nextInt(4) == 0 ? 1 : 0);
                    acknowledged.merge(node, acked, Math::max);
                    yield new SetupEvent.Acknowledged(node, acked);
                }
            };
        }

        private String label() {
            return "seed " + seed;
        }
    }
}
