package io.skywire.control.routefinder;

import io.skywire.control.routefinder.SearchMemory.Side;
import io.skywire.control.topology.Lanes;
import io.skywire.control.topology.Topology;
import java.util.random.RandomGenerator;

/// The shortest paths between two nodes in hops: two breadth-first searches, one from each end, the smaller front
/// first.
///
/// Fronts grow by whole levels, so the nodes where they meet are the middles of *all* shortest paths.
final class HopSearch {
    private static final int UNSEEN = -1;

    private final SearchSpace space;
    private final Topology topology;
    private final int source;
    private final int target;
    private final Side forward;
    private final Side backward;
    private int[] meetings = new int[16];
    private int met;
    private int hops;

    HopSearch(SearchSpace space, int source, int target) {
        this.space = space;
        this.topology = space.topology();
        this.source = source;
        this.target = target;
        forward = space.memory().forward;
        backward = space.memory().backward;
    }

    /// The length of the shortest paths, [SearchSpace#UNREACHABLE] if there is none of at most `maxHops`, or if the
    /// work is spent.
    int run(int maxHops) {
        forward.reset(topology.nodeCount());
        backward.reset(topology.nodeCount());
        forward.label(source, 0, UNSEEN);
        backward.label(target, 0, UNSEEN);
        forward.list[forward.listed++] = source;
        backward.list[backward.listed++] = target;
        int forwardBegin = 0;
        int backwardBegin = 0;
        for (hops = 1; hops <= maxHops; hops++) {
            int forwardSize = forward.listed - forwardBegin;
            int backwardSize = backward.listed - backwardBegin;
            if (forwardSize == 0 || backwardSize == 0) {
                return SearchSpace.UNREACHABLE;
            }
            boolean isDone;
            if (forwardSize <= backwardSize) {
                int end = forward.listed;
                isDone = !grow(forward, backward, forwardBegin, end);
                forwardBegin = end;
            } else {
                int end = backward.listed;
                isDone = !grow(backward, forward, backwardBegin, end);
                backwardBegin = end;
            }
            if (isDone) {
                return SearchSpace.UNREACHABLE;
            }
            if (met > 0) {
                return hops;
            }
        }
        return SearchSpace.UNREACHABLE;
    }

    /// Adds one level; false if the work is spent.
    private boolean grow(Side side, Side other, int begin, int end) {
        for (int at = begin; at < end; at++) {
            int node = side.list[at];
            int[] lanes = topology.lanes(node);
            int count = Lanes.count(lanes);
            if (!space.spend(count)) {
                return false;
            }
            int level = side.label(node, UNSEEN) + 1;
            for (int i = 0; i < count; i++) {
                int next = Lanes.to(lanes, i);
                if (side.label(next, UNSEEN) == UNSEEN && space.isUsable(node, lanes, count, i)) {
                    side.label(next, level, node);
                    side.list[side.listed++] = next;
                    if (other.label(next, UNSEEN) != UNSEEN) {
                        meet(next);
                    }
                }
            }
        }
        return true;
    }

    private void meet(int node) {
        if (met == meetings.length) {
            meetings = java.util.Arrays.copyOf(meetings, 2 * met);
        }
        meetings[met++] = node;
    }

    /// One of the shortest paths at random: through a random middle, and from there by random steps to both ends. Empty
    /// if the work is spent.
    int[] randomPath(RandomGenerator random) {
        int[] path = new int[hops + 1];
        int middle = meetings[random.nextInt(met)];
        int place = forward.label(middle, UNSEEN);
        path[place] = middle;
        for (int at = place; at > 0; at--) {
            path[at - 1] = randomStep(forward, path[at], random);
            if (path[at - 1] < 0) {
                return new int[0];
            }
        }
        for (int at = place; at < hops; at++) {
            path[at + 1] = randomStep(backward, path[at], random);
            if (path[at + 1] < 0) {
                return new int[0];
            }
        }
        return path;
    }

