package io.skywire.node.session;

import java.time.Duration;

/// Which of two routes the next datagram takes while both are used at once: 0 is the one in use, 1 the one beside it.
/// Pure: time, answers and datagrams come from outside. Allocates nothing. For one thread.
///
/// | what is seen | what is done |
/// |---|---|
/// | less than [#BULK] datagrams' bytes in [#WINDOW] | all by 0; both are probed every [#PROBE_IDLE] |
/// | more | both are probed every [#PROBE_BUSY]; both carry once each has answered [#ANSWERS] times in a row and their
/// least round trips are no further apart than the limit: [#APART], or half of the quicker if that is more |
/// | [#TURN] datagrams' bytes went by one route, or half of that and then a gap as long as half the difference of the
/// round trips | the route that is owed more takes the next turn |
/// | one route's round trip is longer now | its share shrinks, at once a little and slowly more; in the end both are
/// equally long under load, and each carries what it delivers |
/// | … by more than [#BEHIND] limits for [#FAR] | it gets nothing until it is within one limit, and half its share then
/// |
/// | a probe without an answer for [#LEAST_PATIENCE] or four round trips, or the route is said to be broken | nothing
/// goes by it until it has answered [#ANSWERS] times in a row; its share is halved, and grows back with each answer |
/// | … and that is 0 | all by 1, unless that is silent too |
/// | the two have changed places | nothing goes by the former one until it has answered [#ANSWERS] times in a row |
///
/// Two datagrams arrive in another order than they left only if they went by different routes: no more than the turns
/// that are under way at once, and no further apart than the round trips are.
final class RouteShares {
    static final int TURN = 4;
    static final int BULK = 8;
    static final Duration WINDOW = Duration.ofMillis(500);
    static final Duration TICK = Duration.ofMillis(50);
    static final Duration PROBE_BUSY = Duration.ofMillis(50);
    static final Duration PROBE_IDLE = Duration.ofSeconds(1);
    static final Duration APART = Duration.ofMillis(20);
    static final Duration LEAST_PATIENCE = Duration.ofMillis(100);
    static final Duration MOST_PATIENCE = Duration.ofSeconds(1);
    static final Duration LEAST_KEPT = Duration.ofSeconds(30);
    static final Duration FAR = Duration.ofSeconds(1);
    static final int BEHIND = 4;
    static final int ANSWERS = 3;
    private static final int ROUND_TRIPS = 4;
    private static final int NONE = -1;
    private static final double WEIGHT = 0.5;
    private static final double LEAN_AT_ONCE = 0.02;
    private static final double LEAN_SLOWLY = 0.0005;
    private static final double LEAST_SHARE = 1.0 / 16;
    private static final double LEAST_TRUST = 1.0 / 8;
    private static final double TRUST_BACK = 1.0 / 16;

    private static final class Lane {
        private boolean probing;
        private boolean silent; // a probe went unanswered, or it was said to be broken, since its last answer
        private long probedAt;
        private long number;
        private int answers; // in a row
        private double roundTrip;
        private double least = Double.MAX_VALUE; // of this period
        private double leastBefore = Double.MAX_VALUE; // of the period before
        private double trust = 1;

        boolean isWell() {
            return answers >= ANSWERS;
        }

        double least() {
            return Math.min(least, leastBefore);
        }

        void fail() {
            silent = true;
            probing = false;
            answers = 0;
            trust = Math.max(trust / 2, LEAST_TRUST);
        }
    }

    private final int datagramSize;
    private Lane first;
    private Lane second;
    private boolean bulk;
    private long flowed;
    private long windowAt;
    private long leastAt;
    private double even = 0.5;
    private double share; // of route 1, from 0 to 1
    private long nearAt; // when last neither was far behind
    private int resting = NONE; // which one gets nothing for its round trip
    private int turnOf;
    private long inTurn;
    private double owed; // bytes that route 1 should have carried and has not
    private long lastAt;

    /// @param datagramSize the largest datagram, in bytes
    /// @param now nanoseconds of a clock like `System::nanoTime`, as everywhere here
    RouteShares(int datagramSize, long now) {
        this.datagramSize = datagramSize;
        this.first = fresh(now);
        this.second = fresh(now);
        this.windowAt = now;
        this.leastAt = now;
        this.lastAt = now;
        this.nearAt = now;
    }

    private static Lane fresh(long now) {
        Lane lane = new Lane();
        lane.probedAt = now - PROBE_IDLE.toNanos();
        return lane;
    }

    /// The two routes are others than before.
    void replaced(long now) {
        first = fresh(now);
        second = fresh(now);
        even = 0.5;
        settle(now);
    }

    /// Only the one beside is another than before.
    void replacedBeside(long now) {
        second = fresh(now);
        even = 0.5;
        settle(now);
    }

    /// The two routes have changed places.
    void swapped(long now) {
        Lane former = first;
        first = second;
        second = former;
        second.answers = 0; // there was a reason to leave it
        even = 1 - even;
        settle(now);
    }

