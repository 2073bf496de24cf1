package io.skywire.node.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.skywire.node.transport.Ingress;
import io.skywire.node.transport.Transport;
import io.skywire.node.transport.TransportSnapshot;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.SessionUid;
import io.skywire.shared.transport.SignedTransport;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// One node in the middle or at an end, its neighbours in memory, time in hand.
class RouterTest {
    private static final Duration IDLE = Duration.ofSeconds(60);

    private final Random random = new Random(7);
    private final KeyPair us = KeyPair.generate(random);
    private final KeyPair left = KeyPair.generate(random);
    private final KeyPair right = KeyPair.generate(random);
    private final FakeLink toLeft = new FakeLink(us, left);
    private final FakeLink toRight = new FakeLink(us, right);
    private final AtomicLong nanos = new AtomicLong(1_000_000_000L);
    private final EmbeddedChannel timers = new EmbeddedChannel();
    private final RecordingEnds ends = new RecordingEnds();
    private final List<RouteUid> answered = new ArrayList<>();
    private final List<RouteUid> unanswered = new ArrayList<>();
    private final Router router = router(ends, 100);

    private Router router(RouteEnds ends, int maxRules) {
        Router router = new Router(
                new Router.Settings(maxRules),
                ends,
                new RouteProbes() {
                    @Override
                    public void answered(RouteUid route, Duration roundTrip) {
                        answered.add(route);
                    }

                    @Override
                    public void unanswered(RouteUid route, String detail) {
                        unanswered.add(route);
                    }
                },
                timers.eventLoop(),
                nanos::get,
                random);
        router.up(toLeft);
        router.up(toRight);
        return router;
    }

    private Rule.Relay relay(int in, int out) {
        return new Rule.Relay(toLeft.id(), new RouteId(in), toRight.id(), new RouteId(out), IDLE);
    }

    private List<Rule> edgeRules(RouteUid route, RouteEnd end) {
        return List.of(
                new Rule.Forward(
                        route,
                        SessionUid.random(random),
                        end,
                        right.publicKey(),
                        toRight.id(),
                        new RouteId(500),
                        1400,
                        IDLE),
                new Rule.Consume(route, right.publicKey(), toRight.id(), new RouteId(600), IDLE));
    }

    private void arrives(FakeLink on, byte[] packet) {
        Ingress ingress = router.open(on);
        ingress.packet(packet, 0, packet.length);
        ingress.endOfRead();
    }

    @Test
    void relaysAPacketUnderItsNextId() {
        router.table().apply(List.of(), List.of(relay(5, 9)));

        arrives(toLeft, FakeLink.packet(PacketType.DATA, 5, new byte[] {1, 2, 3}));

        assertThat(toRight.sent()).containsExactly(FakeLink.packet(PacketType.DATA, 9, new byte[] {1, 2, 3}));
        assertThat(toRight.flushes()).isEqualTo(1);
        assertThat(router.forwardedPackets()).isEqualTo(1);
    }

    @Test
    void aNeighbourCannotUseAnIdOfAnotherLink() {
        router.table().apply(List.of(), List.of(relay(5, 9)));

        arrives(toRight, FakeLink.packet(PacketType.DATA, 5, new byte[] {1}));

        assertThat(toLeft.sent()).isEmpty();
        assertThat(toRight.sent()).isEmpty();
        assertThat(router.drops()).containsEntry(DropReason.UNKNOWN_ROUTE, 1L);
    }

    @Test
    void dropsAndCountsWhatCannotGoOn() {
        router.table().apply(List.of(), List.of(relay(5, 9)));
        toRight.maxPayload(2);
        arrives(toLeft, FakeLink.packet(PacketType.DATA, 5, new byte[3]));
        router.down(toRight, "gone");
        arrives(toLeft, FakeLink.packet(PacketType.DATA, 5, new byte[1]));

        assertThat(toRight.sent()).isEmpty();
        assertThat(router.drops()).containsEntry(DropReason.TOO_LARGE, 1L).containsEntry(DropReason.LINK_DOWN, 1L);
    }

    private Rule.Relay relayBack(int in, int out) {
        return new Rule.Relay(toRight.id(), new RouteId(in), toLeft.id(), new RouteId(out), IDLE);
    }

