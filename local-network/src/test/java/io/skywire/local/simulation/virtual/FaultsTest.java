package io.skywire.local.simulation.virtual;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.node.rules.DeltaOutcome;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// One kind of trouble at a time, done by hand, and what it must lead to.
class FaultsTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    private final Identities identities = new Identities(10);

    private VirtualNetwork network(Faults faults) {
        VirtualNetwork network = new VirtualNetwork(Conditions.calm(5, 6, 2).with(faults), identities);
        network.time().pass(SOON);
        return network;
    }

    private static RouteUid establish(VirtualNetwork network, int from, int to) {
        int before = network.active().size();
        network.nodes().get(from).ask(network.nodes().get(to).key());
        network.time().pass(SOON);
        assertThat(network.active()).hasSize(before + 1);
        return network.active().getLast();
    }

    private static Cable cableOf(VirtualNetwork network, RouteUid route) {
        return network.cables().stream()
                .filter(cable -> network.ledger()
                        .route(route)
                        .orElseThrow()
                        .path
                        .transports()
                        .contains(cable.id()))
                .findFirst()
                .orElseThrow();
    }

    private static void endsWell(VirtualNetwork network) {
        VirtualNetwork.Verdict verdict = network.quiet();
        assertThat(verdict.violations()).as(verdict.told()).isEmpty();
    }

    @Test
    void aRouteCarriesDataBothWays() {
        VirtualNetwork network = network(Faults.NONE);

        RouteUid route = establish(network, 0, 3);

        assertThat(network.nodes().get(0).isOpen(route)).isTrue();
        assertThat(network.nodes().get(3).isOpen(route)).isTrue();
        assertThat(network.nodes().get(0).received(route)).isPositive();
        assertThat(network.nodes().get(3).received(route)).isPositive();
        endsWell(network);
    }

    @Test
    void lossDoublesAndOvertakingOnMessagingLinksLeaveRoutesUp() {
        VirtualNetwork network = network(new Faults(0.2, 0.2, 0.3, 0, 0));
        RouteUid route = establish(network, 0, 3);

        network.time().pass(Duration.ofSeconds(20));

        assertThat(network.active()).contains(route);
        assertThat(network.cables()).allMatch(Cable::isUp);
        endsWell(network);
    }

    @Test
    void aReplayWindowSwallowsWhatComesTwice() {
        VirtualNetwork network = network(new Faults(0, 1, 0, 0, 0));

        RouteUid route = establish(network, 0, 3);
        network.time().pass(SOON);

        assertThat(network.cables())
                .anyMatch(cable -> cable.signed().entry().type().equals(TransportType.MESSAGING));
        assertThat(network.nodes().get(3).received(route))
                .isLessThanOrEqualTo(network.nodes().get(0).talked(route));
        endsWell(network);
    }

    @Test
    void aCorruptFrameEndsItsLinkAndBringsNothing() {
        VirtualNetwork network = network(Faults.NONE);
        RouteUid route = establish(network, 0, 3);
        network.faults(new Faults(0, 0, 0, 1, 0));

        network.time().pass(Duration.ofMillis(600));

        assertThat(network.cables()).anyMatch(cable -> !cable.isUp());
        network.faults(Faults.NONE);
        network.time().pass(SOON);
        assertThat(network.cables()).allMatch(Cable::isUp);
        assertThat(network.active()).doesNotContain(route);
        endsWell(network);
    }

    @Test
    void aCorruptControlMessageEndsItsSessionAndTheNodeComesBack() {
        VirtualNetwork network = network(Faults.NONE);
        network.faults(new Faults(0, 0, 0, 0, 1));

        network.nodes().get(0).ask(network.nodes().get(3).key());
        network.time().pass(Duration.ofMillis(100));

        assertThat(network.nodes().get(0).control().isUp()).isFalse();
        network.faults(Faults.NONE);
        network.time().pass(SOON);
        assertThat(network.nodes().get(0).control().isUp()).isTrue();
        assertThat(network.active()).hasSize(1); // the request was asked again
        endsWell(network);
    }

    @Test
    void aPartitionedLinkIsSilentAndItsRoutesAreClosed() {
        VirtualNetwork network = network(Faults.NONE);
        RouteUid route = establish(network, 0, 3);

        cableOf(network, route).part();
        network.time().pass(Duration.ofSeconds(1));
        assertThat(network.active()).contains(route); // nobody knows yet
        network.time().pass(SOON);

        assertThat(network.active()).doesNotContain(route);
        endsWell(network);
    }

    @Test
    void theNodeBesideALostLinkTellsTheSource() {
        VirtualNetwork network = network(Faults.NONE);
        RouteUid route = establish(network, 0, 3);
        Path path = network.ledger().route(route).orElseThrow().path;
        assertThat(path.transports()).hasSizeGreaterThan(1);
        Cable last = network.cables().stream()
                .filter(cable -> cable.id().equals(path.transports().getLast()))
                .findFirst()
                .orElseThrow();
        network.nodes().forEach(node -> node.control().block()); // nobody else may tell

        last.reset("pulled");
        network.time().pass(Duration.ofMillis(500));

        assertThat(network.nodes().get(0).heardBroken(route)).isTrue();
        endsWell(network);
    }

    @Test
    void aFlappingLinkClosesItsRoutesAndLeavesNoRule() {
        VirtualNetwork network = network(Faults.NONE);
        RouteUid route = establish(network, 0, 3);
        Cable cable = cableOf(network, route);

        for (int flap = 0; flap < 5; flap++) {
            cable.reset("flap " + flap);
            network.time().pass(Duration.ofMillis(700));
        }
        network.time().pass(SOON);

        assertThat(network.active()).doesNotContain(route);
        assertThat(network.nodes()).allMatch(node -> node.rules().isEmpty());
        endsWell(network);
    }

    @Test
    void aNodeThatStartsAgainGetsItsRulesBack() {
        VirtualNetwork network = network(Faults.NONE);
        RouteUid route = establish(network, 0, 3);
        VirtualNode end = network.nodes().get(3);

        end.stop();
        network.time().pass(Duration.ofMillis(100)); // before anybody has noticed
        end.start();
        network.time().pass(SOON);

        boolean closed = network.ledger().route(route).orElseThrow().state == Ledger.State.CLOSED;
        assertThat(end.rules().isEmpty()).isEqualTo(closed);
        endsWell(network);
    }

    @Test
    void routesCarryWhileEveryReplicaIsGone() {
        VirtualNetwork network = network(Faults.NONE);
        RouteUid route = establish(network, 0, 3);
        long before = network.nodes().get(3).received(route);

        network.outage(Duration.ofSeconds(20));
        network.time().pass(Duration.ofSeconds(19));

        assertThat(network.nodes().get(3).received(route)).isGreaterThan(before + 50);
        network.time().pass(SOON);
        assertThat(network.active()).contains(route);
        endsWell(network);
    }

    @Test
    void aReplicaThatDiesInASetupLeavesNothingHalfDone() {
        for (int step = 0; step < 60; step++) {
            VirtualNetwork network = network(Faults.NONE);
            network.nodes().get(0).ask(network.nodes().get(3).key());
            network.time().pass(Duration.ofMillis(2L * step));

            network.replicas().getFirst().crash();
            network.time().pass(Duration.ofSeconds(15));

            assertThat(network.ledger().routes())
                    .as("killed after %s ms", 2 * step)
                    .allMatch(route -> route.state != Ledger.State.INSTALLING);
            endsWell(network);
        }
    }

    @Test
    void theSameRequestGetsTheSameRoute() {
        VirtualNetwork network = network(Faults.NONE);
        UUID id = network.nodes().get(0).ask(network.nodes().get(3).key());
        network.time().pass(SOON);
        List<RouteUid> first = network.active();

        network.replicas().getFirst().crash();
        network.time().pass(SOON);
        network.nodes().get(0).askAgain(id, network.nodes().get(3).key());
        network.time().pass(SOON);

        assertThat(network.active()).isEqualTo(first).hasSize(1);
        endsWell(network);
    }

    @Test
    void attacksChangeNothing() {
        VirtualNetwork network = network(Faults.NONE);
        establish(network, 0, 3);
        List<Long> revisions =
                network.nodes().stream().map(node -> node.keeper().revision()).toList();

        Attack attack = new Attack(network, new java.util.Random(1));
        for (int i = 0; i < 60; i++) {
            attack.strike();
        }

        assertThat(network.nodes().stream().map(node -> node.keeper().revision()))
                .containsExactlyElementsOf(revisions);
        assertThat(network.nodes().stream()
                        .flatMap(node -> node.keeper().refusals().entrySet().stream())
                        .filter(refused -> refused.getValue() > 0)
                        .map(java.util.Map.Entry::getKey))
                .contains(
                        DeltaOutcome.Reason.UNLISTED_SIGNER,
                        DeltaOutcome.Reason.BAD_SIGNATURE,
                        DeltaOutcome.Reason.OTHER_NODE,
                        DeltaOutcome.Reason.OLD_REVISION);
        endsWell(network);
    }
}
