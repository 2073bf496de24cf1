package io.skywire.local.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// When a session that switches counts as flapping.
class RouteWatchTest {
    private final RouteCount count = new RouteCount();

    @Test
    void aSwitchAwayFromALinkThatGoesDownIsAllowed() {
        count.seen("session", "over n2");
        count.goesDown("over n2");
        count.seen("session", "over n3");

        assertThat(count.switches()).isEqualTo(1);
        assertThat(count.allowed()).isEqualTo(1);
    }

    @Test
    void goingBackToTheLinkThatFlapsIsNot() {
        count.seen("session", "over n2");
        for (int flap = 0; flap < 3; flap++) {
            count.goesDown("over n2");
            count.seen("session", "over n3");
            count.seen("session", "over n2");
        }

        assertThat(count.switches()).isEqualTo(6);
        assertThat(count.allowed()).isEqualTo(3);
    }

    @Test
    void aRouteThatNobodyUsesAllowsNothing() {
        count.seen("session", "over n3");
        count.goesDown("over n2");
        count.seen("session", "over n3");

        assertThat(count.switches()).isZero();
        assertThat(count.allowed()).isZero();
    }

    @Test
    void whatWasNotReconciledOrIsAnOrphanDoesNotHold() {
        io.skywire.local.Report late = new io.skywire.local.Report();
        new Reconciled(Duration.ofSeconds(11), List.of(), List.of()).tell(late);
        io.skywire.local.Report orphan = new io.skywire.local.Report();
        new Reconciled(Duration.ofSeconds(1), List.of(), List.of("n2 holds rule 7")).tell(orphan);
        io.skywire.local.Report well = new io.skywire.local.Report();
        new Reconciled(Duration.ofSeconds(1), List.of(), List.of()).tell(well);

        assertThat(Map.of("late", late.held(), "orphan", orphan.held(), "well", well.held()))
                .isEqualTo(Map.of("late", false, "orphan", false, "well", true));
    }
}