    private static byte[] routeBroken(int routeId) {
        return FakeLink.packet(PacketType.ROUTE_BROKEN, routeId, new byte[0]);
    }

    @Test
    void tellsTheOtherEndOfEveryRouteThatUsedADeadLink() {
        router.table().apply(List.of(), List.of(relay(5, 9), relayBack(7, 8), relay(15, 19), relayBack(17, 18)));

        router.down(toRight, "gone");

        assertThat(toLeft.sent()).containsExactlyInAnyOrder(routeBroken(8), routeBroken(18));
        assertThat(toLeft.flushes()).isEqualTo(1);
        assertThat(toRight.sent()).isEmpty();
        assertThat(router.brokenRoutesTold()).isEqualTo(2);
    }

    @Test
    void aBrokenRouteIsToldOnLikeAnyPacketAndEndsAtTheEnd() {
        RouteUid route = RouteUid.random(random);
        router.table().apply(List.of(), List.of(relay(5, 9)));
        router.table().apply(List.of(), edgeRules(route, RouteEnd.INITIATOR));

        arrives(toLeft, routeBroken(5));
        arrives(toRight, routeBroken(600));

        assertThat(toRight.sent()).contains(routeBroken(9));
        assertThat(ends.broken).extracting(EdgeRoute::route).containsExactly(route);
        assertThat(ends.closed).isEmpty();
    }

    @Test
    void anEndBesideTheDeadLinkKnowsItItself() {
        RouteUid route = RouteUid.random(random);
        router.table().apply(List.of(), edgeRules(route, RouteEnd.INITIATOR));

        router.down(toRight, "gone");

        assertThat(ends.broken).extracting(EdgeRoute::route).containsExactly(route);
    }

    @Test
    void packetsForADeadLinkHaveItsRoutesToldAgainAtMostOnceASecond() {
        router.table().apply(List.of(), List.of(relay(5, 9), relayBack(7, 8)));
        router.down(toRight, "gone");
        toLeft.sent().clear();

        arrives(toLeft, FakeLink.packet(PacketType.DATA, 5, new byte[1]));
        assertThat(toLeft.sent()).isEmpty();
        nanos.addAndGet(BrokenRoutes.AGAIN.toNanos());
        arrives(toLeft, FakeLink.packet(PacketType.DATA, 5, new byte[1]));
        arrives(toLeft, FakeLink.packet(PacketType.DATA, 5, new byte[1]));

        assertThat(toLeft.sent()).containsExactly(routeBroken(8));
    }

    @Test
    void tellsThousandsOfRoutesWithoutHoldingTheLoopUp() {
        Router large = router(ends, 10_000);
        List<Rule> rules = new ArrayList<>();
        for (int id = 1; id <= 5_000; id++) {
            rules.add(relayBack(id, 100_000 + id));
        }
        large.table().apply(List.of(), rules);

        large.down(toRight, "gone");
        assertThat(toLeft.sent()).hasSizeLessThanOrEqualTo(BrokenRoutes.SLICE);
        timers.runPendingTasks();

        assertThat(toLeft.sent()).hasSize(5_000).doesNotHaveDuplicates();
    }

    @Test
    void stopsTellingOnceTheLinkIsBack() {
        Router large = router(ends, 10_000);
        List<Rule> rules = new ArrayList<>();
        for (int id = 1; id <= 5_000; id++) {
            rules.add(relayBack(id, 100_000 + id));
        }
        large.table().apply(List.of(), rules);
        large.down(toRight, "gone");
        large.up(new FakeLink(us, right));

        timers.runPendingTasks();

        assertThat(toLeft.sent()).hasSizeLessThanOrEqualTo(BrokenRoutes.SLICE);
    }

    @Test
    void anEndMayProbeItsRouteAtAnyTime() {
        RouteUid route = RouteUid.random(random);
        router.table().apply(List.of(), edgeRules(route, RouteEnd.INITIATOR));
        byte[] number = ByteBuffer.allocate(8).putLong(77).array();

        ends.opened.getFirst().probe(77);
        arrives(toRight, FakeLink.packet(PacketType.PROBE_REPLY, 600, number));

        assertThat(toRight.sent()).contains(FakeLink.packet(PacketType.PROBE, 500, number));
        assertThat(ends.replies).containsExactly(77L);
        assertThat(answered).isEmpty();
    }

