package io.skywire.control.setup;

import io.skywire.control.routefinder.Route;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.SessionUid;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// Ways and requests for tests: nodes are numbered, neighbours in a way are linked by TCP.
final class Ways {
    static final List<PublicKey> NODES =
            TestKeys.pairs(8, 77).stream().map(KeyPair::publicKey).toList();
    static final Duration IDLE = Duration.ofSeconds(60);

    private Ways() {}

    static PublicKey node(int number) {
        return NODES.get(number);
    }

    static Route way(int... nodes) {
        List<Route.Hop> hops = new ArrayList<>();
        for (int i = 1; i < nodes.length; i++) {
            PublicKey from = node(nodes[i - 1]);
            PublicKey to = node(nodes[i]);
            hops.add(new Route.Hop(TransportId.between(from, to, TransportType.TCP), from, to, 16_000 + i));
        }
        return new Route(hops);
    }

    static RoutePlan plan(RandomGenerator random, int... nodes) {
        return RoutePlan.number(way(nodes), SessionUid.random(random), IDLE, random);
    }

    static RouteRequest request(int from, int to, RouteRequest.Wish wish) {
        RandomGenerator random = new SplittableRandom(5);
        return new RouteRequest(
                new RequestId(new java.util.UUID(random.nextLong(), random.nextLong())),
                SessionUid.random(random),
                node(from),
                node(to),
                Duration.ofSeconds(10),
                wish);
    }

    static Map<PublicKey, Long> revisions(RoutePlan plan, long revision) {
        Map<PublicKey, Long> revisions = new HashMap<>();
        plan.placement().nodes().forEach(node -> revisions.put(node, revision));
        return revisions;
    }
}
