package io.skywire.control.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class LinkCostTest {
    @Test
    void aFreshMeasurementCostsItsRoundTripAndOneHop() {
        assertThat(LinkCost.price(40_000, 0, 0, 0)).isEqualTo(41_000);
        assertThat(LinkCost.price(0, 0, 0, -5)).isEqualTo(LinkCost.HOP);
    }

    @Test
    void lossAndLoadMakeItDearer() {
        assertThat(LinkCost.price(40_000, 0.5, 0, 0)).isEqualTo(81_000);
        assertThat(LinkCost.price(40_000, 0, 0.75, 0)).isEqualTo(161_000);
        assertThat(LinkCost.price(1_000_000, 1, 1, 0)).isEqualTo(LinkCost.MAX);
        assertThat(LinkCost.price(Long.MAX_VALUE, 1, 1, 0)).isEqualTo(LinkCost.MAX);
    }

    @Test
    void whatNobodyHasMeasuredHasAPriceOfItsOwn() {
        assertThat(LinkCost.price(-1, 0, 0, 0)).isEqualTo(LinkCost.UNMEASURED);
    }

    @Test
    void aMeasurementCountsInFullUntilTheNextIsOverdue() {
        assertThat(LinkCost.price(10_000, 0, 0, LinkCost.TRUSTED_SECONDS)).isEqualTo(11_000);
        assertThat(LinkCost.price(10_000, 0, 0, LinkCost.TRUSTED_SECONDS + 60)).isGreaterThan(11_000);
    }

    @Test
    void confidenceHalvesInAHalfLife() {
        int halfWay = (11_000 + LinkCost.UNMEASURED) / 2;
        int trusted = LinkCost.TRUSTED_SECONDS;
        assertThat(LinkCost.price(10_000, 0, 0, trusted + LinkCost.HALF_LIFE_SECONDS))
                .isEqualTo(halfWay);
        assertThat(LinkCost.price(10_000, 0, 0, 100L * LinkCost.HALF_LIFE_SECONDS))
                .isEqualTo(LinkCost.UNMEASURED);
        assertThat(LinkCost.price(500_000, 0, 0, 100L * LinkCost.HALF_LIFE_SECONDS))
                .as("what was bad does not get better by growing old")
                .isEqualTo(501_000);
    }

    @Test
    void aPriceStaysUntilTheFreshOneLeavesItsDeadBand() {
        assertThat(LinkCost.settled(80_000, 90_000)).isEqualTo(80_000);
        assertThat(LinkCost.settled(80_000, 90_001)).isEqualTo(90_001);
        assertThat(LinkCost.settled(80_000, 70_000)).isEqualTo(80_000);
        assertThat(LinkCost.settled(80_000, 69_999)).isEqualTo(69_999);
    }

    @Test
    void thePartsOfAPriceAddUpToIt() {
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < 20_000; i++) {
            long roundTrip = random.nextInt(10) == 0 ? -1 : random.nextLong(1L << random.nextInt(1, 36));
            double loss = random.nextInt(3) == 0 ? 0 : random.nextDouble();
            double load = random.nextInt(3) == 0 ? 1 : random.nextDouble();
            long age = random.nextLong(-10, 20_000);
            LinkCost.Parts parts = LinkCost.parts(roundTrip, loss, load, age);

            assertThat(parts.sum())
                    .as("%s µs, loss %s, load %s, %s s: %s", roundTrip, loss, load, age, parts)
                    .isEqualTo(LinkCost.price(roundTrip, loss, load, age));
            assertThat(List.of(parts.roundTrip(), parts.loss(), parts.load(), parts.hop(), parts.doubt()))
                    .as("%s", parts)
                    .allMatch(part -> part >= 0);
        }
    }

    @Test
    void eachPartHasItsCause() {
        assertThat(LinkCost.parts(40_000, 0, 0, 0)).isEqualTo(new LinkCost.Parts(40_000, 0, 0, LinkCost.HOP, 0));
        assertThat(LinkCost.parts(40_000, 0.5, 0, 0)).isEqualTo(new LinkCost.Parts(40_000, 40_000, 0, LinkCost.HOP, 0));
        assertThat(LinkCost.parts(40_000, 0, 0.75, 0))
                .isEqualTo(new LinkCost.Parts(40_000, 0, 120_000, LinkCost.HOP, 0));
        assertThat(LinkCost.parts(-1, 0, 0, 0))
                .isEqualTo(new LinkCost.Parts(0, 0, 0, LinkCost.HOP, LinkCost.UNMEASURED - LinkCost.HOP));
        assertThat(LinkCost.parts(10_000, 0, 0, LinkCost.TRUSTED_SECONDS + LinkCost.HALF_LIFE_SECONDS))
                .isEqualTo(new LinkCost.Parts(10_000, 0, 0, LinkCost.HOP, (LinkCost.UNMEASURED - 11_000) / 2));
    }
}
