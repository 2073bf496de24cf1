package io.skywire.control.routefinder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.control.blame.BlameSnapshot;
import io.skywire.control.discovery.DownTransport;
import io.skywire.control.discovery.DownTransports;
import io.skywire.control.routefinder.RouteExplanation.Exclusion;
import io.skywire.control.routefinder.RouteExplanation.HopCost;
import io.skywire.control.routefinder.RouteExplanation.Reason;
import io.skywire.control.routefinder.RouteExplanation.Registry;
import io.skywire.control.routefinder.RouteExplanation.Standing;
import io.skywire.control.routefinder.RouteExplanation.Verdict;
import io.skywire.control.testing.TestKeys;
import io.skywire.control.topology.LinkCost;
import io.skywire.control.topology.LinkQuality;
import io.skywire.control.topology.LiveTransport;
import io.skywire.control.topology.Topology;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.dao.QueryTimeoutException;

final class RouteReasonsTest {
    private static final List<PublicKey> KEYS =
            TestKeys.pairs(80, 77).stream().map(KeyPair::publicKey).toList();
    private static final PublicKey A = KEYS.get(0);
    private static final PublicKey B = KEYS.get(1);
    private static final PublicKey C = KEYS.get(2);
    private static final PublicKey D = KEYS.get(3);
    private static final PublicKey STRANGER = KEYS.get(79);
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    /// A - B - D for 20 and 20 ms, A - C - D for 30 and 30 ms, and A - D directly for 200 ms.
    private static final List<LiveTransport> DIAMOND = List.of(
            transport(A, B, 20), transport(B, D, 20), transport(A, C, 30), transport(C, D, 30), transport(A, D, 200));

    private static final DownTransports NOTHING = (edges, limit) -> List.of();

    @Test
    void saysWhatTheRouteCostsAndByHowMuchOthersLost() {
        RouteExplanation explanation = explain(DIAMOND, BlameSnapshot.CLEAN, NOTHING, query(A, D));

        Verdict.Chosen chosen = (Verdict.Chosen) explanation.verdict();
        assertThat(nodes(chosen.route().route())).containsExactly(A, B, D);
        assertThat(chosen.route().cost()).isEqualTo(42_000);
        assertThat(chosen.route().costs())
                .containsOnly(new HopCost(
                        new LinkCost.Parts(20_000, 0, 0, LinkCost.HOP, 0), 0, 0, Optional.of(Duration.ZERO)));
        assertThat(chosen.others()).hasSize(2).allMatch(other -> other.standing() == Standing.LOST);
        assertThat(chosen.others().getFirst().extraCost()).isEqualTo(20_000);
        assertThat(chosen.others().getLast().extraCost()).isEqualTo(159_000);
        assertThat(chosen.others().getLast().extraHops()).isEqualTo(-1);
        assertThat(explanation.picture().version()).isEqualTo(5);
        assertThat(explanation.picture().age()).isEqualTo(Duration.ofSeconds(3));
        assertThat(explanation.excluded()).isEmpty();
    }

    @Test
    void blameMovesTheRouteAndStandsInItsCost() {
        BlameSnapshot blame = new BlameSnapshot(NOW, Map.of(B, 0.1, C, 0.5), Map.of());

        Verdict.Chosen chosen =
                (Verdict.Chosen) explain(DIAMOND, blame, NOTHING, query(A, D)).verdict();

        assertThat(nodes(chosen.route().route())).containsExactly(A, B, D);
        assertThat(chosen.route().costs()).extracting(HopCost::blame).containsExactly(15_000, 15_000);
        assertThat(nodes(chosen.others().getFirst().route())).containsExactly(A, D);
        assertThat(chosen.others().getLast().costs()).extracting(HopCost::blame).containsExactly(75_000, 75_000);
    }

    @Test
    void nearlyEqualRoutesAreSaidToTakeTurns() {
        List<LiveTransport> equal =
                List.of(transport(A, B, 20), transport(B, D, 20), transport(A, C, 20.9), transport(C, D, 20.9));

        Verdict.Chosen chosen = (Verdict.Chosen)
                explain(equal, BlameSnapshot.CLEAN, NOTHING, query(A, D)).verdict();

        assertThat(chosen.others())
                .singleElement()
                .satisfies(other -> assertThat(other.standing()).isEqualTo(Standing.TAKES_TURNS));
    }

