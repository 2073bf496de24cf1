package io.skywire.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.node.api.StatusView;
import io.skywire.node.api.StatusView.Reachable;
import io.skywire.node.control.ControlStatus;
import io.skywire.node.control.DialBack;
import io.skywire.node.control.KnownReach;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/// When a node asks whether it can be dialled, and what it makes of the answer. Time is the test's.
class ReachabilityWatchTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final DialBack REACHED = told(DialBack.Outcome.REACHABLE);
    private static final DialBack REFUSED = told(DialBack.Outcome.REFUSED);

    private final Random random = new Random(11);
    private final PublicKey neighbour = KeyPair.generate(random).publicKey();
    private final ScriptedControl control = new ScriptedControl();
    private final List<PublicKey> doubted = new ArrayList<>();
    private long nanos;
    private final ReachabilityWatch watch = watch(List.of("192.0.2.7:7777"));

    private ReachabilityWatch watch(List<String> addresses) {
        return new ReachabilityWatch(control, addresses, () -> doubted, InstantSource.fixed(NOW), () -> nanos, random);
    }

    private static DialBack told(DialBack.Outcome outcome) {
        return new DialBack.Told(
                "198.51.100.9",
                List.of(new DialBack.Dialled("192.0.2.7:7777", "198.51.100.9:7777", outcome, "because")));
    }

    private static final class ScriptedControl implements ReachabilityWatch.Asks {
        private ControlStatus status = new ControlStatus.Connected("there", Optional.empty(), NOW);
        private final Deque<DialBack> answers = new ArrayDeque<>();
        private KnownReach known = KnownReach.NOTHING;
        private int asked;
        private int askedOfNeighbours;

        @Override
        public ControlStatus status() {
            return status;
        }

        @Override
        public CompletionStage<DialBack> dialBack(List<String> addresses) {
            asked++;
            return answers.isEmpty() ? new CompletableFuture<>() : CompletableFuture.completedFuture(answers.remove());
        }

        @Override
        public CompletionStage<KnownReach> reachOf(Collection<PublicKey> nodes) {
            askedOfNeighbours++;
            return CompletableFuture.completedFuture(known);
        }
    }

    private void pass(Duration time) {
        long end = nanos + time.toNanos();
        while (nanos < end) {
            nanos += Duration.ofSeconds(1).toNanos();
            watch.look();
        }
    }

    @Test
    void asksAgainSoonWhenThisMachineHasAnotherAddress() {
        control.answers.add(REFUSED);
        control.answers.add(REACHED);
        pass(Duration.ofSeconds(5));
        assertThat(watch.view().state()).isEqualTo(Reachable.NO);

        watch.askAnew();
        pass(Duration.ofSeconds(35));

        assertThat(control.asked).isEqualTo(2);
        assertThat(watch.view().state()).isEqualTo(Reachable.YES);
        pass(Duration.ofMinutes(10));
        assertThat(control.asked).isEqualTo(2);
    }

    @Test
    void asksSoonAfterTheSessionBeganAndThenEveryQuarterOfAnHour() {
        control.answers.add(REACHED);
        assertThat(watch.view().state()).isEqualTo(Reachable.UNKNOWN);

        pass(Duration.ofSeconds(5));
        assertThat(control.asked).isEqualTo(1);
        assertThat(watch.view())
                .isEqualTo(new StatusView.Reachability(
                        Reachable.YES,
                        Optional.of("198.51.100.9:7777"),
                        Optional.empty(),
                        Optional.of("198.51.100.9"),
                        Optional.of(NOW),
                        List.of(new StatusView.DialledBack(
                                "192.0.2.7:7777",
                                Optional.of("198.51.100.9:7777"),
                                StatusView.DialOutcome.REACHABLE,
                                "because"))));

        control.answers.add(REACHED);
        pass(Duration.ofMinutes(13));
        assertThat(control.asked).isEqualTo(1);
        pass(Duration.ofMinutes(4));
        assertThat(control.asked).isEqualTo(2);
    }

    @Test
    void asksAgainSoonWhenItCannotBeDialledAndSlowerWhenThatLasts() {
        for (int i = 0; i < 40; i++) {
            control.answers.add(REFUSED);
        }
        pass(Duration.ofMinutes(2));
        assertThat(control.asked).isEqualTo(2);
        assertThat(watch.view().state()).isEqualTo(Reachable.NO);
        assertThat(watch.view().why()).hasValue("198.51.100.9:7777: because");

        pass(Duration.ofHours(4));
        assertThat(control.asked).as("about four an hour").isBetween(14, 22);
    }

    @Test
    void asksOncePerQuestionAndAgainInANewSession() {
        pass(Duration.ofMinutes(40));
        assertThat(control.asked).as("the first is not answered yet").isEqualTo(1);

        control.status = new ControlStatus.Away(Optional.empty(), NOW);
        pass(Duration.ofMinutes(1));
        assertThat(control.asked).isEqualTo(1);
    }

    @Test
    void aNewSessionAsksAnewWithinHalfAMinute() {
        control.answers.add(REACHED);
        pass(Duration.ofSeconds(5));
        control.status = new ControlStatus.Connected("elsewhere", Optional.empty(), NOW.plusSeconds(7));
        control.answers.add(REFUSED);

        pass(Duration.ofSeconds(31));

        assertThat(control.asked).isEqualTo(2);
        assertThat(watch.view().state()).isEqualTo(Reachable.NO);
    }

    @Test
    void waitsAsLongAsItIsToldTo() {
        control.answers.add(new DialBack.TooSoon(Duration.ofMinutes(5)));
        control.answers.add(REACHED);

        pass(Duration.ofMinutes(5));
        assertThat(control.asked).isEqualTo(1);
        assertThat(watch.view().state()).isEqualTo(Reachable.UNKNOWN);
        pass(Duration.ofMinutes(2));
        assertThat(watch.view().state()).isEqualTo(Reachable.YES);
    }

    @Test
    void aBusyControlPlaneChangesNothingAndIsAskedAgainSoon() {
        control.answers.add(REACHED);
        pass(Duration.ofSeconds(5));
        control.answers.add(told(DialBack.Outcome.BUSY));
        control.answers.add(REFUSED);

        for (int second = 0; second < 17 * 60 && control.asked < 2; second++) {
            pass(Duration.ofSeconds(1));
        }
        assertThat(control.asked).isEqualTo(2);
        assertThat(watch.view().state()).isEqualTo(Reachable.YES);
        pass(Duration.ofMinutes(3));
        assertThat(watch.view().state()).isEqualTo(Reachable.NO);
    }

    @Test
    void whatWasForbiddenOrUnansweredIsUnknown() {
        control.answers.add(told(DialBack.Outcome.FORBIDDEN));
        pass(Duration.ofSeconds(5));
        assertThat(watch.view().state()).isEqualTo(Reachable.UNKNOWN);
        assertThat(watch.view().why()).hasValueSatisfying(why -> assertThat(why).contains("because"));

        control.answers.add(new DialBack.Unanswered("this control plane dials nobody back"));
        pass(Duration.ofMinutes(17));
        assertThat(watch.view().why()).hasValue("this control plane dials nobody back");
    }

    @Test
    void aNodeThatListensNowhereAsksNobody() {
        ReachabilityWatch silent = watch(List.of());
        silent.look();
        nanos += Duration.ofMinutes(1).toNanos();
        silent.look();

        assertThat(control.asked).isZero();
        assertThat(silent.view().state()).isEqualTo(Reachable.NO);
        assertThat(silent.view().why()).hasValue("this node listens nowhere");
    }

    @Test
    void theDirectorysWordOnNeighboursEndsWithTheSession() {
        control.known = new KnownReach(Set.of(), Set.of(neighbour));
        pass(Duration.ofMinutes(2));
        assertThat(control.askedOfNeighbours).as("nobody is in doubt").isZero();

        doubted.add(neighbour);
        pass(Duration.ofMinutes(2));
        assertThat(control.askedOfNeighbours).isBetween(2, 8);
        assertThat(watch.isUnreachable(neighbour)).isTrue();

        control.status = new ControlStatus.Away(Optional.empty(), NOW);
        pass(Duration.ofSeconds(1));
        assertThat(watch.isUnreachable(neighbour)).isFalse();
    }
}
