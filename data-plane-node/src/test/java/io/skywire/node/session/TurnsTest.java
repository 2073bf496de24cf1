package io.skywire.node.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private static final int SMALL = 4_096;
    private static final int LARGE = 16_000;

    private final Turns<Datagram> turns = new Turns<>(Datagram::bytes);
    private final Map<String, Turns.Turn<Datagram>> sessions = new HashMap<>();

    private record Datagram(String session, int number, int bytes) {}

    private Turns.Turn<Datagram> turn(String session) {
        return sessions.computeIfAbsent(session, none -> new Turns.Turn<>());
    }

    private void arrive(String session, int datagrams, int bytes) {
        for (int i = 0; i < datagrams; i++) {
            turns.arrived(turn(session), new Datagram(session, i, bytes));
        }
    }

    private List<Datagram> next(int datagrams) {
        List<Datagram> read = new ArrayList<>();
        for (int i = 0; i < datagrams; i++) {
            Datagram datagram = turns.next();
            if (datagram != null) {
                read.add(datagram);
            }
        }
        return read;
    }

    private static int bytesOf(String session, List<Datagram> read) {
        return read.stream()
                .filter(datagram -> datagram.session().equals(session))
                .mapToInt(Datagram::bytes)
                .sum();
    }

    @Test
    void whoHasMoreUnderWayGetsNoMore() {
        arrive("much", 400, SMALL);
        arrive("large", 100, LARGE);
        arrive("little", 100, SMALL);

        List<Datagram> read = next(200);

        int least = bytesOf("little", read);
        assertThat(least).isGreaterThan(300_000);
        assertThat(bytesOf("much", read)).isBetween(least - 2 * Turns.QUANTUM, least + 2 * Turns.QUANTUM);
        assertThat(bytesOf("large", read)).isBetween(least - 2 * Turns.QUANTUM, least + 2 * Turns.QUANTUM);
    }

    @Test
    void whatASessionSendsIsPaidForToo() {
        arrive("much", 400, 50);
        arrive("little", 400, 50);

        Map<String, Integer> spent = new HashMap<>();
        for (int i = 0; i < 300; i++) {
            Datagram read = next(1).getFirst();
            int answer = read.session().equals("much") ? 10 * SMALL : SMALL;
            turns.sent(turn(read.session()), answer);
            spent.merge(read.session(), Turns.LEAST_COST + answer, Integer::sum);
        }

        int little = spent.get("little");
        assertThat(spent.get("much")).isBetween(little - 4 * Turns.QUANTUM, little + 4 * Turns.QUANTUM);
    }

    @Test
    void theOrderOfEachSessionIsKept() {
        arrive("one", 50, SMALL);
        arrive("two", 50, 100);

        List<Datagram> read = next(100);

        assertThat(read).hasSize(100);
        for (String session : List.of("one", "two")) {
            assertThat(read)
                    .filteredOn(datagram -> datagram.session().equals(session))
                    .extracting(Datagram::number)
                    .isSorted();
        }
        assertThat(turns.next()).isNull();
    }

    @Test
    void oneAloneIsReadAsFastAsItCame() {
        arrive("alone", 1_000, LARGE);

        assertThat(next(1_000)).hasSize(1_000);
    }

    @Test
    void whatWasSpentWhileNobodyWaitedIsForgotten() {
        arrive("first", 1, SMALL);
        assertThat(next(2)).hasSize(1);
        turns.sent(turn("first"), 1 << 20);
        assertThat(turns.next()).isNull();

        arrive("first", 4, SMALL);
        arrive("second", 4, SMALL);

        assertThat(next(4)).extracting(Datagram::session).containsOnly("first");
    }

    @Test
    void noDebtIsLargerThanSixteenRoundsPay() {
        arrive("quiet", 1, SMALL);
        arrive("burst", 2, SMALL);
        turns.sent(turn("burst"), 1 << 30);
        arrive("quiet", 1_000, SMALL);

        List<Datagram> read = next(18 * Turns.QUANTUM / SMALL + 1);

        assertThat(read).extracting(Datagram::session).contains("burst");
    }
}
