package io.skywire.control.routefinder;

import io.skywire.control.routefinder.SearchMemory.Side;
import io.skywire.control.topology.Lanes;
import io.skywire.control.topology.Topology;

/// The cheapest path between two nodes: Dijkstra's search from both ends at once, which opens lanes one by one.
///
/// Lanes are sorted by their least cost, so a settled node has one entry in the queue, for its next lane (Spira's
/// idea): a hub's thousands of lanes cost nothing until the search has grown to them. The two searches end when no path
/// over unopened territory can be cheaper. What they may have missed is one lane that joins both settled territories,
/// opened by neither; those that could matter are looked at before the answer is given.
final class CostSearch {
    private static final int UNSEEN = Integer.MAX_VALUE;
    private static final int LANE = Integer.MIN_VALUE;
    static final int[] NONE = {};

    private final SearchSpace space;
    private final Topology topology;
    private int best;
    private int left;
    private int right;
    private boolean isCut;

    CostSearch(SearchSpace space) {
        this.space = space;
        this.topology = space.topology();
    }

    /// The cheapest path of at most `maxHops` as node numbers, empty if there is none or if the work is spent.
    int[] find(int source, int target, int maxHops) {
        int[] path = cheapest(source, target);
        return path.length - 1 <= maxHops ? path : new HopBoundedSearch(space).find(source, target, maxHops);
    }

    /// Without a bound on the hops.
    private int[] cheapest(int source, int target) {
        Side forward = space.memory().forward;
        Side backward = space.memory().backward;
        begin(forward, source);
        begin(backward, target);
        best = UNSEEN;
        isCut = false;
        while (!isCut) {
            int forwardNext = forward.queue.nextCost();
            int backwardNext = backward.queue.nextCost();
            if (forwardNext == CostQueue.NOTHING
                    || backwardNext == CostQueue.NOTHING
                    || (long) forwardNext + backwardNext >= best) {
                break;
            }
            // The side that has settled less goes on, not the one with the smaller radius: an end behind one dear lane
            // would let the other side grow to that radius first.
            if (forward.listed <= backward.listed) {
                step(forward, backward, backwardNext);
            } else {
                step(backward, forward, forwardNext);
            }
        }
        closeGap(forward, backward);
        closeGap(backward, forward);
        return isCut || best == UNSEEN ? NONE : path(forward, backward);
    }

    /// What the path found last costs in this search.
    int cost() {
        return best;
    }

    private void begin(Side side, int node) {
        side.reset(topology.nodeCount());
        side.label(node, 0, -1);
        side.queue.add(0, node);
    }

    private void step(Side side, Side other, int otherNext) {
        long entry = side.queue.take();
        int item = (int) entry;
        int key = (int) (entry >>> 32);
        int node = item & ~LANE;
        if (item >= 0) {
            if (side.label(node, UNSEEN) != key) {
                return; // a cheaper way was found since
            }
            side.list[side.listed++] = node;
        }
        open(side, other, node, otherNext);
    }

    private void open(Side side, Side other, int node, int otherNext) {
        int[] lanes = topology.lanes(node);
        int count = Lanes.count(lanes);
        int cost = side.label(node, UNSEEN);
        int i = side.cursor(node);
        while (i < count) {
            int least = space.leastCost(lanes, i);
            int key = cost + least;
            if (key < 0 || (long) key + otherNext >= best) {
                break; // unopened for good; what may still matter of them is found when the gap is closed
            }
            if (key > side.queue.nextCost()) {
                side.queue.add(key, node | LANE);
                break;
            }
            if (!space.spend(1)) {
                isCut = true;
                return;
            }
            if (space.isUsable(node, lanes, count, i)) {
                int to = Lanes.to(lanes, i);
                relax(side, other, node, to, cost + space.cost(node, lanes, count, i, least), otherNext);
            }
            i++;
        }
        side.moveCursor(node, i);
    }

    private void relax(Side side, Side other, int node, int to, int cost, int otherNext) {
        if (cost < 0 || cost >= side.label(to, UNSEEN)) {
            return;
        }
        int rest = other.label(to, UNSEEN);
        if (rest == UNSEEN && (long) cost + otherNext >= best) {
            return;
        }
        side.label(to, cost, node);
        if (rest != UNSEEN && (long) cost + rest < best) {
            best = cost + rest;
            left = to;
            right = to;
        }
        side.queue.add(cost, to);
    }

    /// Looks at the unopened lanes of one side's settled nodes that lead to a settled node of the other side which is
    /// at least as far from its end, as far as they could still give a cheaper path: for those, twice the node's cost
    /// and the lane's stay below the best. Seen from both sides that is every such lane.
    private void closeGap(Side side, Side other) {
        for (int at = 0; at < side.listed && !isCut; at++) {
            int node = side.list[at];
            int cost = side.label(node, UNSEEN);
            int[] lanes = topology.lanes(node);
            int count = Lanes.count(lanes);
            for (int i = side.cursor(node); i < count; i++) {
                int least = space.leastCost(lanes, i);
                if (2L * cost + least >= best) {
                    break;
                }
                if (!space.spend(1)) {
                    isCut = true;
                    return;
                }
                int to = Lanes.to(lanes, i);
                int rest = other.label(to, UNSEEN);
                if (rest != UNSEEN && space.isUsable(node, lanes, count, i)) {
                    long total = (long) cost + space.cost(node, lanes, count, i, least) + rest;
                    if (total < best) {
                        best = (int) total;
                        left = side == space.memory().forward ? node : to;
                        right = left == node ? to : node;
                    }
                }
            }
        }
    }

    /// From the source to `left` by the forward search's steps, from `right` to the target by the backward one's.
    private int[] path(Side forward, Side backward) {
        int before = 0;
        for (int node = left; forward.parent(node) >= 0; node = forward.parent(node)) {
            before++;
        }
        int after = 0;
        for (int node = right; backward.parent(node) >= 0; node = backward.parent(node)) {
            after++;
        }
        int[] path = new int[before + after + (left == right ? 1 : 2)];
        for (int node = left, at = before; node >= 0; node = forward.parent(node)) {
            path[at--] = node;
        }
        for (int node = right, at = path.length - after - 1; node >= 0; node = backward.parent(node)) {
            path[at++] = node;
        }
        return path;
    }
}
