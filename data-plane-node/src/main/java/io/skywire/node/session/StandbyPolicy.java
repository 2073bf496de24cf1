package io.skywire.node.session;

import io.skywire.shared.rule.RouteUid;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Which route a session that was dialled from here uses, which one stands by, and what is done when one fails. Pure:
/// time, randomness and traffic come from outside, and what is to be done goes out as [Step]s. For one thread.
///
/// | what is seen | what is done |
/// |---|---|
/// | the route in use is broken or closed, another is not | use the other (BROKEN, CLOSED) |
/// | traffic, then no byte through the route in use for [#quiet] | probe all routes, again and again ([#repeat]) |
/// | … and its probe has no answer after [#patience], while another route's has | use the other (STALLED) |
/// | the same while nothing flows, after [#MOST_PATIENCE] | use the other (STALLED) |
/// | no other route is well | ask for one, disjoint from the one in use |
/// | the route in use is not well either | ask, in turns for a disjoint one and for any |
/// | no route is left for [#WITHOUT_ROUTE] | end |
/// | a new route came, and another one beside the one in use is well by now | give the new one back |
/// | … and the others are not | it stands by; they are given back |
/// | both well and idle for [#CALM], the other clearly quicker, no switch for [#CALM] | use the other (BETTER) |
///
/// Between two switches because of stalls at least [#BETWEEN_STALLS] pass, doubled up to [#CALM] each time it happens
/// within twice that. The first ask comes after [#FIRST_ASK], one after a switch at once; then with pauses that double
/// from [#SHORTEST_PAUSE] to [#LONGEST_PAUSE], or to [#STRANDED_PAUSE] where the route in use is not well. Quicker is
/// a round trip below 7/10 and 2 ms less.
///
/// A route is *well* unless it was said to be broken or its probe has no answer for [#MOST_PATIENCE]. Two asks are at
/// least [#SHORTEST_PAUSE] apart. ROUTE_BROKEN is taken back only by the answer to a probe that was sent after it.
/// Going back to a better route happens while the session is idle and both routes carry, so nothing is lost; the
/// former one stands by.
final class StandbyPolicy {
    static final Duration TICK_BUSY = Duration.ofMillis(25);
    static final Duration TICK_IDLE = Duration.ofMillis(250);
    static final Duration LEAST_QUIET = Duration.ofMillis(150);
    static final Duration LEAST_PATIENCE = Duration.ofMillis(100);
    static final Duration MOST_PATIENCE = Duration.ofSeconds(1);
    static final Duration REPEAT = Duration.ofMillis(50);
    static final Duration PROBE_EVERY = Duration.ofSeconds(1);
    static final Duration BUSY = Duration.ofSeconds(2);
    static final Duration BETWEEN_STALLS = Duration.ofMillis(500);
    static final Duration FIRST_ASK = Duration.ofSeconds(1);
    static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
    static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    static final Duration STRANDED_PAUSE = Duration.ofSeconds(2);
    static final Duration WITHOUT_ROUTE = Duration.ofSeconds(15);
    static final Duration CALM = Duration.ofSeconds(10);
    private static final int ROUND_TRIPS = 4;
    private static final int CALM_SAMPLES = 8;
    private static final long BETTER_BY = Duration.ofMillis(2).toNanos();
    private static final double BETTER_SHARE = 0.7;
    private static final double WEIGHT = 0.125;

    /// What the session sent and what came, in packets since its start.
    interface Traffic {
        long sent();

        long heard(RouteUid route);
    }

    /// Something to be done.
    sealed interface Step {
        record Probe(RouteUid route, long number) implements Step {}

        record Use(RouteUid route, SwitchReason reason) implements Step {}

        /// Asks for a route; the answer is [#joined] or [#refused].
        record Ask(Optional<RouteUid> besides) implements Step {}

        record GiveBack(RouteUid route, String reason) implements Step {}

        record End(String detail) implements Step {}
    }

    private static final class Lane {
        private final RouteUid route;
        private long heard;
        private long heardAt;
        private boolean broken;
        private boolean probing; // since the last sign of life a probe went out
        private long probingSince;
        private long probedAt;
        private long number;
        private long firstOfDoubt; // older probes do not take ROUTE_BROKEN back
        private double roundTrip = -1;
        private double calmRoundTrip = -1;
        private int calmSamples;
        private long wellSince;

