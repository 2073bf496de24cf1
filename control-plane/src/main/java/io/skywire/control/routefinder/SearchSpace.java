package io.skywire.control.routefinder;

import io.skywire.control.topology.Lanes;
import io.skywire.control.topology.Topology;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The part of a snapshot that one search may use, what a lane costs there, and the work that may still be spent. For
/// one thread, one search.
final class SearchSpace {
    static final int UNREACHABLE = Integer.MAX_VALUE;

    /// What a hop costs in a search by hops where somebody is blamed: more than all blame on a way can add up to, as
    /// [#shareOf] leaves at most 2^10 of it for a lane.
    private static final int HOP_AMONG_BLAMED = 1 << 20;

    /// A search by hops weighs the blame on a lane in steps of so many microseconds.
    static final int BLAME_STEP = 1 << 13;

    private final Topology topology;
    private final SearchMemory memory;
    private final RouteQuery.Metric metric;
    private final boolean isByPrice; // read for every lane
    private final long spread; // in 1/65536
    private final long seed;
    private final BitSet closedNodes;
    private final BitSet closedRelays;
    private final BitSet openTransports;
    private int[] closedTransports = {};
    private boolean isPlain = true;
    private int barredFrom = -1;
    private final BitSet barredTo = new BitSet();
    private @Nullable Surcharges surcharges; // null while nobody is blamed
    private int source = -1;
    private int target = -1;
    private int hop = 1;
    private final Budget budget;

    /// Shared by all branches of one search.
    private static final class Budget {
        long work;
        long reserve;
        boolean isCut;
    }

    /// @param spread up to which part of itself a price may be raised at random, 0 to 1
    /// @param seed chooses what is raised by how much; the same within one search
    /// @param work how many lanes may be looked at
    SearchSpace(Topology topology, SearchMemory memory, RouteQuery.Metric metric, double spread, long seed, long work) {
        this.topology = topology;
        this.memory = memory;
        this.metric = metric;
        this.isByPrice = metric == RouteQuery.Metric.COST;
        this.spread = metric == RouteQuery.Metric.HOPS ? 0 : Math.round(spread * 65_536);
        this.seed = seed;
        closedNodes = new BitSet();
        closedRelays = new BitSet();
        openTransports = new BitSet();
        budget = new Budget();
        budget.work = work;
    }

    private SearchSpace(SearchSpace from) {
        topology = from.topology;
        memory = from.memory;
        metric = from.metric;
        isByPrice = from.isByPrice;
        spread = from.spread;
        seed = from.seed;
        closedNodes = (BitSet) from.closedNodes.clone();
        closedRelays = (BitSet) from.closedRelays.clone();
        openTransports = (BitSet) from.openTransports.clone();
        closedTransports = from.closedTransports;
        isPlain = from.isPlain;
        surcharges = from.surcharges;
        source = from.source;
        target = from.target;
        hop = from.hop;
        budget = from.budget;
    }

    /// A space that can be narrowed without touching this one. Work that is spent there is spent here.
    SearchSpace branch() {
        return new SearchSpace(this);
    }

    Topology topology() {
        return topology;
    }

    SearchMemory memory() {
        return memory;
    }

    // --- what may be used

    /// No path may pass this node, nor depend on it as a relay.
    void avoidNode(int node) {
        closedNodes.set(node);
        closedRelays.set(node);
        isPlain = false;
    }

    void avoidTransport(int transport) {
        int place = Arrays.binarySearch(closedTransports, transport);
        if (place < 0) {
            closedTransports = Arrays.copyOf(closedTransports, closedTransports.length + 1);
            closedTransports[closedTransports.length - 1] = transport;
            Arrays.sort(closedTransports);
        }
        isPlain = false;
    }

    /// Without what is blamed, but for the ends of the way.
    SearchSpace withoutBlamed() {
        SearchSpace clean = branch();
        if (surcharges != null) {
            for (int node : surcharges.blamedNodes()) {
                if (node != source && node != target) {
                    clean.close(node);
                }
            }
            clean.avoidTransports(surcharges.blamedTransports());
        }
        return clean;
    }

