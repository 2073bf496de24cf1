package io.skywire.control.routefinder;

import io.skywire.control.routefinder.PathCursor.Pruning;
import io.skywire.control.topology.Lanes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;

/// The shortest simple paths between two nodes: all of one length before any of the next, equals in random order.
///
/// Paths differ in their nodes; which of the parallel transports of a link is used is decided later. Among equals the
/// first hops take turns, so that a few paths out of many do not all begin with the same neighbour.
final class ShortestPaths {
    /// Links looked at before the costlier pruning takes over. Most searches end long before.
    static final long CHEAP_WORK = 20_000;

    /// How many more shortest paths are drawn, while the ones before pass somebody blamed: most networks have others.
    private static final int TRIES = 8;

    private final SearchSpace space;
    private final int source;
    private final int target;
    private final RandomGenerator random;
    private final long cheapWork;

    ShortestPaths(SearchSpace space, int source, int target, RandomGenerator random, long cheapWork) {
        this.space = space;
        this.source = source;
        this.target = target;
        this.random = random;
        this.cheapWork = cheapWork;
    }

    /// What one length gave, and whether longer paths may exist.
    private record Level(List<int[]> paths, boolean hasLonger) {}

    /// Up to `count` paths as node numbers. Fewer if there are no more, or if the work is spent.
    ///
    /// Among paths of one length those that nobody speaks against come first, then those with less blame.
    List<int[]> find(int minHops, int maxHops, int count) {
        List<int[]> found = unsorted(minHops, maxHops, count);
        if (!space.isAnybodyBlamed() || space.isCut() || found.stream().allMatch(path -> space.surcharge(path) == 0)) {
            return found;
        }
        if (count == 1 && space.countsHops()) {
            // Every hop costs more than all blame on a way, so the cheapest way is a shortest one with the least blame.
            int[] least = new CostSearch(space).find(source, target, maxHops);
            if (least.length == found.getFirst().length) {
                return new ArrayList<>(List.of(least));
            }
        }
        // The lengths are right already; what may be better are paths of the same lengths without blame.
        List<int[]> candidates =
                new ArrayList<>(new ShortestPaths(space.withoutBlamed(), source, target, random, cheapWork)
                        .unsorted(minHops, maxHops, count));
        candidates.addAll(found);
        Set<List<Integer>> known = new HashSet<>();
        candidates.removeIf(path -> !known.add(Arrays.stream(path).boxed().toList()));
        candidates.sort(Comparator.<int[]>comparingInt(path -> path.length).thenComparingLong(space::surcharge));
        return new ArrayList<>(candidates.subList(0, Math.min(count, candidates.size())));
    }

    private List<int[]> unsorted(int minHops, int maxHops, int count) {
        List<int[]> found = new ArrayList<>();
        HopSearch search = new HopSearch(space, source, target);
        int shortest = search.run(maxHops);
        if (shortest == SearchSpace.UNREACHABLE) {
            return found;
        }
        int next = shortest;
        if (minHops <= shortest) {
            if (count == 1) {
                int[] path = search.randomPath(random);
                for (int i = 0; i < TRIES && path.length > 0 && space.surcharge(path) > 0; i++) {
                    path = search.randomPath(random);
                }
                if (path.length > 0) {
                    found.add(path);
                }
                return found;
            }
            found.addAll(level(shortest, shortest, count, Pruning.STATIC, search.distancesOnShortestPaths())
                    .paths());
            next = shortest + 1;
            if (found.size() < count
                    && next <= maxHops
                    && !space.isCut()
                    && addOneHopLonger(search, next, count, found)) {
                next++;
            }
        }
        if (found.size() < count && !space.isCut()) {
            longer(Math.max(minHops, next), maxHops, count, found);
        }
        return found;
    }

    /// From what the search for the shortest has seen: distances over the whole network cost more than all else. False,
    /// and nothing is added, if that would take too long.
    private boolean addOneHopLonger(HopSearch search, int hops, int count, List<int[]> found) {
        space.reserveAllBut(cheapWork);
        Level level = level(hops, hops, count - found.size(), Pruning.STATIC, search.distancesForOneMoreHop());
        boolean isWhole = !space.isCut();
        space.release();
        if (isWhole) {
            found.addAll(level.paths());
        }
        return isWhole;
    }

    private void longer(int minHops, int maxHops, int count, List<int[]> found) {
        byte[] distances = space.distancesTo(target, new int[0], 0, maxHops);
        Pruning pruning = Pruning.STATIC;
        space.reserveAllBut(cheapWork);
        boolean hasLonger = true;
        int hops = minHops;
        while (hops <= maxHops && hasLonger && found.size() < count) {
            Level level = level(hops, maxHops, count - found.size(), pruning, distances);
            if (space.isCut() && pruning == Pruning.STATIC) {
                pruning = Pruning.RESIDUAL;
                space.release();
                continue;
            }
            found.addAll(level.paths());
            hasLonger = level.hasLonger() && !space.isCut();
            hops++;
        }
        space.reserveAllBut(Long.MAX_VALUE);
    }

    private Level level(int hops, int maxHops, int count, Pruning pruning, byte[] distances) {
        byte[] fromSource = switch (pruning) {
            case STATIC -> distances;
            case RESIDUAL -> space.distancesTo(target, new int[] {source}, 1, maxHops);
        };
        List<Integer> firsts = new ArrayList<>();
        boolean hasLonger = false;
        int[] lanes = space.topology().lanes(source);
        int degree = space.spend(Lanes.count(lanes)) ? Lanes.count(lanes) : 0;
        for (int i = 0; i < degree; i++) {
            int first = Lanes.to(lanes, i);
            if (space.isUsableLink(source, lanes, degree, i) && (first != target || hops == 1)) {
                int distance = SearchSpace.hops(fromSource, first);
                if (distance <= hops - 1) {
                    firsts.add(first);
                } else if (distance <= maxHops - 1) {
                    hasLonger = true;
                }
            }
        }
        Collections.shuffle(firsts, Random.from(random));

        List<int[]> paths = new ArrayList<>();
        Deque<Integer> unopened = new ArrayDeque<>(firsts);
        Deque<PathCursor> turns = new ArrayDeque<>();
        while (paths.size() < count && !space.isCut() && (!unopened.isEmpty() || !turns.isEmpty())) {
            if (hops == 1) {
                paths.add(new int[] {source, unopened.removeFirst()});
                continue;
            }
            PathCursor turn = unopened.isEmpty()
                    ? turns.removeFirst()
                    : new PathCursor(
                            space, source, unopened.removeFirst(), target, hops, maxHops, pruning, fromSource, random);
            int[] path = turn.next();
            hasLonger |= turn.hasLonger();
            if (path.length > 0) {
                paths.add(path);
                turns.addLast(turn);
            }
        }
        return new Level(paths, hasLonger);
    }
}
