package io.skywire.node.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SlotsTest {
    private final TransportId transport = new TransportId(new UUID(1, 2));

    private Entry entry(int id) {
        Port port = new Port(transport);
        Rule.Relay rule = new Rule.Relay(transport, new RouteId(id), transport, new RouteId(1), Duration.ofSeconds(1));
        return new Entry.Relay(rule, port, 0);
    }

    @Test
    void findsWhatAMapFindsWhateverTheIds() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int run = 0; run < 300; run++) {
            Map<Integer, Entry> byId = new HashMap<>();
            int size = random.nextInt(200);
            while (byId.size() < size) {
                // Dense, equal low bits, and anything: the ways in which ids collide.
                int id = switch (random.nextInt(3)) {
                    case 0 -> 1 + random.nextInt(500);
                    case 1 -> (1 + random.nextInt(500)) << 20;
                    default -> random.nextInt();
                };
                if (id != 0) {
                    byId.put(id, entry(id));
                }
            }
            Slots.Draft draft = new Slots.Draft(Slots.EMPTY);
            byId.forEach(draft::put);
            Slots slots = draft.done();

            assertThat(slots.size()).isEqualTo(size);
            byId.forEach((id, entry) ->
                    assertThat(slots.find(id)).as("seed %d id %d", seed, id).isSameAs(entry));
            for (int i = 0; i < 100; i++) {
                int id = random.nextInt();
                assertThat(slots.find(id)).as("seed %d id %d", seed, id).isSameAs(byId.get(id));
            }
        }
    }

    @Test
    void anEmptyTableFindsNothing() {
        assertThat(Slots.EMPTY.find(0)).isNull();
        assertThat(new Slots.Draft(Slots.EMPTY).done().find(17)).isNull();
    }

    @Test
    void whatIsWrittenStepByStepIsWhatAMapHoldsAndWhatReadersSeeStaysAsItIs() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<Integer, Entry> byId = new HashMap<>();
        Slots slots = Slots.EMPTY;
        for (int delta = 0; delta < 2_000; delta++) {
            boolean grows = delta % 500 < 300;
            Map<Integer, Entry> before = new HashMap<>(byId);
            Slots.Draft draft = new Slots.Draft(slots);
            for (int i = 0; i < 5; i++) {
                int id = (1 + random.nextInt(400)) << random.nextInt(3) * 8;
                if (draft.get(id) == null && (grows || random.nextInt(4) == 0)) {
                    Entry entry = entry(id);
                    draft.put(id, entry);
                    byId.put(id, entry);
                } else if (!grows || random.nextInt(4) == 0) {
                    assertThat(draft.remove(id)).as("seed %d", seed).isSameAs(byId.remove(id));
                }
            }
            Slots next = draft.done();

            assertHolds(slots, before, seed);
            assertHolds(next, byId, seed);
            slots = next;
        }
    }

    private static void assertHolds(Slots slots, Map<Integer, Entry> byId, long seed) {
        assertThat(slots.size()).as("seed %d", seed).isEqualTo(byId.size());
        List<Entry> all = new ArrayList<>();
        slots.addTo(all);
        assertThat(all).as("seed %d", seed).hasSameSizeAs(byId.keySet());
        byId.forEach((id, entry) -> {
            if (slots.find(id) != entry) {
                throw new AssertionError("seed " + seed + ": id " + id + " leads to " + slots.find(id));
            }
        });
    }
}
