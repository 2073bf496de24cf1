package io.skywire.node.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.util.HashMap;
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
            Slots slots = Slots.of(byId);

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
        assertThat(Slots.of(Map.of()).find(17)).isNull();
    }
}