    private void avoidTransports(int[] more) {
        int[] all = Arrays.copyOf(closedTransports, closedTransports.length + more.length);
        System.arraycopy(more, 0, all, closedTransports.length, more.length);
        Arrays.sort(all);
        closedTransports = all;
        isPlain = false;
    }

    /// No path may depend on this relay; as a node it may be passed.
    void closeRelay(int relay) {
        closedRelays.set(relay);
        isPlain = false;
    }

    /// Of all transports over this relay only one may be used, and the relay is no node for anybody.
    void closeRelayExcept(int relay, int transport) {
        avoidNode(relay);
        openTransports.set(transport);
    }

    /// Closes nodes for a while; [#reopen] undoes it.
    void close(int node) {
        closedNodes.set(node);
        isPlain = false;
    }

    void reopen(int node) {
        closedNodes.clear(node);
    }

    /// Bars the way from this node to some neighbours, until the next call.
    void bar(int from, List<Integer> to) {
        barredFrom = from;
        barredTo.clear();
        to.forEach(barredTo::set);
        isPlain = false;
    }

    void unbar() {
        barredFrom = -1;
    }

    boolean isAvoided(int node) {
        return closedNodes.get(node);
    }

    /// Whether the i-th lane of this node may be used.
    boolean isUsable(int node, int[] lanes, int count, int i) {
        return isPlain || isOpen(node, lanes, count, i);
    }

    private boolean isOpen(int node, int[] lanes, int count, int i) {
        int to = Lanes.to(lanes, i);
        if (closedNodes.get(to)
                || (node == barredFrom && barredTo.get(to))
                || (to == barredFrom && barredTo.get(node))) {
            return false;
        }
        int transport = Lanes.transport(lanes, count, i);
        if (closedTransports.length > 0 && Arrays.binarySearch(closedTransports, transport) >= 0) {
            return false;
        }
        return !Lanes.isRelayed(lanes, count, i) || isRelayOpen(transport);
    }

    /// Whether the transport depends on a relay that must not be used.
    boolean isOverClosedRelay(int transport) {
        return !isRelayOpen(transport);
    }

    private boolean isRelayOpen(int transport) {
        if (openTransports.get(transport)) {
            return true;
        }
        for (int relay : topology.relays(transport)) {
            if (closedRelays.get(relay)) {
                return false;
            }
        }
        return true;
    }

    /// Whether the neighbour of the i-th lane can be reached over it or, if it is the first one that leads there, over
    /// any other: each neighbour is usable once.
    boolean isUsableLink(int node, int[] lanes, int count, int i) {
        if (!Lanes.isFirst(lanes, i)) {
            return false;
        }
        if (isPlain || isOpen(node, lanes, count, i)) {
            return true;
        }
        int to = Lanes.to(lanes, i);
        for (int other = i + 1; other < count; other++) {
            if (!Lanes.isFirst(lanes, other) && Lanes.to(lanes, other) == to && isOpen(node, lanes, count, other)) {
                return true;
            }
        }
        return false;
    }

    // --- what it costs

    /// Makes what is blamed costlier on ways between these two, which cost nothing themselves.
    void blame(Surcharges blamed, int from, int to) {
        if (!blamed.areNone()) {
            surcharges = blamed;
            source = from;
            target = to;
            hop = metric == RouteQuery.Metric.HOPS ? HOP_AMONG_BLAMED : 1;
        }
    }

    /// Whether this is a search by hops.
    boolean countsHops() {
        return metric == RouteQuery.Metric.HOPS;
    }

    boolean isAnybodyBlamed() {
        return surcharges != null;
    }

    /// What blame adds to the way from one node to its neighbour, in microseconds.
    int surcharge(int node, int to, int transport) {
        if (surcharges == null) {
            return 0;
        }
        return (ofNode(surcharges, node) + ofNode(surcharges, to)) / 2 + surcharges.ofTransport(transport);
    }

    private int ofNode(Surcharges blamed, int node) {
        return node == source || node == target ? 0 : blamed.ofNode(node);
    }

