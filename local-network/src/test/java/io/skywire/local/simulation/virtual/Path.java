package io.skywire.local.simulation.virtual;

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

/// A way through the network: its nodes, and the transports between them.
record Path(List<PublicKey> nodes, List<TransportId> transports) {
    static final Duration IDLE = Duration.ofSeconds(8);

    private static final int MAX_PAYLOAD = 8_192;

    PublicKey source() {
        return nodes.getFirst();
    }

    PublicKey destination() {
        return nodes.getLast();
    }

    boolean isEnd(PublicKey node) {
        return node.equals(source()) || node.equals(destination());
    }

    /// The rules of both directions by node, with drawn numbers, as `docs/protocol/route-setup.md` draws them.
    Map<PublicKey, List<Rule>> rules(RouteUid route, RandomGenerator random) {
        SessionUid session = SessionUid.random(random);
        List<RouteId> out = new ArrayList<>();
        List<RouteId> back = new ArrayList<>();
        transports.forEach(transport -> {
            out.add(RouteId.random(random));
            back.add(RouteId.random(random));
        });
        Map<PublicKey, List<Rule>> rules = new LinkedHashMap<>();
        TransportId first = transports.getFirst();
        rules.put(
                source(),
                List.of(
                        new Rule.Forward(
                                route,
                                session,
                                RouteEnd.INITIATOR,
                                destination(),
                                first,
                                out.getFirst(),
                                MAX_PAYLOAD,
                                IDLE),
                        new Rule.Consume(route, destination(), first, back.getFirst(), IDLE)));
        for (int i = 1; i < nodes.size() - 1; i++) {
            TransportId before = transports.get(i - 1);
            TransportId after = transports.get(i);
            rules.put(
                    nodes.get(i),
                    List.of(
                            new Rule.Relay(before, out.get(i - 1), after, out.get(i), IDLE),
                            new Rule.Relay(after, back.get(i), before, back.get(i - 1), IDLE)));
        }
        TransportId last = transports.getLast();
        rules.put(
                destination(),
                List.of(
                        new Rule.Consume(route, source(), last, out.getLast(), IDLE),
                        new Rule.Forward(
                                route,
                                session,
                                RouteEnd.RESPONDER,
                                source(),
                                last,
                                back.getLast(),
                                MAX_PAYLOAD,
                                IDLE)));
        return rules;
    }
}
