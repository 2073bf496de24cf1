package io.skywire.control.routefinder;

import io.skywire.control.topology.Lanes;
import io.skywire.control.topology.Topology;
import java.util.Arrays;
import java.util.BitSet;

/// The nodes that can be reached from one node within a search space, nearest first.
final class Reach {
    private final BitSet reached = new BitSet();
    private int[] nodes = new int[64];
    private int[] hops = new int[64];
    private int count;
    private boolean isWhole = true;

    private Reach() {}

    /// Everything that the space's work suffices for.
    static Reach from(SearchSpace space, int start) {
        Reach reach = new Reach();
        Topology topology = space.topology();
        reach.add(start, 0);
        for (int at = 0; at < reach.count; at++) {
            int node = reach.nodes[at];
            int[] lanes = topology.lanes(node);
            int degree = Lanes.count(lanes);
            if (!space.spend(degree)) {
                reach.isWhole = false;
                break;
            }
            for (int i = 0; i < degree; i++) {
                int to = Lanes.to(lanes, i);
                if (!reach.reached.get(to) && space.isUsable(node, lanes, degree, i)) {
                    reach.add(to, reach.hops[at] + 1);
                }
            }
        }
        return reach;
    }

    private void add(int node, int distance) {
        if (count == nodes.length) {
            nodes = Arrays.copyOf(nodes, 2 * count);
            hops = Arrays.copyOf(hops, 2 * count);
        }
        reached.set(node);
        nodes[count] = node;
        hops[count++] = distance;
    }

    boolean holds(int node) {
        return reached.get(node);
    }

    int size() {
        return count;
    }

    boolean isWhole() {
        return isWhole;
    }

    /// The nearest ones, `most` at most, the start first.
    int[] nearest(int most) {
        return Arrays.copyOf(nodes, Math.min(most, count));
    }

    /// The least hops to a node that is reached.
    int hopsTo(int node) {
        for (int at = 0; at < count; at++) {
            if (nodes[at] == node) {
                return hops[at];
            }
        }
        throw new IllegalArgumentException("node " + node + " is not reached");
    }
}
