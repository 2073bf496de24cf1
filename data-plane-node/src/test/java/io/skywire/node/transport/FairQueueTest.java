package io.skywire.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.skywire.node.wire.FrameBuilder;
import io.skywire.node.wire.FrameReader;
import io.skywire.shared.noise.LinkSession;
import io.skywire.shared.packet.PacketLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

class FairQueueTest {
    private static final int KIB = 1024;

    private final Handshakes.Pair link = Handshakes.pair(0xfa1L);
    private final FrameBuilder frame = new FrameBuilder(dialled().sealing());
    private final FrameReader reader = new FrameReader(link.accepted().opening(), PacketLayout.MAX_PAYLOAD);
    private final LongAdder dropped = new LongAdder();
    private final RingArrays arrays = new RingArrays(4 * KIB * KIB);
    private final FairQueue queue = new FairQueue(256 * KIB, 2 * KIB * KIB, 2 * KIB * KIB, 64, dropped, arrays);

    private LinkSession dialled() {
        return link.dialled();
    }

    private boolean offer(FairQueue to, int route, int sequence, int payload) {
        byte[] packet = Packets.numbered(route, sequence, payload);
        return to.offer(route, packet, 0, packet.length);
    }

    /// Routes of the packets of the next frame, in order.
    private List<Integer> nextFrame(FairQueue from) throws Exception {
        List<Integer> routes = new ArrayList<>();
        from.moveTo(frame);
        if (!frame.isEmpty()) {
            ByteBuf wire = Unpooled.buffer();
            frame.sealInto(wire);
            reader.read(wire, (bytes, offset, length) -> routes.add(PacketLayout.routeId(bytes, offset)));
            wire.release();
        }
        return routes;
    }

    @Test
    void keepsTheOrderOfEachRouteThroughWrapsAndGrowth() throws Exception {
        long seed = 0x5eedL;
        Random random = new Random(seed);
        Map<Integer, Queue<byte[]>> expected = new HashMap<>();
        for (int step = 0; step < 3_000; step++) {
            int route = random.nextInt(5);
            byte[] packet = Packets.numbered(route, step, 4 + random.nextInt(6_000));
            if (queue.offer(route, packet, 0, packet.length)) {
                expected.computeIfAbsent(route, none -> new ArrayDeque<>()).add(packet);
            }
            if (random.nextInt(8) == 0) {
                queue.moveTo(frame);
                ByteBuf wire = Unpooled.buffer();
                if (!frame.isEmpty()) {
                    frame.sealInto(wire);
                }
                reader.read(wire, (bytes, offset, length) -> {
                    byte[] due =
                            expected.get(PacketLayout.routeId(bytes, offset)).remove();
                    assertThat(Arrays.copyOfRange(bytes, offset, offset + length))
                            .as("seed %x", seed)
                            .isEqualTo(due);
                });
                wire.release();
            }
        }
        int waiting = expected.values().stream()
                .flatMap(Queue::stream)
                .mapToInt(packet -> packet.length)
                .sum();
        assertThat(queue.bytes()).as("seed %x", seed).isEqualTo(waiting);
    }

    @Test
    void dropsTheNewestOfAFullRouteAndNotAnotherRoutes() {
        int taken = 0;
        while (offer(queue, 1, taken, 1_000)) {
            taken++;
        }

        assertThat(taken).isEqualTo(256 * KIB / 1_007);
        assertThat(offer(queue, 2, 0, 1_000)).isTrue();
    }

    @Test
    void theFullestRouteMakesRoomForANewcomer() {
        for (int packet = 0; packet < 300; packet++) {
            for (int route = 1; route <= 40; route++) {
                offer(queue, route, packet, 1_000);
            }
        }
        long before = dropped.sum();

        assertThat(queue.bytes()).isLessThanOrEqualTo(2 * KIB * KIB);
        assertThat(offer(queue, 50, 0, 1_000)).isTrue();
        assertThat(40 * 300 + 1 - dropped.sum())
                .as("what was offered is waiting or counted as dropped, %d before", before)
                .isEqualTo(queue.bytes() / 1_007);
        assertThat(queue.bytes() % 1_007).isZero();
    }

    @Test
    void aCrowdHasRoomForFourDatagramsOfEachRoute() {
        FairQueue large = new FairQueue(256 * KIB, 2 * KIB * KIB, 3 * KIB * KIB, 64, dropped, arrays);
        for (int packet = 0; packet < 4; packet++) {
            for (int route = 1; route <= 45; route++) {
                assertThat(offer(large, route, packet, 16_000)).isTrue();
            }
        }

        assertThat(large.bytes()).isEqualTo(4 * 45 * 16_007).isGreaterThan(2 * KIB * KIB);
        assertThat(dropped.sum()).isZero();
    }