    private void settle(long now) {
        turnOf = 0;
        inTurn = 0;
        owed = 0;
        divide(now);
    }

    /// The route of a datagram of so many bytes.
    int next(int bytes, long now) {
        flowed += bytes;
        long gap = now - lastAt;
        lastAt = now;
        if (!isBoth()) {
            turnOf = share > 0 ? 1 : 0;
            return turnOf;
        }
        long turn = (long) TURN * datagramSize;
        boolean isLong = gap >= Math.abs(first.roundTrip - second.roundTrip) / 2;
        if (inTurn >= turn || (isLong && inTurn >= turn / 2)) {
            turnOf = owed >= turn / 2.0 ? 1 : 0;
            inTurn = 0;
        }
        inTurn += bytes;
        owed = Math.clamp(owed + bytes * share - (turnOf == 1 ? bytes : 0), -2.0 * turn, 2.0 * turn);
        return turnOf;
    }

    /// Whether both routes carry datagrams now.
    boolean isBoth() {
        return share > 0 && share < 1;
    }

    /// The part of the bytes that goes by route 1, from 0 to 1.
    double share() {
        return share;
    }

    /// Whether the last that was heard of the route is that nothing passes.
    boolean isSilent(int route) {
        return lane(route).silent;
    }

    boolean isProbeDue(int route, long now) {
        Lane lane = lane(route);
        return !lane.probing && now - lane.probedAt >= (bulk ? PROBE_BUSY : PROBE_IDLE).toNanos();
    }

    /// A probe of that number leaves.
    void probed(int route, long number, long now) {
        Lane lane = lane(route);
        lane.probing = true;
        lane.probedAt = now;
        lane.number = number;
    }

    /// It came back.
    void answered(int route, long number, long now) {
        Lane lane = lane(route);
        if (!lane.probing || lane.number != number) {
            return;
        }
        double took = now - lane.probedAt;
        lane.probing = false;
        lane.silent = false;
        lane.roundTrip = lane.answers == 0 ? took : lane.roundTrip + (took - lane.roundTrip) * WEIGHT;
        lane.least = Math.min(lane.least, took);
        lane.answers = Math.min(lane.answers + 1, ANSWERS);
        lane.trust += (1 - lane.trust) * TRUST_BACK;
    }

    /// The node beside a dead link says that nothing passes.
    void broken(int route, long now) {
        lane(route).fail();
        divide(now);
    }

    /// Time has passed; to be called every [#TICK].
    void tick(long now) {
        if (now - windowAt >= WINDOW.toNanos()) {
            bulk = flowed >= (long) BULK * datagramSize;
            flowed = 0;
            windowAt = now;
        }
        if (now - leastAt >= LEAST_KEPT.toNanos()) {
            keepLeast(first);
            keepLeast(second);
            leastAt = now;
        }
        giveUp(first, now);
        giveUp(second, now);
        divide(now);
    }

    private static void keepLeast(Lane lane) {
        lane.leastBefore = lane.least;
        lane.least = Double.MAX_VALUE;
    }

    private static void giveUp(Lane lane, long now) {
        double patience = lane.answers == 0
                ? MOST_PATIENCE.toNanos()
                : Math.clamp(ROUND_TRIPS * lane.roundTrip, LEAST_PATIENCE.toNanos(), MOST_PATIENCE.toNanos());
        if (lane.probing && now - lane.probedAt > patience) {
            lane.fail();
        }
    }

    private void divide(long now) {
        if (!bulk) {
            share = 0;
            near(now);
        } else if (!first.isWell() || !second.isWell()) {
            share = first.silent && second.isWell() ? 1 : 0;
            near(now);
        } else {
            double limit = limit();
            share = Math.abs(first.least() - second.least()) > limit
                    ? 0
                    : lean((first.roundTrip - second.roundTrip) / limit, now);
        }
    }

    private double limit() {
        return Math.max(APART.toNanos(), Math.min(first.least(), second.least()) / 2);
    }

    /// @param behind how far route 0 is behind route 1, in limits
    private double lean(double behind, long now) {
        if (resting == NONE && Math.abs(behind) <= BEHIND) {
            nearAt = now;
        } else if (resting == NONE && now - nearAt > FAR.toNanos()) {
            resting = behind > 0 ? 0 : 1;
            even = behind > 0 ? 1 - (1 - even) / 2 : even / 2;
        } else if (resting != NONE && (resting == 0 ? behind : -behind) <= 1) {
            near(now);
        }
        if (resting != NONE) {
            return 1 - resting;
        }
        even = Math.clamp(even + LEAN_SLOWLY * behind, LEAST_SHARE, 1 - LEAST_SHARE);
        double leaning = Math.clamp(even + LEAN_AT_ONCE * behind, LEAST_SHARE, 1 - LEAST_SHARE);
        double trusted = leaning * second.trust;
        return trusted / (trusted + (1 - leaning) * first.trust);
    }

    private void near(long now) {
        resting = NONE;
        nearAt = now;
    }

    private Lane lane(int route) {
        return route == 0 ? first : second;
    }
}