    @Test
    void aBetterRouteOfTheWrongLengthIsNamed() {
        RouteExplanation tooMany = explain(DIAMOND, BlameSnapshot.CLEAN, NOTHING, query(A, D, 0, 1));
        RouteExplanation tooFew = explain(
                DIAMOND, BlameSnapshot.CLEAN, NOTHING, query(A, D, 2, 16).by(RouteQuery.Metric.HOPS));

        assertThat(tooMany.verdict()).isInstanceOf(Verdict.Chosen.class);
        assertThat(tooMany.excluded()).singleElement().satisfies(excluded -> {
            assertThat(excluded.reason()).isEqualTo(Reason.TOO_MANY_HOPS);
            assertThat(excluded.nodes()).containsExactly(A, B, D);
            assertThat(excluded.detail()).contains("has 2").contains("42000 µs");
        });
        assertThat(tooFew.excluded())
                .extracting(Exclusion::reason, Exclusion::nodes)
                .containsExactly(org.assertj.core.api.Assertions.tuple(Reason.TOO_FEW_HOPS, List.of(A, D)));
    }

    @Test
    void whoIsJoinedByTooManyHopsLearnsTheLeast() {
        List<LiveTransport> row = List.of(transport(A, B, 20), transport(B, C, 20), transport(C, D, 20));

        Verdict.NoRoute none = (Verdict.NoRoute)
                explain(row, BlameSnapshot.CLEAN, NOTHING, query(A, D, 0, 2)).verdict();

        assertThat(none.cut().leastHops()).contains(3);
        assertThat(none.cut().source().members()).containsExactly(A, B, C, D);
        assertThat(none.cut().missing()).isEmpty();
    }

    @Test
    void aServerToAvoidTakesItsTransportsAlong() {
        LiveTransport relayed = RandomNetwork.transport(A, D, TransportType.MESSAGING, quality(5), List.of(C));

        RouteExplanation explanation = explain(
                List.of(relayed, transport(B, D, 5)), BlameSnapshot.CLEAN, NOTHING, avoiding(Set.of(C), Set.of()));

        Verdict.NoRoute none = (Verdict.NoRoute) explanation.verdict();
        assertThat(explanation.excluded())
                .extracting(Exclusion::reason)
                .containsExactly(Reason.AVOIDED_NODE, Reason.AVOIDED_RELAY);
        assertThat(none.cut().missing()).singleElement().satisfies(missing -> {
            assertThat(missing.reason()).isEqualTo(Reason.AVOIDED_RELAY);
            assertThat(missing.transport()).contains(relayed.up().id());
        });
    }

    @Test
    void aTransportToAvoidThatWouldJoinTheSidesIsNamed() {
        LiveTransport bridge = transport(A, D, 5);

        Verdict.NoRoute none = (Verdict.NoRoute) explain(
                        List.of(bridge, transport(A, B, 5)),
                        BlameSnapshot.CLEAN,
                        NOTHING,
                        avoiding(Set.of(), Set.of(bridge.up().id())))
                .verdict();

        assertThat(none.cut().source().members()).containsExactlyInAnyOrder(A, B);
        assertThat(none.cut().target().members()).containsExactly(D);
        assertThat(none.cut().missing()).extracting(Exclusion::reason).containsExactly(Reason.AVOIDED_TRANSPORT);
    }

    @Test
    void tellsWhoIsUnknown() {
        assertThat(explain(DIAMOND, BlameSnapshot.CLEAN, NOTHING, query(A, STRANGER))
                        .verdict())
                .isEqualTo(new Verdict.NoSuchNode(STRANGER));
    }

