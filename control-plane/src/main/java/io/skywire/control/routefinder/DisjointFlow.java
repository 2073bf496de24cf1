package io.skywire.control.routefinder;

import io.skywire.control.routefinder.SearchMemory.Flow;
import io.skywire.control.routefinder.SearchMemory.Side;
import io.skywire.control.topology.Lanes;
import io.skywire.control.topology.Topology;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// As many paths as wanted that share no node between their ends, at the least total cost: a flow of successive
/// cheapest augmentations (Suurballe, Bhandari) over split nodes, each found by a search from both ends.
///
/// ```
/// node v  ⇒  v.in = 2v ──0──► v.out = 2v+1        one path may pass
/// lane    ⇒  u.out ──cost──► v.in                 and v.out ──cost──► u.in
/// an arc that a path uses can only be gone back, for what it cost
/// ```
/// Potentials keep all costs at or above zero. With search radii `f` and `b` whose sum is the length of the path found,
/// the potentials grow by `min(df, f) - f` and `b - min(db, b)`: zero wherever neither search has been, so each
/// augmentation costs what it has explored and not the size of the network. Every arc stays at or above zero, as a
/// shorter way through an arc that gained from both sides would have been found; every arc of the path becomes zero.
///
/// Parallel transports directly between the two ends count as paths of their own. Relays are not looked at here.
final class DisjointFlow {
    private static final int UNSEEN = Integer.MAX_VALUE;
    private static final int NOBODY = -1;

    private final SearchSpace space;
    private final Topology topology;
    private final int nodes;
    private final int source;
    private final int target;
    private final Side forward;
    private final Side backward;
    private final Flow flow;
    private final List<Integer> firsts = new ArrayList<>();
    private final List<Integer> direct = new ArrayList<>();
    private final BitSet directUsed = new BitSet();
    private int greatestPotential;
    private int leastPotential;
    private int backwardRadius;
    private long forwardLooks;
    private long backwardLooks;
    private int best;
    private int meeting;

    DisjointFlow(SearchSpace space, int source, int target) {
        this.space = space;
        this.topology = space.topology();
        this.nodes = topology.nodeCount();
        this.source = source;
        this.target = target;
        forward = space.memory().forward;
        backward = space.memory().backward;
        flow = space.memory().flow;
    }

    /// Up to `count` ways. Fewer if there are no more, or if the work is spent.
    List<Way> find(int count) {
        flow.reset(nodes);
        while (firsts.size() + direct.size() < count && search()) {
            raisePotentials();
            augment();
        }
        return ways();
    }

    private boolean search() {
        begin(forward, out(source));
        begin(backward, in(target));
        best = UNSEEN;
        forwardLooks = 0;
        backwardLooks = 0;
        while (true) {
            int forwardNext = forward.queue.nextCost();
            int backwardNext = backward.queue.nextCost();
            if (forwardNext == CostQueue.NOTHING
                    || backwardNext == CostQueue.NOTHING
                    || (long) forwardNext + backwardNext >= best) {
                return best != UNSEEN;
            }
            backwardRadius = backwardNext;
            Side side = forwardLooks <= backwardLooks ? forward : backward;
            long entry = side.queue.take();
            int vertex = (int) entry;
            int cost = (int) (entry >>> 32);
            if (side.label(vertex, UNSEEN) == cost) {
                side.list[side.listed++] = vertex;
                boolean isDone = side == forward ? leave(vertex, cost) : enter(vertex, cost);
                if (!isDone) {
                    return false;
                }
            }
        }
    }

    private void begin(Side side, int vertex) {
        side.reset(2 * nodes);
        side.label(vertex, 0, NOBODY);
        side.queue.add(0, vertex);
    }

