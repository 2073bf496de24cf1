package io.skywire.control.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.TransientDataAccessResourceException;

final class GroupCommitTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final GroupCommit.Limits LIMITS = new GroupCommit.Limits(100, 10);

    private final List<List<String>> groups = new CopyOnWriteArrayList<>();
    private final CountDownLatch firstWrite = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    private final GroupCommit<String, String> commits =
            new GroupCommit<>("test-commits", LIMITS, new SimpleMeterRegistry(), this::write);

    /// The first group waits until the test lets it go on, as a slow commit does.
    private List<String> write(List<String> group) {
        groups.add(group);
        if (group.contains("first")) {
            firstWrite.countDown();
            await(goOn);
        }
        if (group.contains("away")) {
            throw new DataAccessResourceFailureException("the database is away");
        }
        if (group.contains("bad")) {
            throw new DataIntegrityViolationException("bad");
        }
        return group.stream().map(item -> "wrote " + item).toList();
    }

    @AfterEach
    void end() {
        goOn.countDown();
        commits.close();
        callers.close();
    }

    @Test
    void whatComesDuringACommitIsWrittenTogetherInTheOrderOfArrival() throws Exception {
        Future<String> first = callers.submit(() -> commits.submit("first"));
        await(firstWrite);
        List<Future<String>> later = submitInOrder("a", "b", "c");
        assertThat(first.isDone()).isFalse();
        goOn.countDown();

        assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo("wrote first");
        for (Future<String> one : later) {
            assertThat(one.get(30, TimeUnit.SECONDS)).startsWith("wrote ");
        }
        assertThat(groups).hasSize(2);
        assertThat(groups.getLast()).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void aGroupHoldsNoMoreThanItsLimit() throws Exception {
        Future<String> first = callers.submit(() -> commits.submit("first"));
        await(firstWrite);
        String[] items = new String[25];
        Arrays.setAll(items, i -> "item " + i);
        List<Future<String>> later = submitInOrder(items);
        goOn.countDown();

        first.get(30, TimeUnit.SECONDS);
        for (int i = 0; i < items.length; i++) {
            assertThat(later.get(i).get(30, TimeUnit.SECONDS)).isEqualTo("wrote " + items[i]);
        }
        assertThat(groups).allSatisfy(group -> assertThat(group).hasSizeLessThanOrEqualTo(10));
    }

    @Test
    void oneBadItemCostsNoGoodOne() throws Exception {
        callers.submit(() -> commits.submit("first"));
        await(firstWrite);
        List<Future<String>> later = submitInOrder("a", "bad", "c");
        goOn.countDown();

        assertThat(later.get(0).get(30, TimeUnit.SECONDS)).isEqualTo("wrote a");
        assertThatThrownBy(() -> later.get(1).get(30, TimeUnit.SECONDS))
                .hasRootCauseInstanceOf(DataIntegrityViolationException.class);
        assertThat(later.get(2).get(30, TimeUnit.SECONDS)).isEqualTo("wrote c");
    }

    @Test
    void anOutageIsToldToAllAtOnceAndNobodyIsTriedAlone() throws Exception {
        callers.submit(() -> commits.submit("first"));
        await(firstWrite);
        List<Future<String>> later = submitInOrder("a", "away", "c");
        goOn.countDown();

        for (Future<String> one : later) {
            assertThatThrownBy(() -> one.get(30, TimeUnit.SECONDS))
                    .hasRootCauseInstanceOf(DataAccessResourceFailureException.class);
        }
        assertThat(groups).hasSize(2);
    }

    @Test
    void takesNothingAfterItsEnd() {
        commits.close();

        assertThatThrownBy(() -> commits.submit("late")).isInstanceOf(TransientDataAccessResourceException.class);
        assertThat(groups).isEmpty();
    }

    /// Each waits in the queue before the next is submitted.
    private List<Future<String>> submitInOrder(String... items) {
        List<Future<String>> answers = new ArrayList<>();
        for (String item : items) {
            int before = commits.waiting();
            answers.add(callers.submit(() -> commits.submit(item)));
            Awaitility.await().atMost(SOON).until(() -> commits.waiting() > before);
        }
        return answers;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
