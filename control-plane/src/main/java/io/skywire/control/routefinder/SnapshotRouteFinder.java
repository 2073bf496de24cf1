package io.skywire.control.routefinder;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.skywire.control.blame.BlameBook;
import io.skywire.control.blame.BlameSnapshot;
import io.skywire.control.topology.Topology;
import io.skywire.control.topology.TopologySource;
import io.skywire.shared.key.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// The route finder over the current snapshot. Each call takes one snapshot and one random generator for itself.
final class SnapshotRouteFinder implements RouteFinder {
    private static final List<String> OUTCOMES = List.of("found", "no_such_node", "no_route", "invalid_path");

    private final TopologySource source;
    private final BlameBook blame;
    private final RandomGenerator seeds;
    private final RouteFinderSettings settings;
    private final MeterRegistry meters;
    private final SearchMemories memories =
            new SearchMemories(Runtime.getRuntime().availableProcessors());
    private volatile Surcharges surcharges =
            Surcharges.of(Topology.of(0, Instant.EPOCH, List.of(), List.of()), BlameSnapshot.CLEAN);

    /// @param seeds safe for many threads, unless calls come from one thread only
    SnapshotRouteFinder(
            TopologySource source,
            BlameBook blame,
            RandomGenerator seeds,
            RouteFinderSettings settings,
            MeterRegistry meters) {
        this.source = source;
        this.blame = blame;
        this.seeds = seeds;
        this.settings = settings;
        this.meters = meters;
        OUTCOMES.forEach(this::timer);
    }

    @Override
    public RouteAnswer find(RouteQuery query) {
        Timer.Sample sample = Timer.start(meters);
        RouteAnswer answer = search(source.current(), query);
        sample.stop(timer(outcome(answer)));
        return answer;
    }

    private RouteAnswer search(Topology topology, RouteQuery query) {
        long version = topology.version();
        OptionalInt from = topology.find(query.from());
        OptionalInt to = topology.find(query.to());
        if (from.isEmpty() || to.isEmpty()) {
            return new RouteAnswer.NoSuchNode(from.isEmpty() ? query.from() : query.to(), version);
        }
        SearchMemory memory = memories.take();
        try {
            return search(topology, query, from.getAsInt(), to.getAsInt(), memory);
        } finally {
            memories.giveBack(memory);
        }
    }

    private RouteAnswer search(Topology topology, RouteQuery query, int start, int end, SearchMemory memory) {
        RandomGenerator random = new SplittableRandom(seeds.nextLong());
        SearchSpace space = new SearchSpace(
                topology, memory, query.metric(), settings.spread(), random.nextLong(), settings.maxWork());
        space.blame(surcharges(topology), start, end);
        constrain(space, query, start, end);
        Optional<String> hindrance = hindrance(space, start, end);
        if (hindrance.isPresent()) {
            return new RouteAnswer.NoRoute(hindrance.get(), RouteAnswer.Extent.WHOLE, topology.version());
        }
        List<Way> ways = ways(space, query, start, end, random);
        RouteAnswer.Extent extent = space.isCut() ? RouteAnswer.Extent.CUT : RouteAnswer.Extent.WHOLE;
        if (!ways.isEmpty()) {
            return new RouteAnswer.Found(
                    ways.stream().map(way -> route(topology, way)).toList(), extent, topology.version());
        }
        return new RouteAnswer.NoRoute(nothingFound(query, extent, settings), extent, topology.version());
    }

    static String nothingFound(RouteQuery query, RouteAnswer.Extent extent, RouteFinderSettings settings) {
        String range = query.minHops() <= 1 ? "at most " + query.maxHops() : query.minHops() + " to " + query.maxHops();
        return switch (extent) {
            case CUT ->
                "the search was stopped after looking at " + settings.maxWork() + " links; no route of " + range
                        + " hops was among them, but one may exist";
            case WHOLE -> "no route of " + range + " hops is up within the constraints";
        };
    }

    /// Closes what the query does not want.
    static void constrain(SearchSpace space, RouteQuery query, int start, int end) {
        Topology topology = space.topology();
        query.avoidNodes().forEach(node -> topology.find(node).ifPresent(space::avoidNode));
        query.avoidTransports().forEach(id -> topology.find(id).ifPresent(space::avoidTransport));
        query.disjointFrom().ifPresent(route -> leave(space, route, start, end));
    }

    /// Made anew when the snapshot or the scores have changed. Two threads may do so at once; both are right.
    private Surcharges surcharges(Topology topology) {
        BlameSnapshot scores = blame.current();
        Surcharges held = surcharges;
        if (!held.areOf(topology, scores)) {
            held = Surcharges.of(topology, scores);
            surcharges = held;
        }
        return held;
    }

    /// Why no search is needed to say no.
    static Optional<String> hindrance(SearchSpace space, int start, int end) {
        if (start == end) {
            return Optional.of("source and destination are the same node");
        }
        if (space.isAvoided(start) || space.isAvoided(end)) {
            return Optional.of(
                    "the " + (space.isAvoided(start) ? "source" : "destination") + " is among the nodes to avoid");
        }
        if (isAlone(space.topology(), start) || isAlone(space.topology(), end)) {
            return Optional.of("the " + (isAlone(space.topology(), start) ? "source" : "destination")
                    + " has no transport that is up");
        }
        return Optional.empty();
    }