        Lane(RouteUid route, long heard, long now) {
            this.route = route;
            this.heard = heard;
            this.heardAt = now;
            this.wellSince = now;
            this.probedAt = now;
        }
    }

    private final Traffic traffic;
    private final RandomGenerator random;
    private final Map<RouteUid, Lane> lanes = new LinkedHashMap<>();
    private final List<Step> steps = new ArrayList<>();
    private @Nullable RouteUid inUse;
    private long sent;
    private long busyAt;
    private long numbers;
    private long switchedAt;
    private boolean stalled; // at least once
    private Duration betweenStalls = BETWEEN_STALLS;
    private boolean asking;
    private boolean askedBeside;
    private boolean everAsked;
    private long askedAt;
    private long askAt;
    private Duration pause = SHORTEST_PAUSE;
    private long lostAt;
    private Optional<Duration> silence = Optional.empty();
    private boolean ended;

    /// @param now nanoseconds of a clock like `System::nanoTime`, as everywhere here
    StandbyPolicy(RouteUid first, Traffic traffic, RandomGenerator random, long now) {
        this.traffic = traffic;
        this.random = random;
        this.inUse = first;
        this.numbers = random.nextLong();
        this.sent = traffic.sent();
        this.busyAt = now;
        this.switchedAt = now;
        this.askAt = now + jittered(FIRST_ASK);
        lanes.put(first, new Lane(first, traffic.heard(first), now));
    }

    /// What is to be done because of all that was told since the last call.
    List<Step> steps() {
        List<Step> due = List.copyOf(steps);
        steps.clear();
        return due;
    }

    /// For how long nothing had come through the route that was left last; empty where it had not failed, or where the
    /// session was idle and nobody noticed.
    Optional<Duration> silence() {
        return silence;
    }

    /// The route that would take over now.
    Optional<RouteUid> standby(long now) {
        Lane other = standbyLane(now);
        return other == null ? Optional.empty() : Optional.of(other.route);
    }

    /// How long until [#tick] is to be called again.
    Duration untilTick(long now) {
        Lane used = used();
        return isCalm(now) && used != null && !used.probing && !used.broken ? TICK_IDLE : TICK_BUSY;
    }

    /// A route that was asked for is there, its rules at both ends, and data has passed through it.
    void joined(RouteUid route, long now) {
        asking = false;
        lanes.put(route, new Lane(route, traffic.heard(route), now));
        Lane used = used();
        if (used == null) {
            use(route, SwitchReason.CLOSED, now);
            return;
        }
        if (!isWell(used, now)) {
            use(route, used.broken ? SwitchReason.BROKEN : SwitchReason.STALLED, now);
        }
        List<Lane> others = lanes.values().stream()
                .filter(lane -> !lane.route.equals(route) && !lane.route.equals(inUse))
                .toList();
        if (!route.equals(inUse) && others.stream().anyMatch(lane -> isWell(lane, now))) {
            giveBack(route, "another route stands by meanwhile");
        } else if (lanes.size() > 2) {
            others.stream()
                    .filter(lane -> !isWell(lane, now))
                    .forEach(lane -> giveBack(lane.route, "another route stands by for it"));
        }
    }

    /// No route came of what was asked.
    void refused(long now) {
        asking = false;
        pauseAsking(now);
    }

    private void pauseAsking(long now) {
        boolean stranded = isStranded(now);
        askAt = now + jittered(stranded && pause.compareTo(STRANDED_PAUSE) > 0 ? STRANDED_PAUSE : pause);
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
    }

    /// The rules of the route are gone at this end.
    void closed(RouteUid route, long now) {
        if (lanes.remove(route) == null) {
            return;
        }
        if (route.equals(inUse)) {
            inUse = null;
            lostAt = now;
            Lane other = standbyLane(now);
            if (other == null) {
                other = lanes.values().stream().findFirst().orElse(null);
            }
            if (other != null) {
                use(other.route, SwitchReason.CLOSED, now);
            }
        }
        askSoon(now);
        ask(now);
    }

    /// The node beside a dead link says that nothing passes.
    void broken(RouteUid route, long now) {
        Lane lane = lanes.get(route);
        if (lane == null) {
            return;
        }
        boolean news = !lane.broken;
        lane.broken = true;
        lane.firstOfDoubt = numbers + 1;
        lane.probing = false;
        lane.wellSince = now;
        if (news) {
            askSoon(now);
        }
        leaveWhatIsBroken(now);
        ask(now);
    }