    @Test
    void anAnswerStaysSmallWhateverIsDown() {
        List<DownTransport> down = new ArrayList<>();
        for (int i = 4; i < 70; i++) {
            down.add(down(A, KEYS.get(i)));
            down.add(down(D, KEYS.get(i)));
        }
        for (int i = 0; i < 30; i++) {
            down.add(new DownTransport(
                    new TransportId(new java.util.UUID(7, i)),
                    A.compareTo(D) < 0 ? A : D,
                    A.compareTo(D) < 0 ? D : A,
                    DownTransport.Word.UP,
                    DownTransport.Word.NOTHING,
                    NOW));
        }
        DownTransports registry = (edges, limit) -> down.stream()
                .filter(one -> edges.contains(one.lower()) || edges.contains(one.higher()))
                .limit(limit)
                .toList();

        RouteExplanation explanation = explain(List.of(transport(B, C, 5)), BlameSnapshot.CLEAN, registry, query(A, D));

        Verdict.NoRoute none = (Verdict.NoRoute) explanation.verdict();
        assertThat(none.detail()).contains("source has no transport");
        assertThat(explanation.excluded()).hasSize(RouteExplanation.MOST_EXCLUDED);
        assertThat(none.cut().missing()).hasSize(RouteExplanation.MOST_MEMBERS);
        assertThat(none.cut().moreMissing()).isEqualTo(10);
        assertThat(none.cut().missing().getFirst().detail()).contains("has said nothing");
    }

    @Test
    void withoutADatabaseItSaysWhatItKnows() {
        DownTransports away = (edges, limit) -> {
            throw new QueryTimeoutException("too slow");
        };

        RouteExplanation explanation = explain(DIAMOND, BlameSnapshot.CLEAN, away, query(A, D));

        assertThat(explanation.verdict()).isInstanceOf(Verdict.Chosen.class);
        assertThat(explanation.registry()).isEqualTo(Registry.AWAY);
    }

    @Test
    void saysWhenTheBoundCutTheSearch() {
        Topology topology = topology(DIAMOND);
        RouteExplanation explanation = RouteReasons.over(
                        () -> topology, () -> BlameSnapshot.CLEAN, NOTHING, () -> NOW, 1, 0.05)
                .explain(query(A, D));

        assertThat(explanation.extent()).isEqualTo(RouteAnswer.Extent.CUT);
        assertThat(((Verdict.NoRoute) explanation.verdict()).cut().source().extent())
                .isEqualTo(RouteAnswer.Extent.CUT);
    }

    @Test
    void setsOfRoutesAreNotExplained() {
        assertThatThrownBy(() -> explain(
                        DIAMOND, BlameSnapshot.CLEAN, NOTHING, query(A, D).choosing(RouteQuery.Choice.DISJOINT)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static RouteExplanation explain(
            List<LiveTransport> transports, BlameSnapshot blame, DownTransports downs, RouteQuery query) {
        Topology topology = topology(transports);
        return RouteReasons.over(() -> topology, () -> blame, downs, () -> NOW.plusSeconds(3), 1_000_000, 0.05)
                .explain(query);
    }

    private static Topology topology(List<LiveTransport> transports) {
        return Topology.ofLive(5, NOW, KEYS.subList(0, 70), transports);
    }

    private static RouteQuery query(PublicKey from, PublicKey to) {
        return query(from, to, 0, 16);
    }

    private static RouteQuery query(PublicKey from, PublicKey to, int minHops, int maxHops) {
        return new RouteQuery(from, to, minHops, maxHops, 1, Set.of(), Set.of()).by(RouteQuery.Metric.COST);
    }

    private static RouteQuery avoiding(Set<PublicKey> nodes, Set<TransportId> transports) {
        return new RouteQuery(A, D, 0, 16, 1, nodes, transports).by(RouteQuery.Metric.COST);
    }

    /// Measured when the explanation is asked for.
    private static LinkQuality quality(double millis) {
        return new LinkQuality(Optional.of(Duration.ofNanos(Math.round(millis * 1_000_000))), 0, 0, NOW.plusSeconds(3));
    }

    private static LiveTransport transport(PublicKey one, PublicKey other, double millis) {
        return RandomNetwork.transport(one, other, TransportType.TCP, quality(millis), List.of());
    }

    private static DownTransport down(PublicKey one, PublicKey other) {
        boolean isOrdered = one.compareTo(other) < 0;
        return new DownTransport(
                TransportId.between(one, other, TransportType.TCP),
                isOrdered ? one : other,
                isOrdered ? other : one,
                DownTransport.Word.DOWN,
                DownTransport.Word.UP,
                NOW);
    }

    private static List<PublicKey> nodes(Route route) {
        return RouteFinderPropertyTest.nodesOf(route);
    }
}