    @Test
    void amongRoutesThatAreAlikeTheNewestPacketIsTheOneTooMany() throws Exception {
        FairQueue small = new FairQueue(256 * KIB, 512 * KIB, 512 * KIB, 64, dropped, arrays);
        int room = 512 * KIB / 16_007;
        for (int route = 1; route <= room; route++) {
            assertThat(offer(small, route, 0, 16_000)).isTrue();
        }

        assertThat(offer(small, room + 1, 0, 16_000)).isFalse();
        assertThat(dropped.sum()).isEqualTo(1);
        assertThat(offer(small, room + 2, 0, 12_000)).as("fills what is left").isTrue();
        assertThat(offer(small, room + 3, 0, 600))
                .as("what is small finds room")
                .isTrue();
        assertThat(dropped.sum()).isEqualTo(2);
    }

    @Test
    void boundsTheNumberOfRoutesAndReclaimsIdleOnes() throws Exception {
        for (int route = 1; route <= 64; route++) {
            assertThat(offer(queue, route, 0, 10)).isTrue();
        }
        assertThat(offer(queue, 65, 0, 10)).isFalse();

        assertThat(nextFrame(queue)).hasSize(64);

        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.routes()).isZero();
        assertThat(offer(queue, 65, 0, 10)).isTrue();
    }

    @Test
    void takesTurnsOfOneQuantum() throws Exception {
        for (int packet = 0; packet < 200; packet++) {
            assertThat(offer(queue, 1, packet, 1_000)).isTrue();
            assertThat(offer(queue, 2, packet, 1_000)).isTrue();
        }

        List<Integer> routes = nextFrame(queue);
        routes.addAll(nextFrame(queue));

        long first = routes.stream().filter(route -> route == 1).count();
        long second = routes.size() - first;
        assertThat(Math.abs(first - second)).isLessThanOrEqualTo(17);
        assertThat(routes.subList(0, 16)).containsOnly(1);
        assertThat(routes.subList(17, 33)).containsOnly(2);
    }

    @Test
    void letsASparseRouteGoBeforeBulk() throws Exception {
        for (int packet = 0; packet < 200; packet++) {
            offer(queue, 1, packet, 1_000);
        }
        nextFrame(queue);
        offer(queue, 7, 0, 10);

        assertThat(nextFrame(queue)).startsWith(7);
    }

    @Test
    void aRouteCannotStayFirstBySendingALittleAtATime() throws Exception {
        for (int packet = 0; packet < 40; packet++) {
            for (int route = 11; route <= 20; route++) {
                offer(queue, route, packet, 1_000);
            }
        }
        nextFrame(queue);
        nextFrame(queue);
        nextFrame(queue);
        offer(queue, 7, 0, 10);
        assertThat(nextFrame(queue).getFirst()).isEqualTo(7);
        offer(queue, 7, 1, 10);

        assertThat(nextFrame(queue).getFirst())
                .as("others have their turn first")
                .isNotEqualTo(7);
    }

    @Test
    void arraysOfQueuesThatHaveEmptiedServeTheNextOnes() throws Exception {
        fillAndEmpty();
        int keptAfterOnce = arrays.kept();
        fillAndEmpty();

        assertThat(queue.routes()).isZero();
        assertThat(keptAfterOnce).isGreaterThanOrEqualTo(16 * 64 * KIB);
        assertThat(arrays.kept()).isEqualTo(keptAfterOnce);
    }

    @Test
    void arraysBeyondTheLimitAreNotKept() throws Exception {
        RingArrays few = new RingArrays(8 * KIB);
        few.give(few.take(8 * KIB));
        few.give(new byte[4 * KIB]);

        assertThat(few.kept()).isEqualTo(8 * KIB);
        assertThat(few.take(4 * KIB + 1)).hasSize(8 * KIB);
        assertThat(few.kept()).isZero();
    }

    private void fillAndEmpty() throws Exception {
        for (int sequence = 0; sequence < 60; sequence++) {
            for (int route = 1; route <= 16; route++) {
                assertThat(offer(queue, route, sequence, 1_000)).isTrue();
            }
        }
        while (!queue.isEmpty()) {
            nextFrame(queue);
        }
        assertThat(nextFrame(queue)).isEmpty(); // the turn after the last, in which empty queues go
    }
}