    @Test
    void aRuleFindsItsLinkAgainWhenTheLinkComesBack() {
        router.table().apply(List.of(), List.of(relay(5, 9)));
        router.down(toRight, "gone");
        FakeLink again = new FakeLink(us, right);
        router.up(again);
        router.down(toRight, "told late");

        arrives(toLeft, FakeLink.packet(PacketType.DATA, 5, new byte[1]));

        assertThat(again.sent()).hasSize(1);
    }

    @Test
    void anEndSendsAndReceivesPayloads() {
        RouteUid route = RouteUid.random(random);
        assertThat(router.table().apply(List.of(), edgeRules(route, RouteEnd.RESPONDER)))
                .isEmpty();
        assertThat(ends.opened).hasSize(1);

        ends.opened.getFirst().send(Unpooled.wrappedBuffer(new byte[] {7}));
        arrives(toRight, FakeLink.packet(PacketType.DATA, 600, new byte[] {8, 9}));
        arrives(toRight, FakeLink.packet(PacketType.DATA, 600, new byte[0]));

        assertThat(toRight.sent()).containsExactly(FakeLink.packet(PacketType.DATA, 500, new byte[] {7}));
        assertThat(ends.payloads).containsExactly(new byte[] {8, 9}, new byte[0]);
        assertThat(ends.reads).isEqualTo(2);
    }

    @Test
    void anEndNeverSendsMoreThanTheRouteCarries() {
        router.table().apply(List.of(), edgeRules(RouteUid.random(random), RouteEnd.RESPONDER));

        ends.opened.getFirst().send(Unpooled.wrappedBuffer(new byte[1401]));
        assertThat(toRight.sent()).isEmpty();
        ends.opened.getFirst().send(Unpooled.wrappedBuffer(new byte[1400]));
        assertThat(toRight.sent()).hasSize(1);
    }

    @Test
    void answersProbesAndPingsAtTheFarEnd() {
        router.table().apply(List.of(), edgeRules(RouteUid.random(random), RouteEnd.RESPONDER));
        byte[] id = {1, 2, 3, 4, 5, 6, 7, 8};

        arrives(toRight, FakeLink.packet(PacketType.PROBE, 600, id));
        arrives(toRight, FakeLink.packet(PacketType.PING, 600, id));

        assertThat(toRight.sent())
                .containsExactly(
                        FakeLink.packet(PacketType.PROBE_REPLY, 500, id), FakeLink.packet(PacketType.PONG, 500, id));
        assertThat(answered).isEmpty();
    }

    @Test
    void theInitiatorProbesUntilAReplyComes() {
        RouteUid route = RouteUid.random(random);
        router.table().apply(List.of(), edgeRules(route, RouteEnd.INITIATOR));
        assertThat(toRight.sent()).hasSize(1);
        pass(Duration.ofMillis(50));
        assertThat(toRight.sent()).hasSizeGreaterThan(2);
        byte[] probe = toRight.sent().getLast();
        byte[] id = java.util.Arrays.copyOfRange(probe, PacketLayout.HEADER_LENGTH, probe.length);

        arrives(toRight, FakeLink.packet(PacketType.PROBE_REPLY, 600, new byte[8]));
        assertThat(answered).as("a reply to another probe").isEmpty();
        arrives(toRight, FakeLink.packet(PacketType.PROBE_REPLY, 600, id));
        arrives(toRight, FakeLink.packet(PacketType.PROBE_REPLY, 600, id));

        assertThat(answered).containsExactly(route);
        int sent = toRight.sent().size();
        pass(Duration.ofSeconds(10));
        assertThat(toRight.sent()).hasSize(sent);
        assertThat(unanswered).isEmpty();
    }

    @Test
    void givesUpProbingARouteThatCarriesNothing() {
        RouteUid route = RouteUid.random(random);
        router.table().apply(List.of(), edgeRules(route, RouteEnd.INITIATOR));

        pass(Duration.ofSeconds(6));

        assertThat(unanswered).containsExactly(route);
        assertThat(answered).isEmpty();
    }

