package io.skywire.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.shared.packet.PacketLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandOverTest {
    private static final int LIMIT = 256 * 1024;

    private final List<Runnable> tasks = new ArrayList<>();
    private final List<Integer> arrived = new ArrayList<>();
    private final HandOver handOver = new HandOver(tasks::add, this::drain, LIMIT);

    private void drain() {
        handOver.drainTo((packet, offset, length) -> {
            assertThat(length).isEqualTo(PacketLayout.HEADER_LENGTH + PacketLayout.payloadLength(packet, offset));
            arrived.add(Packets.sequence(packet, offset));
        });
    }

    private boolean offer(int sequence) {
        byte[] packet = Packets.numbered(1, sequence, 1_000);
        return handOver.offer(packet, 0, packet.length);
    }

    private void runTasks() {
        List<Runnable> due = List.copyOf(tasks);
        tasks.clear();
        due.forEach(Runnable::run);
    }

    @Test
    void asksForOneTaskPerFlushAndKeepsTheOrder() {
        for (int sequence = 0; sequence < 50; sequence++) {
            assertThat(offer(sequence)).isTrue();
        }
        assertThat(tasks).isEmpty();
        handOver.flush();
        handOver.flush();
        assertThat(tasks).hasSize(1);

        runTasks();

        assertThat(arrived).hasSize(50).isSorted();
        handOver.flush();
        assertThat(tasks).as("nothing was offered since").isEmpty();
    }

    @Test
    void startsTheLoopWhenABatchIsFull() {
        for (int sequence = 0; sequence < 100; sequence++) {
            assertThat(offer(sequence)).isTrue();
        }

        assertThat(tasks).hasSize(1);
    }

    @Test
    void dropsWhatIsOverTheBoundAndTakesMoreAfterwards() {
        int taken = 0;
        while (offer(taken)) {
            taken++;
        }
        assertThat(taken * 1_007).isBetween(LIMIT * 9 / 10, LIMIT);

        handOver.flush();
        runTasks();

        assertThat(arrived).hasSize(taken).isSorted();
        assertThat(offer(0)).isTrue();
    }
}