    /// A neighbour that is one level closer to where the side began: the first one from a random place on.
    private int randomStep(Side side, int node, RandomGenerator random) {
        int closer = side.label(node, UNSEEN) - 1;
        int[] lanes = topology.lanes(node);
        int count = Lanes.count(lanes);
        if (!space.spend(count)) {
            return UNSEEN;
        }
        int chosen = UNSEEN;
        int found = 0;
        for (int i = 0; i < count; i++) {
            int next = Lanes.to(lanes, i);
            if (side.label(next, UNSEEN) == closer
                    && space.isUsableLink(node, lanes, count, i)
                    && random.nextInt(++found) == 0) {
                chosen = next;
            }
        }
        return chosen;
    }

    /// The hops to the target plus one for every node on a shortest path, 0 for all others. Less than all of them if
    /// the work is spent.
    byte[] distancesOnShortestPaths() {
        byte[] distances = new byte[topology.nodeCount()];
        for (int i = 0; i < met; i++) {
            distances[meetings[i]] = (byte) (backward.label(meetings[i], UNSEEN) + 1);
        }
        mark(distances, forward, 1);
        mark(distances, backward, -1);
        return distances;
    }

    /// The hops to the target plus one, over nodes that this search has seen, 0 for nodes it has not. On a path that is
    /// one hop longer than the shortest, a node is either as close to the source as the forward search went or as close
    /// to the target as the backward search went, so these distances are right for all such paths. Less than all of
    /// them if the work is spent.
    byte[] distancesForOneMoreHop() {
        byte[] distances = new byte[topology.nodeCount()];
        if (!space.spend(distances.length / 8)) {
            return distances; // clearing memory is work as well
        }
        for (int i = 0; i < backward.listed; i++) {
            distances[backward.list[i]] = (byte) (backward.label(backward.list[i], UNSEEN) + 1);
        }
        int edge = backward.label(backward.list[backward.listed - 1], UNSEEN) + 1;
        int[] front = new int[forward.listed];
        int size = 0;
        for (int i = 0; i < forward.listed; i++) {
            int node = forward.list[i];
            if (distances[node] == 0 && touches(distances, node, edge)) {
                distances[node] = (byte) (edge + 1);
                front[size++] = node;
            }
        }
        for (int at = 0; at < size; at++) {
            int node = front[at];
            int[] lanes = topology.lanes(node);
            int count = Lanes.count(lanes);
            if (!space.spend(count)) {
                return distances;
            }
            for (int i = 0; i < count; i++) {
                int next = Lanes.to(lanes, i);
                if (distances[next] == 0
                        && forward.label(next, UNSEEN) != UNSEEN
                        && space.isUsable(node, lanes, count, i)) {
                    distances[next] = (byte) (distances[node] + 1);
                    front[size++] = next;
                }
            }
        }
        return distances;
    }

    /// Whether a neighbour lies at this distance.
    private boolean touches(byte[] distances, int node, int distance) {
        int[] lanes = topology.lanes(node);
        int count = Lanes.count(lanes);
        if (!space.spend(count)) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (distances[Lanes.to(lanes, i)] == distance && space.isUsable(node, lanes, count, i)) {
                return true;
            }
        }
        return false;
    }

    private void mark(byte[] distances, Side side, int step) {
        int[] marked = java.util.Arrays.copyOf(meetings, met);
        int end = met;
        for (int at = 0; at < end; at++) {
            int node = marked[at];
            int closer = side.label(node, UNSEEN) - 1;
            int[] lanes = topology.lanes(node);
            int count = Lanes.count(lanes);
            if (closer < 0 || !space.spend(count)) {
                return;
            }
            for (int i = 0; i < count; i++) {
                int next = Lanes.to(lanes, i);
                if (distances[next] == 0
                        && side.label(next, UNSEEN) == closer
                        && space.isUsable(node, lanes, count, i)) {
                    distances[next] = (byte) (distances[node] + step);
                    if (end == marked.length) {
                        marked = java.util.Arrays.copyOf(marked, 2 * end);
                    }
                    marked[end++] = next;
                }
            }
        }
    }
}
