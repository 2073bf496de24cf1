package io.skywire.control.routefinder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/// The cheapest simple paths between two nodes, one after the other: Yen's algorithm with Lawler's shortening.
///
/// Each path after the first leaves an earlier one at some node, for a neighbour that no earlier path took there. Paths
/// differ in their nodes.
final class CheapestPaths {
    /// Paths passed over because they are too short, at most; each keeps its candidates in memory.
    private static final int MOST = 512;

    private final SearchSpace space;
    private final int source;
    private final int target;
    private final int maxHops;
    private final List<Candidate> taken = new ArrayList<>();
    private final PriorityQueue<Candidate> candidates =
            new PriorityQueue<>((one, other) -> Long.compare(one.cost, other.cost));
    private final Set<List<Integer>> known = new HashSet<>();

    CheapestPaths(SearchSpace space, int source, int target, int maxHops) {
        this.space = space;
        this.source = source;
        this.target = target;
        this.maxHops = maxHops;
    }

    /// A path, what it costs, and where it leaves the path it was made from.
    private record Candidate(int[] path, long cost, int leaves) {}

    /// Up to `count` paths of at least `minHops`, cheapest first. Fewer if there are no more, or if the work is spent.
    List<int[]> find(int minHops, int count) {
        List<int[]> found = new ArrayList<>();
        offer(new CostSearch(space).find(source, target, maxHops), 0);
        while (!candidates.isEmpty() && taken.size() < MOST + count && !space.isCut()) {
            Candidate next = candidates.remove();
            taken.add(next);
            if (next.path.length - 1 >= minHops) {
                found.add(next.path);
            }
            if (found.size() == count) {
                return found;
            }
            branch(next);
        }
        if (taken.size() >= MOST + count) {
            space.giveUp();
        }
        return found;
    }

    private void branch(Candidate from) {
        int[] path = from.path;
        List<Candidate> found = new ArrayList<>();
        for (int i = 0; i < from.leaves; i++) {
            space.close(path[i]);
        }
        for (int at = from.leaves; at < path.length - 1 && !space.isCut(); at++) {
            List<Integer> used = new ArrayList<>();
            for (Candidate earlier : taken) {
                if (earlier.path.length > at + 1 && Arrays.mismatch(earlier.path, 0, at + 1, path, 0, at + 1) < 0) {
                    used.add(earlier.path[at + 1]);
                }
            }
            space.bar(path[at], used);
            int[] rest = new CostSearch(space).find(path[at], target, maxHops - at);
            if (rest.length > 0) {
                int[] whole = Arrays.copyOf(path, at + rest.length);
                System.arraycopy(rest, 0, whole, at, rest.length);
                found.add(new Candidate(whole, 0, at));
            }
            space.close(path[at]);
        }
        space.unbar();
        for (int node : path) {
            space.reopen(node);
        }
        found.forEach(one -> offer(one.path, one.leaves)); // priced when nothing is closed any more
    }

    private void offer(int[] path, int leaves) {
        if (path.length > 0 && known.add(Arrays.stream(path).boxed().toList())) {
            candidates.add(new Candidate(path, space.costOf(path), leaves));
        }
    }
}