    /// What blame adds to a path by its cheapest usable transports, in microseconds.
    long surcharge(int[] path) {
        long sum = 0;
        for (int i = 0; i + 1 < path.length && surcharges != null; i++) {
            if (surcharges.touch(path[i], path[i + 1])) {
                sum += surcharge(path[i], path[i + 1], cheapestTransport(path[i], path[i + 1]));
            }
        }
        return sum;
    }

    /// A surcharge in the unit of this search: any blame counts, and counts less than a hop in a search by hops.
    private int shareOf(int surcharge) {
        return switch (metric) {
            case HOPS -> (surcharge + BLAME_STEP - 1) / BLAME_STEP;
            case COST -> surcharge;
        };
    }

    /// The cheapest usable transport from one node to its neighbour, -1 if there is none.
    int cheapestTransport(int node, int to) {
        // Both ends know it; a leaf is quicker to ask than its hub.
        int[] lanes = topology.lanes(node);
        int[] others = topology.lanes(to);
        boolean isTurned = others.length < lanes.length;
        int asked = isTurned ? to : node;
        int sought = isTurned ? node : to;
        int[] shorter = isTurned ? others : lanes;
        int count = Lanes.count(shorter);
        boolean isPricedAlike = surcharges == null || !surcharges.touch(node, to);
        int cheapest = -1;
        int least = Integer.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            if (Lanes.to(shorter, i) == sought && !closedNodes.get(to) && isUsable(asked, shorter, count, i)) {
                if (isPricedAlike) {
                    return Lanes.transport(shorter, count, i);
                }
                int cost = cost(asked, shorter, count, i);
                if (cost < least) {
                    least = cost;
                    cheapest = Lanes.transport(shorter, count, i);
                }
            }
        }
        return cheapest;
    }

    /// What a transport costs in this search on the way from one node to its neighbour.
    int costOf(int node, int to, int transport) {
        int least = switch (metric) {
            case HOPS -> hop;
            case COST -> topology.price(transport);
        };
        return raised(node, to, least) + shareOf(surcharge(node, to, transport));
    }

    /// What a path costs by its cheapest usable transports.
    long costOf(int[] path) {
        long sum = 0;
        for (int i = 0; i + 1 < path.length; i++) {
            sum += costOf(path[i], path[i + 1], cheapestTransport(path[i], path[i + 1]));
        }
        return sum;
    }

    long costOf(Way way) {
        long sum = 0;
        for (int i = 0; i < way.hops(); i++) {
            sum += costOf(way.nodes()[i], way.nodes()[i + 1], way.transports()[i]);
        }
        return sum;
    }

    /// The path by its cheapest usable transports.
    Way cheapestWay(int[] path) {
        int[] transports = new int[path.length - 1];
        for (int i = 0; i < transports.length; i++) {
            transports[i] = cheapestTransport(path[i], path[i + 1]);
        }
        return new Way(path, transports);
    }

    /// The path by usable transports that cost nearly as little as the cheapest ones, at random.
    Way randomWay(int[] path, RandomGenerator random) {
        int[] transports = new int[path.length - 1];
        for (int i = 0; i < transports.length; i++) {
            transports[i] = randomTransport(path[i], path[i + 1], random);
        }
        return new Way(path, transports);
    }

    private int randomTransport(int node, int to, RandomGenerator random) {
        int[] lanes = topology.lanes(node);
        int count = Lanes.count(lanes);
        boolean isPricedAlike = surcharges == null || !surcharges.touch(node, to);
        long limit = isPricedAlike ? -1 : nearlyAsGood(surchargedPrice(node, to, cheapestTransport(node, to)));
        int chosen = -1;
        int found = 0;
        for (int i = 0; i < count; i++) {
            if (Lanes.to(lanes, i) == to && isUsable(node, lanes, count, i)) {
                int transport = Lanes.transport(lanes, count, i);
                long price = isPricedAlike ? Lanes.price(lanes, i) : surchargedPrice(node, to, transport);
                limit = limit < 0 ? nearlyAsGood(price) : limit;
                if (price <= limit && random.nextInt(++found) == 0) {
                    chosen = transport;
                }
            }
        }
        return chosen;
    }

    /// By what transports between two nodes are compared: the price, or in a search by hops the blame alone.
    private long surchargedPrice(int node, int to, int transport) {
        int surcharge = surcharge(node, to, transport);
        return switch (metric) {
            case HOPS -> surcharge;
            case COST -> (long) topology.price(transport) + surcharge;
        };
    }

    /// Transports that join two nodes may be taken in turns if they cost no more than this, given the cheapest one's.
    private long nearlyAsGood(long price) {
        return switch (metric) {
            case HOPS -> isAnybodyBlamed() ? price : Long.MAX_VALUE;
            case COST -> price + (price * spread >>> 16);
        };
    }

    /// The least that the i-th lane can cost; lanes are in the order of this.
    int leastCost(int[] lanes, int i) {
        return isByPrice ? Lanes.price(lanes, i) : hop;
    }

    int cost(int node, int[] lanes, int count, int i) {
        return cost(node, lanes, count, i, leastCost(lanes, i));
    }

    /// What the i-th lane of a node costs in this search, the same in both directions: its least cost, which the caller
    /// has read already, raised by up to the spread and by what is blamed.
    int cost(int node, int[] lanes, int count, int i, int leastCost) {
        int to = Lanes.to(lanes, i);
        int cost = raised(node, to, leastCost);
        return surcharges == null ? cost : cost + blameOn(surcharges, node, to, lanes, count, i);
    }

    private int blameOn(Surcharges blamed, int node, int to, int[] lanes, int count, int i) {
        return blamed.touch(node, to) ? shareOf(surcharge(node, to, Lanes.transport(lanes, count, i))) : 0;
    }

    private int raised(int node, int to, int leastCost) {
        if (spread == 0) {
            return leastCost;
        }
        long z = seed + Math.min(node, to) * 0x9e3779b97f4a7c15L + Math.max(node, to) * 0xc2b2ae3d27d4eb4fL;
        z = (z ^ (z >>> 32)) * 0xd6e8feb86659fd93L;
        long raise = (z >>> 48) * spread >>> 16;
        return leastCost + (int) (leastCost * raise >>> 16);
    }

    // --- the work

    /// Looks at lanes: false, and nothing may be looked at, if that would exceed the bound.
    boolean spend(int lanes) {
        if (budget.work - budget.reserve < lanes) {
            budget.isCut = true;
            return false;
        }
        budget.work -= lanes;
        return true;
    }

    /// Whether a search has met the bound since the last [#release].
    boolean isCut() {
        return budget.isCut;
    }

    /// Says that the search ends before its end for another reason.
    void giveUp() {
        budget.isCut = true;
    }

    /// Sets all but `looks` of the work aside, for another attempt after [#release].
    void reserveAllBut(long looks) {
        budget.reserve = Math.max(0, budget.work - looks);
    }

    void release() {
        budget.reserve = 0;
        budget.isCut = false;
    }

    long workLeft() {
        return budget.work;
    }

    /// How many hops each node is from `target` plus one, 0 if at most `limit` hops do not lead there without passing
    /// through the nodes of `blocked`. Transports carry both ways, so this is also the distance to it.
    byte[] distancesTo(int target, int[] blocked, int blockedCount, int limit) {
        int nodes = topology.nodeCount();
        if (!spend(nodes / 8)) {
            return new byte[nodes]; // clearing memory is work as well
        }
        byte[] distances = new byte[nodes];
        SearchMemory.Side side = memory.backward;
        side.reset(nodes);
        int[] queue = side.list;
        int tail = 0;
        queue[tail++] = target;
        distances[target] = 1;
        for (int head = 0; head < tail; head++) {
            int node = queue[head];
            int[] lanes = topology.lanes(node);
            int count = Lanes.count(lanes);
            if (distances[node] > limit || !spend(count)) {
                break;
            }
            for (int i = 0; i < count; i++) {
                int next = Lanes.to(lanes, i);
                if (distances[next] == 0 && isUsable(node, lanes, count, i) && !contains(blocked, blockedCount, next)) {
                    distances[next] = (byte) (distances[node] + 1);
                    queue[tail++] = next;
                }
            }
        }
        return distances;
    }

    static int hops(byte[] distances, int node) {
        return distances[node] == 0 ? UNREACHABLE : distances[node] - 1;
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