    private static void leave(SearchSpace space, Route route, int start, int end) {
        Topology topology = space.topology();
        for (Route.Hop hop : route.hops()) {
            topology.find(hop.to()).ifPresent(node -> avoidUnlessEnd(space, node, start, end));
            topology.find(hop.transport()).ifPresent(transport -> {
                space.avoidTransport(transport);
                topology.relays(transport).forEach(relay -> avoidUnlessEnd(space, relay, start, end));
            });
        }
    }

    private static void avoidUnlessEnd(SearchSpace space, int node, int start, int end) {
        if (node != start && node != end) {
            space.avoidNode(node);
        }
    }

    private static List<Way> ways(SearchSpace space, RouteQuery query, int start, int end, RandomGenerator random) {
        return switch (query.choice()) {
            case DISJOINT ->
                new DisjointPaths(space, start, end, query.minHops(), query.maxHops(), query.count()).find();
            case BEST ->
                best(space, query, start, end, random).stream()
                        .map(path -> space.randomWay(path, random))
                        .toList();
        };
    }

    /// The best paths, best first.
    static List<int[]> best(SearchSpace space, RouteQuery query, int start, int end, RandomGenerator random) {
        return switch (query.metric()) {
            case HOPS ->
                new ShortestPaths(space, start, end, random, ShortestPaths.CHEAP_WORK)
                        .find(query.minHops(), query.maxHops(), query.count());
            case COST -> cheapest(space, query, start, end, random);
        };
    }

    /// Where the cheapest paths are too short by far, going through all of them takes too long; then paths of the right
    /// length are searched without regard to their cost, and only put in its order.
    private static List<int[]> cheapest(
            SearchSpace space, RouteQuery query, int start, int end, RandomGenerator random) {
        if (query.minHops() <= 1) {
            return new CheapestPaths(space, start, end, query.maxHops()).find(query.minHops(), query.count());
        }
        space.reserveAllBut(space.workLeft() / 2);
        List<int[]> paths = new CheapestPaths(space, start, end, query.maxHops()).find(query.minHops(), query.count());
        if (!space.isCut() || paths.size() == query.count()) {
            return paths;
        }
        space.release();
        List<int[]> others = new ArrayList<>(new ShortestPaths(space, start, end, random, ShortestPaths.CHEAP_WORK)
                .find(query.minHops(), query.maxHops(), query.count()));
        others.addAll(paths);
        space.giveUp();
        Set<List<Integer>> known = new HashSet<>();
        others.removeIf(path -> !known.add(Arrays.stream(path).boxed().toList()));
        others.sort(Comparator.comparingLong(space::costOf));
        return others.subList(0, Math.min(query.count(), others.size()));
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
        RandomGenerator random = new SplittableRandom(seeds.nextLong());
        SearchSpace space = new SearchSpace(
                topology, new SearchMemory(), RouteQuery.Metric.COST, settings.spread(), random.nextLong(), 1);
        topology.find(from)
                .ifPresent(start -> topology.find(to).ifPresent(end -> space.blame(surcharges(topology), start, end)));
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
            if (space.cheapestTransport(start.getAsInt(), end.getAsInt()) < 0) {
                return invalid(hop, "no transport between " + left + " and " + right + " is up", topology);
            }
            path[hop] = start.getAsInt();
            path[hop + 1] = end.getAsInt();
        }
        Route route = route(topology, space.randomWay(path, random));
        return new RouteAnswer.Found(List.of(route), RouteAnswer.Extent.WHOLE, topology.version());
    }

    private static RouteAnswer invalid(int hop, String detail, Topology topology) {
        return new RouteAnswer.InvalidPath(hop, detail, topology.version());
    }

    static Route route(Topology topology, Way way) {
        List<Route.Hop> hops = new ArrayList<>(way.hops());
        for (int i = 0; i < way.hops(); i++) {
            hops.add(new Route.Hop(
                    topology.transport(way.transports()[i]),
                    topology.node(way.nodes()[i]),
                    topology.node(way.nodes()[i + 1]),
                    topology.maxPayload(way.transports()[i])));
        }
        return new Route(hops);
    }

    private static boolean isAlone(Topology topology, int node) {
        return topology.lanes(node).length == 0;
    }

    private Timer timer(String outcome) {
        return Timer.builder("skywire.routefinder.search")
                .description("Time of a search for routes")
                .tag("outcome", outcome)
                .register(meters);
    }

    private static String outcome(RouteAnswer answer) {
        return switch (answer) {
            case RouteAnswer.Found found -> "found";
            case RouteAnswer.NoSuchNode noSuchNode -> "no_such_node";
            case RouteAnswer.NoRoute noRoute -> "no_route";
            case RouteAnswer.InvalidPath invalidPath -> "invalid_path";
        };
    }
}
