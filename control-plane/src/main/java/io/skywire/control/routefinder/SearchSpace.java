package io.skywire.control.routefinder;

import io.skywire.control.topology.Topology;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Set;

/// The part of a snapshot that one search may use, and the work it may still spend there. For one thread, one search.
final class SearchSpace {
    static final int UNREACHABLE = Integer.MAX_VALUE;

    private final Topology topology;
    private final BitSet avoidedNodes = new BitSet();
    private final Set<TransportId> avoidedTransports;
    private long work;
    private long reserve;

    /// @param work how many links may be looked at
    SearchSpace(Topology topology, Set<PublicKey> avoidNodes, Set<TransportId> avoidTransports, long work) {
        this.topology = topology;
        this.avoidedTransports = avoidTransports;
        this.work = work;
        avoidNodes.forEach(node -> topology.find(node).ifPresent(avoidedNodes::set));
    }

    Topology topology() {
        return topology;
    }

    boolean isAvoided(int node) {
        return avoidedNodes.get(node);
    }

    /// Looks at a link: whether it may be used. Costs one unit of work.
    boolean isUsable(int link) {
        work--;
        return !avoidedNodes.get(topology.linkTo(link)) && usableLanes(link) > 0;
    }

    boolean isExhausted() {
        return work <= reserve;
    }

    /// Sets all but `looks` of the work aside, for another attempt after [#release].
    void reserveAllBut(long looks) {
        reserve = Math.max(0, work - looks);
    }

    void release() {
        reserve = 0;
    }

    int usableLanes(int link) {
        int all = topology.lanesEnd(link) - topology.lanesBegin(link);
        if (avoidedTransports.isEmpty()) {
            return all;
        }
        int usable = 0;
        for (int lane = topology.lanesBegin(link); lane < topology.lanesEnd(link); lane++) {
            if (isUsableLane(lane)) {
                usable++;
            }
        }
        return usable;
    }

    boolean isUsableLane(int lane) {
        return !avoidedTransports.contains(topology.transport(lane));
    }

    /// How many hops each node is from `target`, without passing through the nodes of `blocked`; [#UNREACHABLE] if none
    /// of at most `limit` hops leads there. Transports carry both ways, so this is also the distance to it.
    int[] distancesTo(int target, int[] blocked, int blockedCount, int limit) {
        int[] distances = new int[topology.nodeCount()];
        Arrays.fill(distances, UNREACHABLE);
        int[] queue = new int[topology.nodeCount()];
        int tail = 0;
        queue[tail++] = target;
        distances[target] = 0;
        for (int head = 0; head < tail && !isExhausted(); head++) {
            int node = queue[head];
            if (distances[node] == limit) {
                break;
            }
            for (int link = topology.linksBegin(node); link < topology.linksEnd(node); link++) {
                int next = topology.linkTo(link);
                if (isUsable(link) && distances[next] == UNREACHABLE && !contains(blocked, blockedCount, next)) {
                    distances[next] = distances[node] + 1;
                    queue[tail++] = next;
                }
            }
        }
        return distances;
    }

    static boolean contains(int[] nodes, int count, int node) {
        for (int i = 0; i < count; i++) {
            if (nodes[i] == node) {
                return true;
            }
        }
        return false;
    }
}