    private void leaveWhatIsBroken(long now) {
        Lane used = used();
        if (used != null && used.broken) {
            Lane other = standbyLane(now);
            if (other != null) {
                use(other.route, SwitchReason.BROKEN, now);
            }
        }
    }

    /// This node wants its traffic off that route; `instead` is there already and carries.
    void moved(RouteUid leaving, RouteUid instead, long now) {
        lanes.computeIfAbsent(instead, fresh -> new Lane(fresh, traffic.heard(fresh), now));
        if (leaving.equals(inUse)) {
            use(instead, SwitchReason.MOVED, now);
        }
        giveBack(leaving, "its session has another route");
    }

    /// This node does not want that route any more, unless it is the only one.
    void leave(RouteUid route, long now) {
        if (!route.equals(inUse) && lanes.containsKey(route)) {
            giveBack(route, "this node wants no traffic there");
            pauseAsking(now);
        }
    }

    /// A probe came back.
    void replied(RouteUid route, long number, long now) {
        Lane lane = lanes.get(route);
        if (lane == null) {
            return;
        }
        if (lane.probing && number == lane.number) {
            double took = now - lane.probingSince;
            lane.roundTrip = lane.roundTrip < 0 ? took : lane.roundTrip + (took - lane.roundTrip) * WEIGHT;
            if (isCalm(now)) {
                lane.calmRoundTrip =
                        lane.calmSamples == 0 ? took : lane.calmRoundTrip + (took - lane.calmRoundTrip) * WEIGHT;
                lane.calmSamples++;
            }
        }
        if (lane.broken && number - lane.firstOfDoubt >= 0) {
            lane.broken = false;
            lane.wellSince = now;
        }
        alive(lane, now);
        if (inUse == null) {
            use(route, SwitchReason.CLOSED, now);
        }
        leaveWhatIsBroken(now);
    }

    private static void alive(Lane lane, long now) {
        lane.heardAt = now;
        lane.probing = false;
    }

    /// Time has passed.
    void tick(long now) {
        if (ended) {
            return;
        }
        long sentNow = traffic.sent();
        if (sentNow != sent) {
            sent = sentNow;
            busyAt = now;
        }
        for (Lane lane : lanes.values()) {
            long heardNow = traffic.heard(lane.route);
            if (heardNow != lane.heard) {
                lane.heard = heardNow;
                busyAt = now;
                alive(lane, now);
            }
        }
        for (Lane lane : lanes.values()) {
            if (lane.probing && now - lane.probingSince > MOST_PATIENCE.toNanos()) {
                lane.wellSince = now;
                lane.calmSamples = 0;
            }
        }
        probe(now);
        leaveWhatIsSilent(now);
        becomeQuicker(now);
        if (lanes.isEmpty() && now - lostAt > WITHOUT_ROUTE.toNanos()) {
            ended = true;
            steps.add(new Step.End("no other route came within " + WITHOUT_ROUTE.toSeconds() + " s"));
        }
        ask(now);
    }

    private void probe(long now) {
        Lane used = used();
        boolean suspicious =
                used != null && now - busyAt < BUSY.toNanos() + patience(used) && now - used.heardAt >= quiet(used);
        if (used != null && (used.probing || used.broken || suspicious)) {
            probe(used, repeat(used), now);
        }
        for (Lane lane : lanes.values()) {
            boolean isCompared = used != null && used.probing && lane.heardAt - used.probingSince < 0;
            if (lane != used && isCompared) {
                probe(lane, repeat(lane), now);
            } else {
                probe(lane, lane.probing ? PROBE_EVERY.toNanos() / 4 : PROBE_EVERY.toNanos(), now);
            }
        }
    }

    /// Repetitions have the number of the first, so that any of them may be answered.
    private void probe(Lane lane, long pause, long now) {
        if (now - lane.probedAt < pause) {
            return;
        }
        lane.probedAt = now;
        if (!lane.probing) {
            lane.probing = true;
            lane.probingSince = now;
            lane.number = ++numbers;
        }
        steps.add(new Step.Probe(lane.route, lane.number));
    }

    private static long repeat(Lane lane) {
        return Math.max(REPEAT.toNanos(), (long) (2 * lane.roundTrip));
    }

