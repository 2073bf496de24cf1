package io.skywire.control.routefinder;

import io.skywire.control.discovery.DownTransport;
import io.skywire.control.routefinder.RouteExplanation.Candidate;
import io.skywire.control.routefinder.RouteExplanation.Exclusion;
import io.skywire.control.routefinder.RouteExplanation.HopCost;
import io.skywire.control.routefinder.RouteExplanation.Picture;
import io.skywire.control.routefinder.RouteExplanation.Reason;
import io.skywire.control.routefinder.RouteExplanation.Standing;
import io.skywire.control.routefinder.RouteExplanation.Verdict;
import io.skywire.control.topology.Lanes;
import io.skywire.control.topology.LinkCost;
import io.skywire.control.topology.LinkQuality;
import io.skywire.control.topology.Topology;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/// One explanation in the making: the finder's own searches without the lot, and what lies beside them. For one thread.
///
/// A search has the finder's bound of work, and so has each look at what an end can reach; there are four of them at
/// most.
final class Reasoning {
    /// Lanes of an end that are looked through for what cannot be used there.
    private static final int MOST_LANES = 4_096;

    private final Topology topology;
    private final Surcharges surcharges;
    private final Hearsay hearsay;
    private final RouteFinderSettings settings;
    private final Instant now;
    private final RouteQuery query;
    private final int start;
    private final int end;
    private final Set<Exclusion> excluded = new LinkedHashSet<>();

    Reasoning(
            Topology topology,
            Surcharges surcharges,
            Hearsay hearsay,
            RouteFinderSettings settings,
            Instant now,
            RouteQuery query,
            int start,
            int end) {
        this.topology = topology;
        this.surcharges = surcharges;
        this.hearsay = hearsay;
        this.settings = settings;
        this.now = now;
        this.query = query;
        this.start = start;
        this.end = end;
    }

    RouteExplanation explain(Picture picture) {
        SearchSpace space = space();
        Optional<String> hindrance = SnapshotRouteFinder.hindrance(space, start, end);
        List<Candidate> candidates = hindrance.isPresent()
                ? List.of()
                : candidates(space, query.minHops(), query.maxHops(), 1 + RouteExplanation.MOST_OTHERS);
        RouteAnswer.Extent extent = space.isCut() ? RouteAnswer.Extent.CUT : RouteAnswer.Extent.WHOLE;
        exclude(hindrance.isPresent());
        Verdict verdict = candidates.isEmpty()
                ? new Verdict.NoRoute(
                        hindrance.orElseGet(() -> SnapshotRouteFinder.nothingFound(query, extent, settings)),
                        new CutSearch(space(), space(), query, hearsay, start, end).find())
                : chosen(candidates);
        return new RouteExplanation(
                query,
                picture,
                verdict,
                excluded.stream().limit(RouteExplanation.MOST_EXCLUDED).toList(),
                Math.max(0, excluded.size() - RouteExplanation.MOST_EXCLUDED),
                extent,
                hearsay.registry());
    }

    /// What the query leaves of the snapshot, at exact prices, with work of its own.
    private SearchSpace space() {
        SearchSpace space = new SearchSpace(topology, new SearchMemory(), query.metric(), 0, 0, settings.maxWork());
        space.blame(surcharges, start, end);
        SnapshotRouteFinder.constrain(space, query, start, end);
        return space;
    }

    private List<Candidate> candidates(SearchSpace space, int minHops, int maxHops, int count) {
        RouteQuery wide = new RouteQuery(
                query.from(),
                query.to(),
                minHops,
                maxHops,
                count,
                query.metric(),
                query.choice(),
                query.avoidNodes(),
                query.avoidTransports(),
                query.disjointFrom());
        // The same snapshot and question give the same answer: the lot among equals is drawn from the version.
        List<int[]> paths = SnapshotRouteFinder.best(space, wide, start, end, new SplittableRandom(topology.version()));
        List<Candidate> candidates = new ArrayList<>();
        for (int[] path : paths) {
            Way way = space.cheapestWay(path);
            candidates.add(
                    new Candidate(SnapshotRouteFinder.route(topology, way), costs(space, way), 0, 0, Standing.CHOSEN));
        }
        return candidates;
    }

    private List<HopCost> costs(SearchSpace space, Way way) {
        List<HopCost> costs = new ArrayList<>();
        for (int i = 0; i < way.hops(); i++) {
            int transport = way.transports()[i];
            LinkQuality quality = topology.quality(transport);
            Duration age = Duration.between(quality.measuredAt(), now);
            LinkCost.Parts price = LinkCost.parts(
                    quality.roundTrip().map(trip -> trip.toNanos() / 1000).orElse(-1L),
                    quality.loss(),
                    quality.load(),
                    age.toSeconds());
            costs.add(new HopCost(
                    price,
                    topology.price(transport) - price.sum(),
                    space.surcharge(way.nodes()[i], way.nodes()[i + 1], transport),
                    quality.roundTrip().map(trip -> age.isNegative() ? Duration.ZERO : age)));
        }
        return costs;
    }