    /// Follows the arcs that leave a vertex; false if the work is spent.
    private boolean leave(int vertex, int cost) {
        int node = vertex >> 1;
        if (node == target) {
            return true;
        }
        if (isIn(vertex)) {
            if (!isOnPath(node)) {
                relax(forward, backward, vertex, out(node), (long) cost + pull(vertex, out(node)));
            } else if (flow.before.get(node, NOBODY) != source) {
                int back = out(flow.before.get(node, NOBODY));
                relax(forward, backward, vertex, back, (long) cost - flow.toll.get(node, 0) + pull(vertex, back));
            }
            return true;
        }
        if (isOnPath(node)) {
            relax(forward, backward, vertex, in(node), (long) cost + pull(vertex, in(node)));
        }
        int[] lanes = topology.lanes(node);
        int count = Lanes.count(lanes);
        long base = (long) cost + potential(vertex);
        for (int i = 0; i < count; i++) {
            int least = space.leastCost(lanes, i);
            if (base + least - greatestPotential + backwardRadius >= best) {
                break;
            }
            if (!space.spend(1)) {
                return false;
            }
            forwardLooks++;
            int to = Lanes.to(lanes, i);
            if (to != source
                    && space.isUsable(node, lanes, count, i)
                    && !isUsed(node, to, Lanes.transport(lanes, count, i))) {
                relax(
                        forward,
                        backward,
                        vertex,
                        in(to),
                        base + space.cost(node, lanes, count, i, least) - potential(in(to)));
            }
        }
        return true;
    }

    /// Follows the arcs that enter a vertex, backwards; false if the work is spent.
    private boolean enter(int vertex, int cost) {
        int node = vertex >> 1;
        if (node == source) {
            return true;
        }
        if (!isIn(vertex)) {
            if (!isOnPath(node)) {
                relax(backward, forward, vertex, in(node), (long) cost + pull(in(node), vertex));
            } else if (flow.after.get(node, NOBODY) != target) {
                int next = flow.after.get(node, NOBODY);
                relax(
                        backward,
                        forward,
                        vertex,
                        in(next),
                        (long) cost - flow.toll.get(next, 0) + pull(in(next), vertex));
            }
            return true;
        }
        if (node != target && isOnPath(node)) {
            relax(backward, forward, vertex, out(node), (long) cost + pull(out(node), vertex));
        }
        int[] lanes = topology.lanes(node);
        int count = Lanes.count(lanes);
        long base = (long) cost - potential(vertex);
        for (int i = 0; i < count; i++) {
            int least = space.leastCost(lanes, i);
            if (base + least + leastPotential >= best) {
                break;
            }
            if (!space.spend(1)) {
                return false;
            }
            backwardLooks++;
            int from = Lanes.to(lanes, i);
            if (from != target
                    && space.isUsable(node, lanes, count, i)
                    && !isUsed(from, node, Lanes.transport(lanes, count, i))) {
                relax(
                        backward,
                        forward,
                        vertex,
                        out(from),
                        base + space.cost(node, lanes, count, i, least) + potential(out(from)));
            }
        }
        return true;
    }

    /// What cannot be on a better path is left out. Forwards that is judged with the backward radius in mind, so the
    /// forward labels are complete only up to `best` less that radius; the potentials ask for no more.
    private void relax(Side side, Side other, int from, int to, long cost) {
        if (cost >= side.label(to, UNSEEN) || cost >= best) {
            return;
        }
        int rest = other.label(to, UNSEEN);
        if (rest == UNSEEN && side == forward && cost + backwardRadius >= best) {
            return;
        }
        side.label(to, (int) cost, from);
        side.queue.add((int) cost, to);
        if (rest != UNSEEN && cost + rest < best) {
            best = (int) (cost + rest);
            meeting = to;
        }
    }

    private void raisePotentials() {
        backwardRadius = Math.min(backward.queue.nextCost(), best);
        int forwardRadius = best - backwardRadius;
        if (forwardRadius > forward.queue.nextCost()) {
            throw new IllegalStateException("the radii of a finished search do not reach its path");
        }
        for (int i = 0; i < forward.listed; i++) {
            int vertex = forward.list[i];
            int label = forward.label(vertex, UNSEEN);
            if (label < forwardRadius) {
                raise(vertex, label - forwardRadius);
            }
        }
        for (int i = 0; i < backward.listed; i++) {
            int vertex = backward.list[i];
            int label = backward.label(vertex, UNSEEN);
            if (label < backwardRadius) {
                raise(vertex, backwardRadius - label);
            }
        }
    }

