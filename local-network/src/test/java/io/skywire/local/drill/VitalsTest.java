package io.skywire.local.drill;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VitalsTest {
    @Test
    void addsUpTheGenerationsAndLeavesTheMetaspaceOut() {
        String printed = """
                4711:
                 DefNew     total 39296K, used 1002K [0x00000000a0000000, 0x00000000a2aa0000, 0x00000000aaaa0000)
                  eden space 34944K,   2% used [0x00000000a0000000, 0x00000000a00fa8d8, 0x00000000a2220000)
                 Tenured    total 87424K, used 20000K [0x00000000aaaa0000, 0x00000000b0000000, 0x00000000c0000000)
                  the  space 87424K,   0% used [0x00000000aaaa0000, 0x00000000aaaa0000, 0x00000000b0000000)
                 Metaspace       used 12345K, committed 12544K, reserved 1114112K
                  class space    used 1234K, committed 1344K, reserved 1048576K
                """;

        assertThat(Vitals.heap(printed)).isEqualTo(21_002);
    }

    @Test
    void readsAProcessThatRuns() {
        Vitals vitals = Vitals.of(ProcessHandle.current().pid());

        assertThat(vitals.rssKib()).isGreaterThan(10_000);
        assertThat(vitals.heapKib()).isBetween(1_000L, vitals.rssKib());
        assertThat(vitals.threads()).isGreaterThan(3);
        assertThat(vitals.handles()).isGreaterThan(3);
    }
}