    private Verdict chosen(List<Candidate> candidates) {
        Candidate best = candidates.getFirst();
        List<Candidate> others = new ArrayList<>();
        for (Candidate other : candidates.subList(1, candidates.size())) {
            others.add(new Candidate(
                    other.route(),
                    other.costs(),
                    other.cost() - best.cost(),
                    other.route().hops().size() - best.route().hops().size(),
                    takesTurns(best, other) ? Standing.TAKES_TURNS : Standing.LOST));
        }
        excludeByHops(best);
        return new Verdict.Chosen(best, others);
    }

    /// By price: the lot may raise the best one's by the spread, and leave the other's. By hops: equals are equal,
    /// and blame is weighed in steps.
    private boolean takesTurns(Candidate best, Candidate other) {
        return switch (query.metric()) {
            case HOPS ->
                other.route().hops().size() == best.route().hops().size()
                        && (other.blame() == best.blame()
                                || (best.blame() > 0
                                        && other.blame() - best.blame()
                                                < SearchSpace.BLAME_STEP
                                                        * best.route().hops().size()));
            case COST -> other.cost() < best.cost() + (long) ((best.cost() - best.blame()) * settings.spread());
        };
    }

    private void excludeByHops(Candidate best) {
        if (query.minHops() <= 1 && query.maxHops() == RouteQuery.MAX_HOPS) {
            return;
        }
        for (Candidate any : candidates(space(), 0, RouteQuery.MAX_HOPS, 1)) {
            int hops = any.route().hops().size();
            if (hops < query.minHops() || hops > query.maxHops()) {
                List<PublicKey> nodes = new ArrayList<>(List.of(any.route().source()));
                any.route().hops().forEach(hop -> nodes.add(hop.to()));
                excluded.add(new Exclusion(
                        hops < query.minHops() ? Reason.TOO_FEW_HOPS : Reason.TOO_MANY_HOPS,
                        nodes,
                        Optional.empty(),
                        "the best route without a range of hops has " + hops + " and costs " + any.cost() + " µs"));
            }
        }
    }

    /// What was named in the query, and what cannot be used at the ends.
    private void exclude(boolean isHindered) {
        for (PublicKey node : query.avoidNodes().stream().sorted().toList()) {
            String detail = topology.find(node).isPresent() ? "to be avoided" : "to be avoided; it has never been seen";
            excluded.add(new Exclusion(Reason.AVOIDED_NODE, List.of(node), Optional.empty(), detail));
        }
        query.avoidTransports().stream()
                .sorted()
                .forEach(id -> excluded.add(new Exclusion(
                        Reason.AVOIDED_TRANSPORT,
                        topology.find(id).stream()
                                .mapToObj(number -> List.of(
                                        topology.node(topology.lower(number)), topology.node(topology.higher(number))))
                                .findFirst()
                                .orElse(List.of()),
                        Optional.of(id),
                        topology.find(id).isPresent() ? "to be avoided" : "to be avoided; it is not up")));
        query.disjointFrom()
                .ifPresent(route -> excluded.add(new Exclusion(
                        Reason.DISJOINT,
                        route.hops().stream()
                                .map(Route.Hop::to)
                                .filter(node -> !node.equals(query.to()))
                                .toList(),
                        Optional.empty(),
                        "nodes, transports and relays of the other route")));
        if (!isHindered) {
            SearchSpace space = space();
            excludeRelayed(space, start);
            excludeRelayed(space, end);
        }
        for (DownTransport down : hearsay.at(List.of(query.from(), query.to()), RouteExplanation.MOST_EXCLUDED)) {
            excluded.add(Hearsay.exclusion(down));
        }
    }

    private void excludeRelayed(SearchSpace space, int node) {
        int[] lanes = topology.lanes(node);
        int count = Lanes.count(lanes);
        for (int i = 0; i < Math.min(MOST_LANES, count); i++) {
            int transport = Lanes.transport(lanes, count, i);
            if (Lanes.isRelayed(lanes, count, i) && space.isOverClosedRelay(transport)) {
                excluded.add(overRelay(topology, transport));
            }
        }
    }

    static Exclusion overRelay(Topology topology, int transport) {
        return new Exclusion(
                Reason.AVOIDED_RELAY,
                List.of(topology.node(topology.lower(transport)), topology.node(topology.higher(transport))),
                Optional.of(topology.transport(transport)),
                "it depends on "
                        + String.join(
                                ", ",
                                topology.relays(transport).stream()
                                        .map(relay -> topology.node(relay).shortHex())
                                        .toList()));
    }

    static List<PublicKey> keys(Topology topology, int[] nodes) {
        return Arrays.stream(nodes).mapToObj(topology::node).toList();
    }
}
