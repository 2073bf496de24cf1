package io.skywire.control.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.LinkMeasurement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class EdgeViewTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    private static final List<PublicKey> SERVERS =
            TestKeys.pairs(3, 71).stream().map(KeyPair::publicKey).sorted().toList();

    private final EdgeView one = new EdgeView(
            EdgeView.State.UP,
            new LinkMeasurement(Optional.of(Duration.ofMillis(7)), 20_000, 100_000, 5_000),
            Optional.of(NOON),
            1_400,
            SERVERS.subList(0, 2));
    private final EdgeView other = new EdgeView(
            EdgeView.State.UP,
            new LinkMeasurement(Optional.of(Duration.ofMillis(9)), 10_000, 300_000, 4_000),
            Optional.of(NOON.plusSeconds(60)),
            16_384,
            SERVERS.subList(1, 3));

    @Test
    void bothTogetherAreTheWorseOfEach() {
        EdgeView both = one.with(other);

        assertThat(both)
                .isEqualTo(new EdgeView(
                        EdgeView.State.UP,
                        new LinkMeasurement(Optional.of(Duration.ofMillis(9)), 20_000, 300_000, 5_000),
                        Optional.of(NOON.plusSeconds(60)),
                        1_400,
                        SERVERS))
                .isEqualTo(other.with(one));
    }

    @Test
    void anEdgeThatMeasuresNothingTakesNothingAway() {
        EdgeView silent = new EdgeView(EdgeView.State.UP, LinkMeasurement.NONE, Optional.empty(), 16_384, List.of());

        assertThat(one.with(silent)).isEqualTo(one);
        assertThat(silent.with(one)).isEqualTo(one);
    }

    @Test
    void oneEdgeAloneIsNotUp() {
        assertThat(one.with(EdgeView.NONE).state()).isEqualTo(EdgeView.State.NOT_UP);
        assertThat(EdgeView.NONE.with(EdgeView.NONE)).isEqualTo(EdgeView.NONE);
    }
}
