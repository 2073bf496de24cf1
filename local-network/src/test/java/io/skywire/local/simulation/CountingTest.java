package io.skywire.local.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class CountingTest {
    private final Counting counting = new Counting();

    @Test
    void aRefusedConnectionIsNoFaultOfAControlPlane() {
        counting.ended(Status.UNAVAILABLE.withDescription("io exception").withCause(new IOException("refused")), false);

        assertThat(counting.counts().refusedConnects()).isEqualTo(1);
        assertThat(counting.counts().opens()).isZero();
        assertThat(counting.counts().serverErrors()).isZero();
    }

    @Test
    void aConnectionThatEndsBeforeItIsUsedIsARefusedOne() {
        counting.ended(
                Status.UNAVAILABLE.withDescription("Connection closing while performing protocol negotiation"), false);

        assertThat(counting.counts().refusedConnects()).isEqualTo(1);
    }

    @Test
    void aConnectionThatBreaksUnderASessionIsACut() {
        counting.ended(Status.UNAVAILABLE.withDescription("Network closed for unknown reason"), true);

        assertThat(counting.counts().cuts()).isEqualTo(1);
        assertThat(counting.counts().serverErrors()).isZero();
    }

    @Test
    void whatAControlPlaneThatIsUpSaysOfItselfCounts() {
        counting.ended(Status.UNAVAILABLE.withDescription("the control plane cannot work now"), true);
        counting.ended(Status.UNAVAILABLE.withDescription("this control plane is about to end"), false);
        counting.ended(Status.INTERNAL.withDescription("an error of the control plane"), true);
        counting.ended(Status.UNKNOWN, false);
        counting.ended(Status.DEADLINE_EXCEEDED.withDescription("no welcome in PT30S"), true);

        assertThat(counting.counts().serverErrors()).isEqualTo(5);
        assertThat(counting.counts().opens()).isEqualTo(2);
    }

    @Test
    void refusalsAndWaitsAreKeptApart() {
        counting.ended(Status.RESOURCE_EXHAUSTED, false);
        counting.ended(Status.UNAUTHENTICATED, true);
        counting.ended(Status.OK, true);

        assertThat(counting.counts().toldToWait()).isEqualTo(1);
        assertThat(counting.counts().refusals()).isEqualTo(1);
        assertThat(counting.counts().serverErrors()).isZero();
    }

    @Test
    void subtractsWhatWasBefore() {
        counting.ended(Status.UNKNOWN, true);
        SwarmCounts before = counting.counts();
        counting.ended(Status.UNAUTHENTICATED, true);

        SwarmCounts since = counting.counts().since(before);

        assertThat(since.serverErrors()).isZero();
        assertThat(since.refusals()).isEqualTo(1);
        assertThat(since.endings()).containsOnlyKeys("REFUSED UNAUTHENTICATED: null");
    }
}
