package io.skywire.control.routefinder;

import io.skywire.control.topology.Lanes;
import io.skywire.control.topology.Topology;
import java.util.Arrays;

/// The cheapest path of at most so many hops, for the rare case that the cheapest of all has more.
///
/// Goes hop by hop: a way to a node is kept only if it is cheaper than all ways of fewer hops. As prices are above zero
/// the cheapest way never meets itself.
final class HopBoundedSearch {
    private static final int UNSEEN = Integer.MAX_VALUE;

    private final SearchSpace space;
    private int[] nodes = new int[1024];
    private int[] costs = new int[1024];
    private int[] parents = new int[1024];
    private int ways;

    HopBoundedSearch(SearchSpace space) {
        this.space = space;
    }

    /// Empty if there is none, or if the work is spent.
    int[] find(int source, int target, int maxHops) {
        Topology topology = space.topology();
        SearchMemory.Side cheapest = space.memory().forward;
        SearchMemory.Side wayTo = space.memory().backward;
        cheapest.reset(topology.nodeCount());
        cheapest.label(source, 0, -1);
        add(source, 0, -1);
        int begin = 0;
        for (int hop = 1; hop <= maxHops && begin < ways; hop++) {
            wayTo.reset(topology.nodeCount());
            int end = ways;
            for (int way = begin; way < end; way++) {
                int node = nodes[way];
                int[] lanes = topology.lanes(node);
                int count = node == target ? 0 : Lanes.count(lanes);
                for (int i = 0; i < count; i++) {
                    int least = space.leastCost(lanes, i);
                    if ((long) costs[way] + least >= cheapest.label(target, UNSEEN)) {
                        break;
                    }
                    if (!space.spend(1)) {
                        return CostSearch.NONE;
                    }
                    int to = Lanes.to(lanes, i);
                    int cost = costs[way] + space.cost(node, lanes, count, i, least);
                    if (cost > 0 && cost < cheapest.label(to, UNSEEN) && space.isUsable(node, lanes, count, i)) {
                        cheapest.label(to, cost, node);
                        int known = wayTo.label(to, -1);
                        if (known < 0) {
                            wayTo.label(to, ways, node);
                            add(to, cost, way);
                        } else {
                            costs[known] = cost;
                            parents[known] = way;
                        }
                    }
                }
            }
            begin = end;
        }
        return path(target, cheapest.label(target, UNSEEN));
    }

    private void add(int node, int cost, int parent) {
        if (ways == nodes.length) {
            nodes = Arrays.copyOf(nodes, 2 * ways);
            costs = Arrays.copyOf(costs, 2 * ways);
            parents = Arrays.copyOf(parents, 2 * ways);
        }
        nodes[ways] = node;
        costs[ways] = cost;
        parents[ways++] = parent;
    }

    private int[] path(int target, int cost) {
        for (int way = ways - 1; way >= 0; way--) {
            if (nodes[way] == target && costs[way] == cost) {
                int length = 0;
                for (int at = way; parents[at] >= 0; at = parents[at]) {
                    length++;
                }
                int[] path = new int[length + 1];
                for (int at = way; at >= 0; at = parents[at]) {
                    path[length--] = nodes[at];
                }
                return path;
            }
        }
        return CostSearch.NONE;
    }
}
