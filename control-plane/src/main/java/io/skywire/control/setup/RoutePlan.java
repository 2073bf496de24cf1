package io.skywire.control.setup;

import io.skywire.control.routefinder.Route;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.SessionUid;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/// A route with a random number for each transport and direction, and the rules that make packets follow it.
/// ```
///          T1: f1 →           T2: f2 →
///   N0 ──────────────── N1 ──────────────── N2
///          ← r1               ← r2
///   N0 Forward(T1,f1) Consume(T1,r1)
///   N1 Relay(T1,f1 → T2,f2) Relay(T2,r2 → T1,r1)
///   N2 Consume(T2,f2) Forward(T2,r2)
/// ```
record RoutePlan(Route way, Placement placement, Map<PublicKey, List<Rule>> rules) {

    /// Plans both directions under a fresh [RouteUid], so that nothing said about an earlier plan can be taken for
    /// this.
    static RoutePlan number(Route way, SessionUid session, Duration idleTimeout, RandomGenerator random) {
        RouteUid uid = RouteUid.random(random);
        List<Route.Hop> hops = way.hops();
        List<RouteId> out = new ArrayList<>();
        List<RouteId> back = new ArrayList<>();
        for (int i = 0; i < hops.size(); i++) {
            out.add(RouteId.random(random));
            back.add(randomOtherThan(out.get(i), random));
        }
        Map<PublicKey, List<Rule>> rules = new LinkedHashMap<>();
        int last = hops.size() - 1;
        TransportId first = hops.getFirst().transport();
        TransportId end = hops.getLast().transport();
        int maxPayload = way.maxPayload();
        rules.put(
                way.source(),
                List.of(
                        new Rule.Forward(
                                uid,
                                session,
                                RouteEnd.INITIATOR,
                                way.destination(),
                                first,
                                out.getFirst(),
                                maxPayload,
                                idleTimeout),
                        new Rule.Consume(uid, way.destination(), first, back.getFirst(), idleTimeout)));
        for (int i = 0; i < last; i++) {
            TransportId before = hops.get(i).transport();
            TransportId after = hops.get(i + 1).transport();
            rules.put(
                    hops.get(i).to(),
                    List.of(
                            new Rule.Relay(before, out.get(i), after, out.get(i + 1), idleTimeout),
                            new Rule.Relay(after, back.get(i + 1), before, back.get(i), idleTimeout)));
        }
        rules.put(
                way.destination(),
                List.of(
                        new Rule.Consume(uid, way.source(), end, out.getLast(), idleTimeout),
                        new Rule.Forward(
                                uid,
                                session,
                                RouteEnd.RESPONDER,
                                way.source(),
                                end,
                                back.getLast(),
                                maxPayload,
                                idleTimeout)));
        List<PublicKey> nodes = new ArrayList<>();
        nodes.add(way.source());
        hops.forEach(hop -> nodes.add(hop.to()));
        Placement placement = new Placement(
                uid, nodes, hops.stream().map(Route.Hop::transport).toList());
        return new RoutePlan(way, placement, Map.copyOf(rules));
    }

    RouteUid uid() {
        return placement.route();
    }

    private static RouteId randomOtherThan(RouteId taken, RandomGenerator random) {
        RouteId id = RouteId.random(random);
        while (id.equals(taken)) {
            id = RouteId.random(random);
        }
        return id;
    }
}