    private void leaveWhatIsSilent(long now) {
        Lane used = used();
        if (used == null
                || !used.probing
                || now - used.probingSince < (isCalm(now) ? MOST_PATIENCE.toNanos() : patience(used))
                || now - switchedAt < betweenStalls.toNanos()) {
            return;
        }
        lanes.values().stream()
                .filter(lane -> lane != used && isWell(lane, now) && lane.heardAt - used.probingSince >= 0)
                .min(Comparator.comparingDouble(lane -> lane.roundTrip))
                .ifPresent(lane -> {
                    boolean again = stalled && now - switchedAt < 2 * CALM.toNanos();
                    Duration doubled = betweenStalls.multipliedBy(2);
                    betweenStalls = again ? (doubled.compareTo(CALM) > 0 ? CALM : doubled) : BETWEEN_STALLS;
                    use(lane.route, SwitchReason.STALLED, now);
                    stalled = true;
                });
    }

    private void becomeQuicker(long now) {
        Lane used = used();
        Lane other = standbyLane(now);
        if (used != null
                && other != null
                && isCalm(now)
                && now - switchedAt > CALM.toNanos()
                && now - other.wellSince > CALM.toNanos()
                && used.calmSamples >= CALM_SAMPLES
                && other.calmSamples >= CALM_SAMPLES
                && other.calmRoundTrip < used.calmRoundTrip * BETTER_SHARE
                && used.calmRoundTrip - other.calmRoundTrip > BETTER_BY) {
            use(other.route, SwitchReason.BETTER, now);
        }
    }

    private @Nullable Lane used() {
        RouteUid route = inUse;
        return route == null ? null : lanes.get(route);
    }

    private boolean isCalm(long now) {
        return now - busyAt > BUSY.toNanos();
    }

    private void use(RouteUid route, SwitchReason reason, long now) {
        Lane left = used();
        silence = left == null || isCalm(now) || reason == SwitchReason.BETTER || reason == SwitchReason.MOVED
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(Math.max(0, now - left.heardAt)));
        inUse = route;
        switchedAt = now;
        steps.add(new Step.Use(route, reason));
        if (reason != SwitchReason.BETTER) {
            askSoon(now);
        }
    }

    private void giveBack(RouteUid route, String reason) {
        if (lanes.remove(route) != null) {
            steps.add(new Step.GiveBack(route, reason));
        }
    }

    private void askSoon(long now) {
        pause = SHORTEST_PAUSE;
        long earliest = askedAt + SHORTEST_PAUSE.toNanos();
        askAt = everAsked && earliest - now > 0 ? earliest : now;
    }

    private void ask(long now) {
        if (asking || ended || now - askAt < 0 || (inUse != null && standbyLane(now) != null)) {
            return;
        }
        asking = true;
        askedAt = now;
        everAsked = true;
        // The route in use may be the only one there is, and may work again by the time another is asked for.
        askedBeside = !isStranded(now) || !askedBeside;
        Lane beside = used();
        steps.add(new Step.Ask(askedBeside && beside != null ? Optional.of(beside.route) : Optional.empty()));
    }

    private boolean isStranded(long now) {
        Lane used = used();
        return used == null || !isWell(used, now);
    }

    private @Nullable Lane standbyLane(long now) {
        return lanes.values().stream()
                .filter(lane -> !lane.route.equals(inUse) && isWell(lane, now))
                .min(Comparator.comparingDouble(lane -> lane.roundTrip))
                .orElse(null);
    }

    private static boolean isWell(Lane lane, long now) {
        return !lane.broken && !(lane.probing && now - lane.probingSince > MOST_PATIENCE.toNanos());
    }

    /// How long nothing may come through a route with traffic until it is probed.
    private static long quiet(Lane lane) {
        return Math.clamp((long) (ROUND_TRIPS * lane.roundTrip), LEAST_QUIET.toNanos(), MOST_PATIENCE.toNanos());
    }

    /// How long a probe may take.
    private static long patience(Lane lane) {
        return Math.clamp((long) (ROUND_TRIPS * lane.roundTrip), LEAST_PATIENCE.toNanos(), MOST_PATIENCE.toNanos());
    }

    private long jittered(Duration pause) {
        long half = pause.toNanos() / 2;
        return half + random.nextLong(half + 1);
    }
}
