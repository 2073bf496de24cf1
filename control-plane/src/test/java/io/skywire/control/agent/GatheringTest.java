package io.skywire.control.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;

final class GatheringTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final List<List<Integer>> calls = new CopyOnWriteArrayList<>();
    private final CountDownLatch firstRuns = new CountDownLatch(1);
    private final CountDownLatch firstMayEnd = new CountDownLatch(1);

    private List<Integer> doubled(List<Integer> questions) {
        calls.add(List.copyOf(questions));
        if (calls.size() == 1) {
            firstRuns.countDown();
            try {
                assertThat(firstMayEnd.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        return questions.stream().map(question -> 2 * question).toList();
    }

    private static int join(CompletableFuture<Integer> answer) {
        return answer.orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Test
    void whatComesWhileOneCallRunsSharesTheNextInOrder() throws Exception {
        Gathering<Integer, Integer> gathering = new Gathering<>("test", 100, 4, LONG, this::doubled);
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        answers.add(gathering.begin(0).orElseThrow());
        assertThat(firstRuns.await(30, TimeUnit.SECONDS)).isTrue();
        for (int i = 1; i < 8; i++) {
            answers.add(gathering.begin(i).orElseThrow());
        }
        firstMayEnd.countDown();

        for (int i = 0; i < 8; i++) {
            assertThat(join(answers.get(i))).isEqualTo(2 * i);
        }
        assertThat(calls).containsExactly(List.of(0), List.of(1, 2, 3, 4), List.of(5, 6, 7));
    }

    @Test
    void refusesMoreThanItsBound() throws Exception {
        Gathering<Integer, Integer> gathering = new Gathering<>("test", 2, 1, LONG, this::doubled);
        var unused = gathering.begin(0);
        assertThat(firstRuns.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(gathering.begin(1)).isPresent();
        assertThat(gathering.begin(2)).isPresent();

        assertThat(gathering.begin(3)).isEmpty();
        assertThatThrownBy(() -> gathering.ask(3)).isInstanceOf(QueryTimeoutException.class);
        firstMayEnd.countDown();
    }

    @Test
    void givesUpOnAnAnswerThatDoesNotCome() {
        Gathering<Integer, Integer> gathering = new Gathering<>("test", 2, 1, Duration.ofMillis(20), this::doubled);

        assertThatThrownBy(() -> gathering.ask(0)).isInstanceOf(QueryTimeoutException.class);
        firstMayEnd.countDown();
    }

    @Test
    void insistsOnAConnectionALittle() {
        AtomicInteger tries = new AtomicInteger();
        Gathering<Integer, Integer> gathering = new Gathering<>("test", 10, 1, LONG, questions -> {
            if (tries.incrementAndGet() < 3 || questions.contains(13)) {
                throw new CannotGetJdbcConnectionException("none free");
            }
            return questions;
        });

        assertThat(gathering.ask(1)).isEqualTo(1);
        assertThat(tries).hasValue(3);
        assertThatThrownBy(() -> gathering.ask(13)).isInstanceOf(CannotGetJdbcConnectionException.class);
        assertThat(tries).hasValue(6);
    }

    @Test
    void tellsEverybodyWhatFailedAndGoesOn() {
        Gathering<Integer, Integer> gathering = new Gathering<>("test", 10, 1, LONG, questions -> {
            if (questions.contains(13)) {
                throw new DataAccessResourceFailureException("away");
            }
            return questions;
        });

        assertThatThrownBy(() -> gathering.ask(13)).isInstanceOf(DataAccessResourceFailureException.class);
        assertThat(gathering.ask(14)).isEqualTo(14);
    }
}