    private void pass(Duration time) {
        for (long step = 0; step < time.toMillis(); step++) {
            nanos.addAndGet(1_000_000);
            timers.advanceTimeBy(1, TimeUnit.MILLISECONDS);
            timers.runScheduledPendingTasks();
        }
    }

    @Test
    void refusesATakenKeyAndKeepsTheRuleThatHoldsIt() {
        router.table().apply(List.of(), List.of(relay(5, 9)));

        List<RoutingTable.Refusal> refusals = router.table().apply(List.of(), List.of(relay(5, 10), relay(6, 11)));

        assertThat(refusals).hasSize(1);
        assertThat(refusals.getFirst().reason()).isEqualTo(RoutingTable.Refusal.Reason.KEY_TAKEN);
        assertThat(refusals.getFirst().rule()).isEqualTo(relay(5, 9).key());
        assertThat(router.table().rows()).extracting(RoutingTable.RuleRow::rule).contains(relay(5, 9), relay(6, 11));
        assertThat(router.table().apply(List.of(), List.of(relay(5, 9))))
                .as("the same rule again")
                .isEmpty();
        assertThat(router.table().size()).isEqualTo(2);
    }

    @Test
    void refusesRulesForLinksThatAreNotUpAndRulesBeyondItsCapacity() {
        FakeLink unknown = new FakeLink(us, KeyPair.generate(random));
        Rule.Relay strange = new Rule.Relay(unknown.id(), new RouteId(1), toRight.id(), new RouteId(2), IDLE);
        assertThat(router.table().apply(List.of(), List.of(strange)))
                .extracting(RoutingTable.Refusal::reason)
                .containsExactly(RoutingTable.Refusal.Reason.NO_SUCH_TRANSPORT);

        Router small = router(ends, 1);
        assertThat(small.table().apply(List.of(), List.of(relay(1, 2), relay(3, 4))))
                .extracting(RoutingTable.Refusal::reason)
                .containsExactly(RoutingTable.Refusal.Reason.TABLE_FULL);
    }

    @Test
    void refusesAConsumeRuleWithoutItsForwardRule() {
        List<Rule> rules = edgeRules(RouteUid.random(random), RouteEnd.RESPONDER);

        assertThat(router.table().apply(List.of(), rules.subList(1, 2)))
                .extracting(RoutingTable.Refusal::reason)
                .containsExactly(RoutingTable.Refusal.Reason.MALFORMED);
        assertThat(ends.opened).isEmpty();
    }

    @Test
    void removedRulesCloseTheEdgeOnceAndLeaveNothing() {
        List<Rule> rules = edgeRules(RouteUid.random(random), RouteEnd.RESPONDER);
        router.table().apply(List.of(), rules);

        router.table().apply(rules.stream().map(Rule::key).toList(), List.of());
        router.table().apply(rules.stream().map(Rule::key).toList(), List.of());

        assertThat(ends.closed).hasSize(1);
        assertThat(router.table().size()).isZero();
        ends.opened.getFirst().send(Unpooled.wrappedBuffer(new byte[1]));
        assertThat(toRight.sent()).isEmpty();
    }

    @Test
    void aSnapshotReplacesTheTableAndKeepsCountersOfRulesThatStay() {
        router.table().apply(List.of(), List.of(relay(5, 9), relay(6, 10)));
        arrives(toLeft, FakeLink.packet(PacketType.DATA, 5, new byte[1]));

        router.table().replace(List.of(relay(5, 9), relay(7, 11)));

        assertThat(router.table().rows())
                .extracting(RoutingTable.RuleRow::rule)
                .containsExactlyInAnyOrder(relay(5, 9), relay(7, 11));
        assertThat(router.table().rows().stream().filter(row -> row.rule().equals(relay(5, 9))))
                .extracting(RoutingTable.RuleRow::packets)
                .containsExactly(1L);
    }

