package io.skywire.control.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestDatabase;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;

/// What setups write at the same moment, on a real control plane and its PostgreSQL.
final class SetupWritesIT {
    private static final SplittableRandom RANDOM = new SplittableRandom(4801);
    private static final SetupTimes TIMES = SetupTimes.NONE;

    @TempDir
    static Path keyFiles;

    private static TestDatabase database;
    private static TestControlPlane control;
    private static SetupWrites writes;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        control = TestControlPlane.start(database.url(), keyFiles, Map.of());
        writes = control.room(SetupWrites.class);
    }

    @AfterAll
    static void stop() {
        control.close();
        database.close();
    }

    @Test
    void plansThatAreEnteredTogetherRaiseEachNodeOnce() {
        RoutePlan one = Ways.plan(RANDOM, 0, 1, 2);
        RoutePlan other = Ways.plan(RANDOM, 2, 1, 3);

        List<SetupWrites.Entry> entries = writes.enterAll(List.of(fresh(one), fresh(other)));

        Map<PublicKey, Long> ofOne = revisions(entries.get(0));
        Map<PublicKey, Long> ofOther = revisions(entries.get(1));
        assertThat(ofOne).containsOnlyKeys(one.placement().nodes());
        assertThat(ofOther).containsOnlyKeys(other.placement().nodes());
        assertThat(ofOne.get(Ways.node(1))).isEqualTo(ofOther.get(Ways.node(1)));
        assertThat(rulesOf(one)).isEqualTo(6);
        assertThat(rulesOf(other)).isEqualTo(6);
    }

    @Test
    void aNumberThatIsTakenFailsOnlyItsOwnSetup() throws Exception {
        RoutePlan there = Ways.plan(RANDOM, 4, 5, 6);
        assertThat(writes.enter(fresh(there))).isInstanceOf(SetupWrites.Entered.class);
        RoutePlan clash = sameNumbers(there);
        List<RoutePlan> good = new ArrayList<>();
        List<Future<SetupWrites.Entry>> entries = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                RoutePlan plan = Ways.plan(RANDOM, 4, 5, 6);
                good.add(plan);
                entries.add(threads.submit(() -> writes.enter(fresh(plan))));
            }
            Future<SetupWrites.Entry> refused = threads.submit(() -> writes.enter(fresh(clash)));

            assertThat(refused.get(60, TimeUnit.SECONDS)).isInstanceOf(SetupWrites.NumberTaken.class);
            for (Future<SetupWrites.Entry> entry : entries) {
                assertThat(entry.get(60, TimeUnit.SECONDS)).isInstanceOf(SetupWrites.Entered.class);
            }
        }
        assertThat(good).allSatisfy(plan -> assertThat(rulesOf(plan)).isEqualTo(6));
        assertThat(rulesOf(clash)).isZero();
        assertThatThrownBy(() -> writes.enterAll(List.of(fresh(Ways.plan(RANDOM, 4, 5)), fresh(sameNumbers(there)))))
                .isInstanceOf(DuplicateKeyException.class);
    }

    @Test
    void aRequestThatIsKnownLeavesNoRules() {
        SetupLedger.NewPlan first = fresh(Ways.plan(RANDOM, 0, 1, 2));
        RoutePlan again = Ways.plan(RANDOM, 0, 1, 2);
        RoutePlan another = Ways.plan(RANDOM, 0, 1, 2);
        assertThat(writes.enter(first)).isInstanceOf(SetupWrites.Entered.class);

        List<SetupWrites.Entry> entries = writes.enterAll(List.of(
                new SetupLedger.NewPlan(first.request(), again, 1, Instant.now().plusSeconds(10)), fresh(another)));

        assertThat(entries.get(0)).isInstanceOf(SetupWrites.NotOurs.class);
        assertThat(entries.get(1)).isInstanceOf(SetupWrites.Entered.class);
        assertThat(rulesOf(again)).isZero();
        assertThat(rulesOf(another)).isEqualTo(6);
    }

    @Test
    void onlyWhatIsStillInstallingBecomesActiveAndClosesOnce() {
        RoutePlan one = Ways.plan(RANDOM, 0, 1, 2);
        RoutePlan other = Ways.plan(RANDOM, 2, 1, 0);
        writes.enterAll(List.of(fresh(one), fresh(other)));

        assertThat(writes.activateAll(List.of(proven(one.uid()), proven(RouteUid.random(RANDOM)), proven(other.uid()))))
                .containsExactly(true, false, true);
        assertThat(writes.activate(proven(one.uid()))).isFalse();

        RouteClosings closings = control.room(RouteClosings.class);
        SetupEvent byAnEnd = new SetupEvent.CloseAsked(Ways.node(0), one.uid(), "done");
        SetupEvent byAStranger = new SetupEvent.CloseAsked(Ways.node(7), other.uid(), "done");
        closings.close(one.uid(), byAnEnd);
        closings.close(one.uid(), byAnEnd);
        closings.close(other.uid(), byAStranger);
        assertThat(rulesOf(one)).isZero();
        assertThat(rulesOf(other)).isEqualTo(6);
        assertThat(state(one)).isEqualTo("CLOSED");
        assertThat(state(other)).isEqualTo("ACTIVE");
    }

    private static SetupLedger.NewPlan fresh(RoutePlan plan) {
        List<PublicKey> nodes = plan.placement().nodes();
        RouteRequest request = new RouteRequest(
                new RequestId(UUID.randomUUID()),
                SessionUid.random(RANDOM),
                nodes.getFirst(),
                nodes.getLast(),
                Duration.ofSeconds(10),
                RouteRequest.Constraints.NONE);
        return new SetupLedger.NewPlan(request, plan, 1, Instant.now().plusSeconds(60));
    }

    /// Another route by its name, over rules that are there already.
    private static RoutePlan sameNumbers(RoutePlan plan) {
        Placement at = plan.placement();
        return new RoutePlan(
                plan.way(), new Placement(RouteUid.random(RANDOM), at.nodes(), at.transports()), plan.rules());
    }

    private static SetupLedger.Proven proven(RouteUid route) {
        return new SetupLedger.Proven(route, TIMES);
    }

    private static Map<PublicKey, Long> revisions(SetupWrites.Entry entry) {
        assertThat(entry).isInstanceOf(SetupWrites.Entered.class);
        return ((SetupWrites.Entered) entry).revisions();
    }

    private static int rulesOf(RoutePlan plan) {
        Integer count = control.room(JdbcTemplate.class)
                .queryForObject(
                        "SELECT count(*) FROM node_rules WHERE route = ? AND revision_removed IS NULL",
                        Integer.class,
                        plan.uid().uuid());
        return count == null ? -1 : count;
    }

    private static String state(RoutePlan plan) {
        return String.valueOf(control.room(JdbcTemplate.class)
                .queryForObject(
                        "SELECT state FROM routes WHERE uid = ?",
                        String.class,
                        plan.uid().uuid()));
    }
}
