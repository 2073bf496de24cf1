package io.skywire.local.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GrowthTest {
    @Test
    void agentsThatHangAtTheOtherReplicaAreNoGrowth() {
        Map<String, Vitals> even = new LinkedHashMap<>();
        even.put("control-plane-1", withHandles(240));
        even.put("control-plane-2", withHandles(239));
        even.put("n1", withHandles(100));
        Map<String, Vitals> uneven = new LinkedHashMap<>(even);
        uneven.put("control-plane-1", withHandles(297));
        uneven.put("control-plane-2", withHandles(176));

        assertThat(Growth.handles(even)).isEqualTo(Map.of("control-planes together", 479L, "n1", 100L));
        assertThat(Growth.handles(uneven)).containsEntry("control-planes together", 473L);
    }

    private static Vitals withHandles(long handles) {
        return new Vitals(1, 1, 1, handles);
    }
}
