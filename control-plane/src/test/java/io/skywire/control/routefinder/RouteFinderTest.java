package io.skywire.control.routefinder;

import static io.skywire.control.routefinder.RouteFinderPropertyTest.nodesOf;
import static io.skywire.control.routefinder.RouteFinderPropertyTest.transport;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.skywire.control.blame.BlameSnapshot;
import io.skywire.control.discovery.TransportUp;
import io.skywire.control.testing.TestKeys;
import io.skywire.control.topology.Topology;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RouteFinderTest {
    private static final List<PublicKey> KEYS =
            TestKeys.pairs(120, 21).stream().map(KeyPair::publicKey).toList();
    private static final PublicKey A = KEYS.get(0);
    private static final PublicKey B = KEYS.get(1);
    private static final PublicKey C = KEYS.get(2);
    private static final PublicKey D = KEYS.get(3);
    private static final PublicKey LONELY = KEYS.get(4);
    private static final PublicKey STRANGER = KEYS.get(5);

    /// A - B - C - D in a row, with two transports between B and C.
    private static final Topology ROW = Topology.of(
            3,
            Instant.EPOCH,
            List.of(A, B, C, D, LONELY),
            List.of(
                    transport(A, B, TransportType.TCP, 16_384),
                    transport(B, C, TransportType.TCP, 9000),
                    transport(B, C, TransportType.MESSAGING, 1400),
                    transport(C, D, TransportType.TCP, 16_384)));

    private final RouteFinder finder = finder(ROW, 2_000_000);

    private static RouteFinder finder(Topology topology, long work) {
        return new SnapshotRouteFinder(
                () -> topology,
                () -> BlameSnapshot.CLEAN,
                new SplittableRandom(1),
                new RouteFinderSettings(work, 0.05),
                new SimpleMeterRegistry());
    }

    private static RouteQuery query(PublicKey from, PublicKey to, int minHops, int maxHops, int count) {
        return new RouteQuery(from, to, minHops, maxHops, count, Set.of(), Set.of());
    }

    @Test
    void tellsUnknownNodesFromUnreachableOnes() {
        assertThat(finder.find(query(A, STRANGER, 0, 5, 1))).isEqualTo(new RouteAnswer.NoSuchNode(STRANGER, 3));
        assertThat(finder.find(query(STRANGER, A, 0, 5, 1))).isEqualTo(new RouteAnswer.NoSuchNode(STRANGER, 3));
        assertThat(noRoute(finder.find(query(A, LONELY, 0, 5, 1)))).contains("destination has no transport");
        assertThat(noRoute(finder.find(query(LONELY, A, 0, 5, 1)))).contains("source has no transport");
        assertThat(noRoute(finder.find(query(A, D, 0, 2, 1)))).contains("at most 2 hops");
        assertThat(noRoute(finder.find(query(A, D, 4, 6, 1)))).contains("4 to 6 hops");
        assertThat(noRoute(finder.find(query(A, A, 0, 5, 1)))).contains("same node");
    }

    @Test
    void avoidsWhatIsToBeAvoided() {
        assertThat(noRoute(finder.find(new RouteQuery(A, D, 0, 5, 1, Set.of(C), Set.of()))))
                .contains("constraints");
        assertThat(noRoute(finder.find(new RouteQuery(A, D, 0, 5, 1, Set.of(D), Set.of()))))
                .contains("to avoid");

        TransportId tcp = TransportId.between(B, C, TransportType.TCP);
        TransportId messaging = TransportId.between(B, C, TransportType.MESSAGING);
        Route over = found(finder.find(new RouteQuery(A, D, 0, 5, 1, Set.of(), Set.of(tcp))))
                .getFirst();
        assertThat(over.hops().get(1).transport()).isEqualTo(messaging);
        assertThat(over.maxPayload()).isEqualTo(1400);
        assertThat(finder.find(new RouteQuery(A, D, 0, 5, 1, Set.of(), Set.of(tcp, messaging))))
                .isInstanceOf(RouteAnswer.NoRoute.class);
    }

    @Test
    void spreadsOverParallelTransports() {
        Set<TransportId> used = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            used.add(found(finder.find(query(A, D, 0, 5, 1)))
                    .getFirst()
                    .hops()
                    .get(1)
                    .transport());
        }
        assertThat(used).hasSize(2);
    }

    @Test
    void spreadsOverEqualRoutesAndLetsTheFirstHopsTakeTurns() {
        List<TransportUp> transports = new ArrayList<>();
        for (int i = 10; i < 26; i++) {
            transports.add(transport(A, KEYS.get(i), TransportType.TCP, 1000));
            for (int j = 26; j < 30; j++) {
                transports.add(transport(KEYS.get(i), KEYS.get(j), TransportType.TCP, 1000));
            }
        }
        for (int j = 26; j < 30; j++) {
            transports.add(transport(KEYS.get(j), B, TransportType.TCP, 1000));
        }
        RouteFinder spread = finder(Topology.of(1, Instant.EPOCH, KEYS, transports), 2_000_000);

        List<Route> routes = found(spread.find(query(A, B, 0, 5, 16)));
        assertThat(routes.stream().map(route -> route.hops().getFirst().to()).distinct())
                .hasSize(16);

        Set<List<PublicKey>> first = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            first.add(nodesOf(found(spread.find(query(A, B, 0, 5, 1))).getFirst()));
        }
        assertThat(first).hasSizeGreaterThan(30);
    }

    @Test
    void followsANamedPath() {
        Route route = found(finder.check(A, List.of(B, C), D)).getFirst();

        assertThat(nodesOf(route)).containsExactly(A, B, C, D);
        assertThat(found(finder.check(A, List.of(), B)).getFirst().hops()).hasSize(1);
    }

    @Test
    void saysWhichHopOfANamedPathFails() {
        assertInvalid(finder.check(A, List.of(B), D), 1, "no transport between");
        assertInvalid(finder.check(A, List.of(B, A, B, C), D), 1, "comes twice");
        assertInvalid(finder.check(A, List.of(B), A), 1, "comes twice");
        assertInvalid(finder.check(A, List.of(), A), 0, "comes twice");
        assertInvalid(finder.check(A, List.of(B, C, STRANGER), D), 2, "never been seen");
        assertInvalid(finder.check(STRANGER, List.of(B), C), 0, "never been seen");
        assertInvalid(finder.check(A, List.of(B, C), STRANGER), 2, "never been seen");
        assertInvalid(finder.check(A, KEYS.subList(30, 50), D), RouteQuery.MAX_HOPS, "at most 16 hops");
    }

    @Test
    void refusesImpossibleQueries() {
        assertThatThrownBy(() -> query(A, B, 3, 2, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> query(A, B, 0, 17, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> query(A, B, 0, 3, 17)).isInstanceOf(IllegalArgumentException.class);
    }

    /// Two leaves behind one hub of a dense network: there is one route and everything else is a dead end.
    @Test
    void endsWhenAllOtherWaysAreDeadEnds() {
        List<TransportUp> transports = dense(10, 100);
        transports.add(transport(A, KEYS.get(10), TransportType.TCP, 1000));
        transports.add(transport(B, KEYS.get(10), TransportType.TCP, 1000));
        RouteFinder dead = finder(Topology.of(1, Instant.EPOCH, KEYS, transports), 2_000_000);

        assertThat(found(dead.find(query(A, B, 0, 16, 16))))
                .singleElement()
                .satisfies(route -> assertThat(nodesOf(route)).containsExactly(A, KEYS.get(10), B));
        assertThat(noRoute(dead.find(query(A, B, 3, 16, 1)))).doesNotContain("stopped");
    }

    @Test
    void saysWhenTheBoundCutTheSearch() {
        List<TransportUp> transports = dense(10, 100);
        transports.add(transport(A, KEYS.get(10), TransportType.TCP, 1000));
        transports.add(transport(KEYS.get(99), B, TransportType.TCP, 1000));
        RouteFinder poor = finder(Topology.of(1, Instant.EPOCH, KEYS, transports), 500);

        assertThat(noRoute(poor.find(query(A, B, 14, 16, 16))))
                .contains("stopped")
                .contains("500 links");
    }

    @Test
    void longRoutesInADenseNetworkAreFound() {
        List<TransportUp> transports = dense(10, 100);
        transports.add(transport(A, KEYS.get(10), TransportType.TCP, 1000));
        transports.add(transport(KEYS.get(99), B, TransportType.TCP, 1000));
        RouteFinder finder = finder(Topology.of(1, Instant.EPOCH, KEYS, transports), 2_000_000);

        assertThat(found(finder.find(query(A, B, 16, 16, 16))))
                .hasSize(16)
                .allMatch(route -> route.hops().size() == 16);
    }

    private static List<TransportUp> dense(int from, int to) {
        SplittableRandom random = new SplittableRandom(99);
        List<TransportUp> transports = new ArrayList<>();
        IntStream.range(from, to)
                .forEach(i -> IntStream.range(i + 1, to)
                        .filter(j -> random.nextInt(4) == 0)
                        .forEach(j -> transports.add(transport(KEYS.get(i), KEYS.get(j), TransportType.TCP, 1000))));
        return transports;
    }

    private static List<Route> found(RouteAnswer answer) {
        assertThat(answer).isInstanceOf(RouteAnswer.Found.class);
        return ((RouteAnswer.Found) answer).routes();
    }

    private static String noRoute(RouteAnswer answer) {
        assertThat(answer).isInstanceOf(RouteAnswer.NoRoute.class);
        return ((RouteAnswer.NoRoute) answer).detail();
    }

    private static void assertInvalid(RouteAnswer answer, int hop, String detail) {
        assertThat(answer).isInstanceOf(RouteAnswer.InvalidPath.class);
        assertThat(((RouteAnswer.InvalidPath) answer).hop()).isEqualTo(hop);
        assertThat(((RouteAnswer.InvalidPath) answer).detail()).contains(detail);
    }
}