    private void raise(int vertex, int by) {
        int raised = potential(vertex) + by;
        flow.potential.set(vertex, raised);
        greatestPotential = Math.max(greatestPotential, raised);
        leastPotential = Math.min(leastPotential, raised);
    }

    private void augment() {
        List<Integer> vertices = new ArrayList<>();
        for (int vertex = meeting; vertex != NOBODY; vertex = forward.parent(vertex)) {
            vertices.addFirst(vertex);
        }
        for (int vertex = backward.parent(meeting); vertex != NOBODY; vertex = backward.parent(vertex)) {
            vertices.add(vertex);
        }
        for (int i = 0; i + 1 < vertices.size(); i++) {
            int from = vertices.get(i);
            int to = vertices.get(i + 1);
            if (from >> 1 == to >> 1) {
                continue;
            }
            if (isIn(from)) {
                cancel(to >> 1, from >> 1);
            } else {
                use(from >> 1, to >> 1);
            }
        }
    }

    private void use(int from, int to) {
        if (from == source && to == target) {
            int transport = nextDirect();
            direct.add(transport);
            directUsed.set(transport);
            return;
        }
        int cost = space.costOf(from, to, space.cheapestTransport(from, to));
        if (from == source) {
            firsts.add(to);
        } else {
            flow.after.set(from, to);
        }
        if (to == target) {
            flow.toll.set(nodes + from, cost);
        } else {
            flow.before.set(to, from);
            flow.toll.set(to, cost);
        }
    }

    private void cancel(int from, int to) {
        if (flow.after.get(from, NOBODY) == to) {
            flow.after.set(from, NOBODY);
        }
        if (flow.before.get(to, NOBODY) == from) {
            flow.before.set(to, NOBODY);
        }
    }

    private int nextDirect() {
        int[] lanes = topology.lanes(source);
        int count = Lanes.count(lanes);
        int next = NOBODY;
        int least = UNSEEN;
        for (int i = 0; i < count && space.leastCost(lanes, i) < least; i++) {
            int transport = Lanes.transport(lanes, count, i);
            if (Lanes.to(lanes, i) == target && space.isUsable(source, lanes, count, i) && !directUsed.get(transport)) {
                int cost = space.cost(source, lanes, count, i);
                if (cost < least) {
                    least = cost;
                    next = transport;
                }
            }
        }
        if (next == NOBODY) {
            throw new IllegalStateException("the direct transport that was found is gone");
        }
        return next;
    }

    private List<Way> ways() {
        List<Way> ways = new ArrayList<>();
        direct.forEach(transport -> ways.add(new Way(new int[] {source, target}, new int[] {transport})));
        for (int first : firsts) {
            List<Integer> path = new ArrayList<>(List.of(source));
            for (int node = first; node != target; node = flow.after.get(node, NOBODY)) {
                path.add(node);
            }
            path.add(target);
            ways.add(space.cheapestWay(path.stream().mapToInt(Integer::intValue).toArray()));
        }
        return ways;
    }

    private boolean isUsed(int from, int to, int transport) {
        if (from == source) {
            return to == target ? directUsed.get(transport) : flow.before.get(to, NOBODY) == source;
        }
        return flow.after.get(from, NOBODY) == to;
    }

    private boolean isOnPath(int node) {
        return flow.after.get(node, NOBODY) != NOBODY;
    }

    private int potential(int vertex) {
        return flow.potential.get(vertex, 0);
    }

    /// What the potentials add to the cost of an arc.
    private int pull(int from, int to) {
        return potential(from) - potential(to);
    }

    private static int in(int node) {
        return 2 * node;
    }

    private static int out(int node) {
        return 2 * node + 1;
    }

    private static boolean isIn(int vertex) {
        return (vertex & 1) == 0;
    }
}
