package io.skywire.node.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.junit.jupiter.api.Test;

/// The table of [RouteShares], with time in hand: a sender that keeps a window full, over two routes with a rate and a
/// delay each.
class RouteSharesTest {
    private static final int SIZE = 16_000;
    private static final long MILLI = 1_000_000;
    private static final long RATE = 2_000_000;

    private static final class Way {
        private long bytesPerSecond = RATE;
        private long delay = 15 * MILLI;
        private boolean silent;
        private int losesEvery = Integer.MAX_VALUE; // probes
        private int probes;
        private long freeAt;
        private long delivered;
    }

    private record Event(long at, long order, Runnable happens) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
    private final Way[] ways = {new Way(), new Way()};
    private final List<Integer> turns = new ArrayList<>(); // datagrams that left one after the other by one route
    private long now = 7_000_000_000L;
    private final RouteShares shares = new RouteShares(SIZE, now);
    private int window = 16 * SIZE;
    private long order;
    private long numbers;
    private long underWay;
    private long datagrams;
    private long newest;
    private long furthest; // how many later datagrams one came behind
    private int last = -1;

    RouteSharesTest() {
        at(0, this::tick);
    }

    private void at(long later, Runnable happens) {
        events.add(new Event(now + later, order++, happens));
    }

    private void tick() {
        shares.tick(now);
        for (int i = 0; i < ways.length; i++) {
            if (shares.isProbeDue(i, now)) {
                probe(i);
            }
        }
        at(RouteShares.TICK.toNanos(), this::tick);
    }

    private void probe(int i) {
        long number = ++numbers;
        shares.probed(i, number, now);
        Way way = ways[i];
        if (!way.silent && ++way.probes % way.losesEvery != 0) {
            at(arrival(way, 30) + way.delay, () -> shares.answered(way == ways[0] ? 0 : 1, number, now));
        }
    }

    private long arrival(Way way, int bytes) {
        way.freeAt = Math.max(now, way.freeAt) + bytes * 1_000_000_000L / way.bytesPerSecond;
        return way.freeAt - now + way.delay;
    }

    private void pump() {
        while (underWay < window) {
            send();
        }
    }

    private int send() {
        int i = shares.next(SIZE, now);
        underWay += SIZE;
        if (i == last) {
            turns.set(turns.size() - 1, turns.getLast() + 1);
        } else {
            turns.add(1);
        }
        last = i;
        Way way = ways[i];
        long number = ++datagrams;
        if (way.silent) {
            at(300 * MILLI, this::freed);
            return i;
        }
        long later = arrival(way, SIZE);
        at(later, () -> {
            way.delivered += SIZE;
            furthest = Math.max(furthest, newest - number);
            newest = Math.max(newest, number);
        });
        at(later + way.delay, this::freed);
        return i;
    }

    private void freed() {
        underWay -= SIZE;
        pump();
    }

    private void pass(Duration time) {
        long end = now + time.toNanos();
        while (events.peek().at() <= end) {
            Event next = events.poll();
            now = next.at();
            next.happens().run();
        }
        now = end;
    }

    private void flow() {
        pass(Duration.ofSeconds(2));
        pump();
        pass(Duration.ofSeconds(3));
        ways[0].delivered = 0;
        ways[1].delivered = 0;
        furthest = 0;
        turns.clear();
        last = -1;
    }

    private long delivered() {
        return ways[0].delivered + ways[1].delivered;
    }

    @Test
    void fillsTwoEqualRoutes() {
        flow();

        pass(Duration.ofSeconds(10));

        assertThat(delivered()).isGreaterThan(10 * RATE * 18 / 10);
        assertThat(shares.share()).isBetween(0.4, 0.6);
        assertThat(furthest).isLessThanOrEqualTo(RouteShares.TURN);
    }

    @Test
    void staysOnARouteForATurn() {
        flow();

        pass(Duration.ofSeconds(5));

        assertThat(turns.subList(1, turns.size() - 1))
                .allSatisfy(turn -> assertThat(turn).isGreaterThanOrEqualTo(RouteShares.TURN / 2));
    }

    @Test
    void theSlowerRouteCarriesLess() {
        ways[1].bytesPerSecond = RATE / 3;
        flow();

        pass(Duration.ofSeconds(20));

        assertThat(delivered()).isGreaterThan(20 * RATE * 11 / 10);
        assertThat(ways[1].delivered).isLessThan(ways[0].delivered / 2);
    }

    @Test
    void routesWithUnlikeRoundTripsAreNotUsedTogether() {
        ways[0].delay = 5 * MILLI;
        ways[1].delay = 60 * MILLI;
        flow();

        pass(Duration.ofSeconds(10));

        assertThat(ways[1].delivered).isZero();
        assertThat(shares.isBoth()).isFalse();
        assertThat(furthest).isZero();
    }

    @Test
    void routesWhoseRoundTripsDifferALittleAre() {
        ways[1].delay = 20 * MILLI;
        flow();

        pass(Duration.ofSeconds(10));

        assertThat(delivered()).isGreaterThan(10 * RATE * 15 / 10);
    }

    @Test
    void littleTrafficStaysOnTheRouteInUse() {
        window = 0;
        for (int i = 0; i < 20; i++) {
            pass(Duration.ofMillis(500));
            assertThat(send()).isZero();
        }

        assertThat(shares.isBoth()).isFalse();
    }

    @Test
    void aRouteThatFallsSilentGetsNothing() {
        flow();
        ways[1].silent = true;
        pass(Duration.ofMillis(400));
        ways[1].silent = false;
        long before = ways[1].delivered;

        pass(Duration.ofMillis(500));
        assertThat(ways[1].delivered).as("its unanswered probe has a second").isEqualTo(before);
        assertThat(shares.isSilent(1)).isTrue();

        pass(Duration.ofSeconds(3));
        assertThat(ways[1].delivered).as("it answers again").isGreaterThan(before);
    }

    @Test
    void whenTheRouteInUseFallsSilentTheOtherCarriesAll() {
        flow();
        ways[0].silent = true;
        pass(Duration.ofSeconds(1));
        long before = ways[1].delivered;

        pass(Duration.ofSeconds(1));

        assertThat(shares.share()).isEqualTo(1);
        assertThat(ways[1].delivered - before).isGreaterThan(RATE * 8 / 10);
    }

    @Test
    void aRouteThatIsSaidToBeBrokenGetsNothingAtOnce() {
        flow();

        shares.broken(1, now);

        assertThat(shares.isBoth()).isFalse();
        assertThat(send()).isZero();
    }

    @Test
    void aRouteThatLosesCarriesLess() {
        ways[1].losesEvery = 12;
        flow();

        pass(Duration.ofSeconds(20));

        assertThat(ways[1].delivered).isPositive().isLessThan(ways[0].delivered * 9 / 10);
    }

    @Test
    void afterAChangeOfPlacesTheFormerRouteMustAnswerAgain() {
        flow();

        Way former = ways[0];
        ways[0] = ways[1];
        ways[1] = former;
        shares.swapped(now);

        assertThat(shares.isBoth()).isFalse();
        pass(Duration.ofSeconds(1));
        assertThat(shares.isBoth()).isTrue();
    }

    @Test
    void anotherRouteBesideMustAnswerFirst() {
        flow();

        shares.replacedBeside(now);

        assertThat(shares.isBoth()).isFalse();
        pass(Duration.ofSeconds(1));
        assertThat(shares.isBoth()).isTrue();
    }
}
