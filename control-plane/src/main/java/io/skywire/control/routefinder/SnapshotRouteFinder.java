package io.skywire.control.routefinder;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.skywire.control.topology.Topology;
import io.skywire.control.topology.TopologySource;
import io.skywire.shared.key.PublicKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// The route finder over the current snapshot. Each call takes one snapshot and one random generator for itself.
final class SnapshotRouteFinder implements RouteFinder {
    private final TopologySource source;
    private final RandomGenerator seeds;
    private final long maxWork;
    private final MeterRegistry meters;

    /// @param seeds safe for many threads, unless calls come from one thread only
    SnapshotRouteFinder(
            TopologySource source, RandomGenerator seeds, RouteFinderSettings settings, MeterRegistry meters) {
        this.source = source;
        this.seeds = seeds;
        this.maxWork = settings.maxWork();
        this.meters = meters;
    }

    @Override
    public RouteAnswer find(RouteQuery query) {
        Timer.Sample sample = Timer.start(meters);
        RouteAnswer answer = search(source.current(), query);
        sample.stop(meters.timer("skywire.routefinder.search", "outcome", outcome(answer)));
        return answer;
    }

    private RouteAnswer search(Topology topology, RouteQuery query) {
        long version = topology.version();
        OptionalInt from = topology.find(query.from());
        OptionalInt to = topology.find(query.to());
        if (from.isEmpty() || to.isEmpty()) {
            return new RouteAnswer.NoSuchNode(from.isEmpty() ? query.from() : query.to(), version);
        }
        int start = from.getAsInt();
        int end = to.getAsInt();
        SearchSpace space = new SearchSpace(topology, query.avoidNodes(), query.avoidTransports(), maxWork);
        if (start == end) {
            return new RouteAnswer.NoRoute("source and destination are the same node", version);
        }
        if (space.isAvoided(start) || space.isAvoided(end)) {
            return new RouteAnswer.NoRoute(
                    "the " + (space.isAvoided(start) ? "source" : "destination") + " is among the nodes to avoid",
                    version);
        }
        if (isAlone(topology, start) || isAlone(topology, end)) {
            return new RouteAnswer.NoRoute(
                    "the " + (isAlone(topology, start) ? "source" : "destination") + " has no transport that is up",
                    version);
        }
        RandomGenerator random = new SplittableRandom(seeds.nextLong());
        List<int[]> paths = new ShortestPaths(space, start, end, random, ShortestPaths.CHEAP_WORK)
                .find(query.minHops(), query.maxHops(), query.count());
        if (!paths.isEmpty()) {
            return new RouteAnswer.Found(
                    paths.stream().map(path -> route(space, path, random)).toList(), version);
        }
        String range = query.minHops() <= 1 ? "at most " + query.maxHops() : query.minHops() + " to " + query.maxHops();
        return new RouteAnswer.NoRoute(
                space.isExhausted()
                        ? "the search was stopped after looking at " + maxWork + " links; no route of " + range
                                + " hops was among them, but one may exist"
                        : "no route of " + range + " hops is up within the constraints",
                version);
    }

    @Override
    public RouteAnswer check(PublicKey from, List<PublicKey> via, PublicKey to) {
        Topology topology = source.current();
        List<PublicKey> nodes = new ArrayList<>(via.size() + 2);
        nodes.add(from);
        nodes.addAll(via);
        nodes.add(to);
        int hops = nodes.size() - 1;
        if (hops > RouteQuery.MAX_HOPS) {
            return new RouteAnswer.InvalidPath(
                    RouteQuery.MAX_HOPS,
                    "a path has at most " + RouteQuery.MAX_HOPS + " hops, not " + hops,
                    topology.version());
        }
        SearchSpace space = new SearchSpace(topology, Set.of(), Set.of(), maxWork);
        Set<PublicKey> passed = new HashSet<>(Set.of(from));
        int[] path = new int[nodes.size()];
        for (int hop = 0; hop < hops; hop++) {
            PublicKey left = nodes.get(hop);
            PublicKey right = nodes.get(hop + 1);
            OptionalInt start = topology.find(left);
            OptionalInt end = topology.find(right);
            if (start.isEmpty() || end.isEmpty()) {
                return invalid(hop, "node " + (start.isEmpty() ? left : right) + " has never been seen", topology);
            }
            if (!passed.add(right)) {
                return invalid(hop, "node " + right + " comes twice", topology);
            }
            if (linkBetween(topology, start.getAsInt(), end.getAsInt()).isEmpty()) {
                return invalid(hop, "no transport between " + left + " and " + right + " is up", topology);
            }
            path[hop] = start.getAsInt();
            path[hop + 1] = end.getAsInt();
        }
        Route route = route(space, path, new SplittableRandom(seeds.nextLong()));
        return new RouteAnswer.Found(List.of(route), topology.version());
    }

    private static RouteAnswer invalid(int hop, String detail, Topology topology) {
        return new RouteAnswer.InvalidPath(hop, detail, topology.version());
    }

    /// Gives each hop one of the transports that join its two nodes, at random.
    private static Route route(SearchSpace space, int[] path, RandomGenerator random) {
        Topology topology = space.topology();
        List<Route.Hop> hops = new ArrayList<>(path.length - 1);
        for (int i = 0; i + 1 < path.length; i++) {
            int link = linkBetween(topology, path[i], path[i + 1]).orElseThrow();
            int skip = random.nextInt(space.usableLanes(link));
            int lane = topology.lanesBegin(link);
            while (!space.isUsableLane(lane) || skip-- > 0) {
                lane++;
            }
            hops.add(new Route.Hop(
                    topology.transport(lane),
                    topology.node(path[i]),
                    topology.node(path[i + 1]),
                    topology.maxPayload(lane)));
        }
        return new Route(hops);
    }

    private static OptionalInt linkBetween(Topology topology, int from, int to) {
        for (int link = topology.linksBegin(from); link < topology.linksEnd(from); link++) {
            if (topology.linkTo(link) == to) {
                return OptionalInt.of(link);
            }
        }
        return OptionalInt.empty();
    }

    private static boolean isAlone(Topology topology, int node) {
        return topology.linksBegin(node) == topology.linksEnd(node);
    }

    private static String outcome(RouteAnswer answer) {
        return switch (answer) {
            case RouteAnswer.Found found -> "found";
            case RouteAnswer.NoSuchNode noSuchNode -> "no-such-node";
            case RouteAnswer.NoRoute noRoute -> "no-route";
            case RouteAnswer.InvalidPath invalidPath -> "invalid-path";
        };
    }
}
