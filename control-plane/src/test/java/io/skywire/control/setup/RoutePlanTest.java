package io.skywire.control.setup;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.transport.TransportId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class RoutePlanTest {
    @Test
    void leadsPacketsFromEndToEndAndBack() {
        RoutePlan plan = Ways.plan(new SplittableRandom(1), 0, 1, 2, 3);

        assertThat(walk(plan, 0)).containsExactly(Ways.node(0), Ways.node(1), Ways.node(2), Ways.node(3));
        assertThat(walk(plan, 3)).containsExactly(Ways.node(3), Ways.node(2), Ways.node(1), Ways.node(0));
    }

    @Test
    void needsNoRelayBetweenNeighbours() {
        RoutePlan plan = Ways.plan(new SplittableRandom(2), 0, 1);

        assertThat(walk(plan, 0)).containsExactly(Ways.node(0), Ways.node(1));
        assertThat(walk(plan, 1)).containsExactly(Ways.node(1), Ways.node(0));
        assertThat(plan.rules().values())
                .allSatisfy(rules -> assertThat(rules).noneMatch(rule -> rule instanceof Rule.Relay));
    }

    @Test
    void tellsTheEndsTheSmallestPayloadOfTheWay() {
        RoutePlan plan = Ways.plan(new SplittableRandom(3), 0, 1, 2, 3);

        assertThat(forward(plan, 0).maxPayload()).isEqualTo(16_001);
        assertThat(forward(plan, 3).maxPayload()).isEqualTo(16_001);
        assertThat(forward(plan, 0).end()).isEqualTo(RouteEnd.INITIATOR);
        assertThat(forward(plan, 3).end()).isEqualTo(RouteEnd.RESPONDER);
    }

    @Test
    void tellsNodesBetweenTheEndsNothingButTheirNeighbourhood() {
        RoutePlan plan = Ways.plan(new SplittableRandom(4), 0, 1, 2, 3);

        assertThat(plan.rules().get(Ways.node(1)))
                .hasSize(2)
                .allSatisfy(rule -> assertThat(rule).isInstanceOf(Rule.Relay.class));
    }

    @Test
    void neverRepeatsANumberOnATransport() {
        for (long seed = 0; seed < 300; seed++) {
            RoutePlan plan = Ways.plan(new SplittableRandom(seed), 0, 1, 2, 3, 4);
            List<Map.Entry<TransportId, RouteId>> numbers = new ArrayList<>();
            plan.rules()
                    .values()
                    .forEach(rules -> rules.forEach(rule -> {
                        if (rule.key() instanceof RuleKey.Ingress ingress) {
                            numbers.add(Map.entry(ingress.transport(), ingress.routeId()));
                        }
                    }));
            assertThat(numbers).as("seed " + seed).hasSize(8).doesNotHaveDuplicates();
        }
    }

    private static Rule.Forward forward(RoutePlan plan, int node) {
        return (Rule.Forward) plan.rules().get(Ways.node(node)).stream()
                .filter(rule -> rule instanceof Rule.Forward)
                .findFirst()
                .orElseThrow();
    }

    /// Follows a packet from an end by the rules alone.
    private static List<PublicKey> walk(RoutePlan plan, int from) {
        Map<PublicKey, Map<RuleKey, Rule>> tables = new HashMap<>();
        plan.rules().forEach((node, rules) -> {
            Map<RuleKey, Rule> table = new HashMap<>();
            rules.forEach(rule -> table.put(rule.key(), rule));
            tables.put(node, table);
        });
        List<PublicKey> way = new ArrayList<>(List.of(Ways.node(from)));
        TransportId over = forward(plan, from).egress();
        RouteId number = forward(plan, from).egressId();
        while (true) {
            PublicKey at = opposite(plan, over, way.getLast());
            way.add(at);
            Rule rule = tables.get(at).get(new RuleKey.Ingress(over, number));
            if (rule instanceof Rule.Consume consume) {
                assertThat(consume.route()).isEqualTo(plan.uid());
                assertThat(consume.peer()).isEqualTo(way.getFirst());
                return way;
            }
            Rule.Relay relay = (Rule.Relay) rule;
            over = relay.egress();
            number = relay.egressId();
        }
    }

    private static PublicKey opposite(RoutePlan plan, TransportId transport, PublicKey node) {
        return plan.way().hops().stream()
                .filter(hop -> hop.transport().equals(transport))
                .map(hop -> hop.from().equals(node) ? hop.to() : hop.from())
                .findFirst()
                .orElseThrow();
    }
}