    @Test
    void rulesThatNothingUsesIdleOutAndAreNamed() {
        RouteUid route = RouteUid.random(random);
        router.table().apply(List.of(), List.of(relay(5, 9), relay(6, 10)));
        router.table().apply(List.of(), edgeRules(route, RouteEnd.RESPONDER));
        nanos.addAndGet(IDLE.toNanos() - 1);
        arrives(toLeft, FakeLink.packet(PacketType.DATA, 6, new byte[1]));
        nanos.addAndGet(2);
        List<RuleKey> expired = new ArrayList<>();

        router.upkeep(expired::addAll);

        assertThat(expired)
                .containsExactlyInAnyOrder(
                        relay(5, 9).key(),
                        new RuleKey.ForwardOf(route),
                        new RuleKey.Ingress(toRight.id(), new RouteId(600)));
        assertThat(ends.closed).hasSize(1);
        assertThat(router.table().size()).isEqualTo(1);
    }

    @Test
    void aQuietEndKeepsItsRouteAlive() {
        router.table().apply(List.of(), edgeRules(RouteUid.random(random), RouteEnd.RESPONDER));
        nanos.addAndGet(IDLE.toNanos() / 4 + 1);

        router.upkeep(expired -> {});
        router.upkeep(expired -> {});

        assertThat(toRight.sent()).containsExactly(FakeLink.packet(PacketType.KEEP_ALIVE, 500, new byte[0]));
    }

    /// I1: what a relay can know is what its rule holds.
    @Test
    void aRelayRuleHoldsNoKeyOfAnEnd() {
        assertThat(Rule.Relay.class.getRecordComponents())
                .extracting(component -> component.getType().getSimpleName())
                .containsExactly("TransportId", "RouteId", "TransportId", "RouteId", "Duration");
    }

    /// I11, with writers at full speed beside a reader.
    @Test
    void readersNeverSeeHalfAChange() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        router.table().apply(List.of(), List.of(relay(1, 1)));
        Thread writer = Thread.ofPlatform().start(() -> {
            while (!stop.get()) {
                router.table().apply(List.of(), List.of(relay(2, 2), relay(3, 3)));
                router.table().apply(List.of(relay(2, 2).key(), relay(3, 3).key()), List.of());
            }
        });
        Port port = router.table().port(toLeft.id());

        for (int i = 0; i < 200_000; i++) {
            Slots seen = port.slots();
            assertThat(seen.find(1)).isNotNull();
            assertThat(seen.find(2) == null).isEqualTo(seen.find(3) == null);
        }

        stop.set(true);
        writer.join(10_000);
        assertThat(writer.isAlive()).isFalse();
    }

    @Test
    void relayingAllocatesNothingPerPacket() {
        Sink sink = new Sink(toRight.signed());
        router.up(sink);
        router.table().apply(List.of(), List.of(relay(5, 9)));
        Ingress ingress = router.open(toLeft);
        byte[] frame = FakeLink.packet(PacketType.DATA, 5, new byte[1400]);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int packets = 100_000;
        for (int i = 0; i < packets; i++) {
            pass(ingress, frame, i);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < packets; i++) {
            pass(ingress, frame, i);
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(sink.packets).isEqualTo(2L * packets);
        assertThat(allocated).as("bytes for %d packets", packets).isLessThan(packets);
    }

    private static void pass(Ingress ingress, byte[] frame, int i) {
        PacketLayout.rewriteRouteId(frame, 0, 5);
        ingress.packet(frame, 0, frame.length);
        if (i % 32 == 31) {
            ingress.endOfRead();
        }
    }

    /// A link that only counts.
    private static final class Sink implements Transport {
        private final SignedTransport signed;
        private long packets;

        Sink(SignedTransport signed) {
            this.signed = signed;
        }

        @Override
        public SignedTransport signed() {
            return signed;
        }

        @Override
        public PublicKey remote() {
            return signed.entry().lower();
        }

        @Override
        public int maxPayload() {
            return PacketLayout.MAX_PAYLOAD;
        }

        @Override
        public void send(byte[] packet, int offset, int length) {
            packets++;
        }

        @Override
        public void flush() {}

        @Override
        public TransportSnapshot snapshot() {
            throw new IllegalStateException("nobody asks the sink for its counters");
        }

        @Override
        public void close(String reason) {}
    }
}
