package io.skywire.node.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.embedded.EmbeddedChannel;
import io.skywire.node.router.QuietEnds;
import io.skywire.node.router.Router;
import io.skywire.node.router.RoutingTable;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.SessionUid;
import io.skywire.shared.rule.SignedRuleDelta;
import io.skywire.shared.transport.TransportId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node that restarts while no control plane is there: what it finds on its disk, and what it makes of it.
class RuleLogTest {
    private static final Instant SIGNED = Instant.parse("2026-01-01T00:00:00Z");

    private final Random random = new Random(17);
    private final KeyPair node = KeyPair.generate(random);
    private final KeyPair setup = KeyPair.generate(random);
    private final TransportId left = new TransportId(new UUID(1, 1));
    private final TransportId right = new TransportId(new UUID(2, 2));
    private final ScheduledThreadPoolExecutor disk = new ScheduledThreadPoolExecutor(1);

    @TempDir
    private Path state;

    @AfterEach
    void stop() {
        disk.shutdownNow();
    }

    /// One run of the node's process: its table, its keeper, its log.
    private final class Run {
        private final RoutingTable table = new Router(
                        new Router.Settings(10_000),
                        new QuietEnds(),
                        new QuietEnds(),
                        new EmbeddedChannel().eventLoop(),
                        System::nanoTime,
                        random)
                .table();
        private final RuleLog log = new RuleLog(state, disk);
        private final RuleKeeper keeper;

        Run(KeyPair who) {
            keeper = new RuleKeeper(
                    who.publicKey(),
                    Set.of(setup.publicKey()),
                    table,
                    InstantSource.fixed(SIGNED.plusSeconds(60)),
                    log);
        }

        List<Rule> rules() {
            return table.rows().stream().map(RoutingTable.RuleRow::rule).toList();
        }

        /// What the log on disk would hold of links that are up: the table of this test has none.
        void keep(RuleDelta delta) {
            log.add(new RuleMemory.Entry.Applied(SignedRuleDelta.sign(delta, setup), delta.kind()));
        }
    }

    private Run run() {
        return new Run(node);
    }

    private Rule relay(int id) {
        return new Rule.Relay(left, new RouteId(id), right, new RouteId(id), Duration.ofSeconds(60));
    }

    private RuleDelta snapshot(long revision, Rule... rules) {
        return new RuleDelta(node.publicKey(), RuleDelta.Kind.SNAPSHOT, 0, revision, List.of(), List.of(rules), SIGNED);
    }

    private RuleDelta increment(long base, List<RuleKey> removals, Rule... rules) {
        return new RuleDelta(
                node.publicKey(), RuleDelta.Kind.INCREMENT, base, base + 1, removals, List.of(rules), SIGNED);
    }

    private Path file() {
        return state.resolve("rules.log");
    }

    /// A log with a snapshot and two increments: rules 2 and 3 at revision 5.
    private void keepThreeDeltas() {
        Run before = run();
        before.keep(snapshot(3, relay(1)));
        before.keep(increment(3, List.of(), relay(2)));
        before.keep(increment(4, List.of(relay(1).key()), relay(3)));
        before.log.close();
    }

    @Test
    void rulesAreBackAfterARestartBeforeTheirLinksAre() {
        keepThreeDeltas();
        Run after = run();

        assertThat(after.keeper.restore()).isEqualTo(new RuleKeeper.Restored(2, 5));

        assertThat(after.rules()).containsExactlyInAnyOrder(relay(2), relay(3));
        assertThat(after.keeper.revision()).isEqualTo(5);
        assertThat(after.keeper.appliedAt()).contains(SIGNED);
    }

    @Test
    void bothRulesOfAnEndAreBack() {
        RouteUid route = RouteUid.random(random);
        KeyPair peer = KeyPair.generate(random);
        Rule consume = new Rule.Consume(route, peer.publicKey(), left, new RouteId(7), Duration.ofSeconds(60));
        Rule forward = new Rule.Forward(
                route,
                SessionUid.random(random),
                RouteEnd.RESPONDER,
                peer.publicKey(),
                left,
                new RouteId(8),
                1000,
                Duration.ofSeconds(60));
        Run before = run();
        before.keep(snapshot(1, consume, forward));
        before.log.close();
        Run after = run();
        after.keeper.restore();

        assertThat(after.rules()).containsExactlyInAnyOrder(forward, consume);
        assertThat(after.table.edges()).hasSize(1);
    }

    @Test
    void theNextIncrementFollowsOnWhatCameBack() {
        keepThreeDeltas();
        Run second = run();
        second.keeper.restore();
        assertThat(second.keeper.apply(SignedRuleDelta.sign(increment(5, List.of(relay(2).key())), setup)))
                .isEqualTo(new DeltaOutcome.Applied(6, List.of()));
        second.log.close();
        Run third = run();

        assertThat(third.keeper.restore()).isEqualTo(new RuleKeeper.Restored(1, 6));
        assertThat(third.rules()).containsExactly(relay(3));
    }

    @Test
    void whatIsWrittenIsThereWithoutAnOrderlyEnd() {
        Run before = run();
        before.keep(snapshot(3, relay(1)));

        await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(file()));

        assertThat(run().keeper.restore().revision()).isEqualTo(3);
    }

    @Test
    void nobodyElseMayReadIt() throws IOException {
        keepThreeDeltas();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        try (var files = Files.list(state)) {
            assertThat(files).containsExactly(file());
        }
    }

    @Test
    void aRuleThatWasForgedIntoTheFileIsRefused() {
        Run before = run();
        before.keep(snapshot(3, relay(1)));
        KeyPair stranger = KeyPair.generate(random);
        SignedRuleDelta forged = SignedRuleDelta.sign(increment(3, List.of(), relay(2)), stranger);
        before.log.add(new RuleMemory.Entry.Applied(
                SignedRuleDelta.of(forged.delta(), setup.publicKey().bytes(), forged.signature()),
                RuleDelta.Kind.INCREMENT));
        before.log.close();
        Run after = run();
        after.keeper.restore();

        assertThat(after.rules()).containsExactly(relay(1));
        assertThat(after.keeper.revision()).isEqualTo(3);
        assertThat(after.keeper.refusals()).containsEntry(DeltaOutcome.Reason.BAD_SIGNATURE, 1L);
    }

    @Test
    void aFileWithAnyByteChangedBringsNoRuleThatWasNotSigned() throws IOException {
        keepThreeDeltas();
        byte[] good = Files.readAllBytes(file());
        for (int at = 0; at < good.length; at += 7) {
            byte[] bad = good.clone();
            bad[at] ^= 0x40;
            Files.write(file(), bad);
            Run after = run();
            after.keeper.restore();

            assertThat(List.of(relay(1), relay(2), relay(3))).as("byte %s", at).containsAll(after.rules());
            assertThat(after.keeper.revision()).as("byte %s", at).isIn(0L, 3L, 4L, 5L);
        }
    }

    @Test
    void anotherNodesFileIsRefused() {
        keepThreeDeltas();
        Run other = new Run(KeyPair.generate(random));

        assertThat(other.keeper.restore()).isEqualTo(new RuleKeeper.Restored(0, 0));
        assertThat(other.rules()).isEmpty();
        assertThat(other.keeper.refusals()).containsEntry(DeltaOutcome.Reason.OTHER_NODE, 1L);
    }

    @Test
    void aDeltaOfBeforeIsRefusedOnDiskToo() {
        Run before = run();
        before.keep(snapshot(3, relay(1)));
        before.keep(increment(2, List.of(), relay(2)));
        before.log.close();
        Run after = run();
        after.keeper.restore();

        assertThat(after.rules()).containsExactly(relay(1));
        assertThat(after.keeper.refusals()).containsEntry(DeltaOutcome.Reason.OLD_REVISION, 1L);
    }

    @Test
    void aWriteThatWasCutOffCostsOnlyItself() throws IOException {
        keepThreeDeltas();
        byte[] good = Files.readAllBytes(file());
        Files.write(file(), java.util.Arrays.copyOf(good, good.length - 5));
        Run after = run();
        assertThat(after.keeper.restore().revision()).isEqualTo(4);

        after.keep(increment(4, List.of(), relay(9)));
        after.log.close();
        Run third = run();
        third.keeper.restore();

        assertThat(third.rules()).containsExactlyInAnyOrder(relay(1), relay(2), relay(9));
    }

    @Test
    void whatTheTableRefusedOrLostDoesNotComeBack() {
        Run before = run();
        // No link is up here: the table refuses the rule, the delta is applied all the same.
        before.keeper.apply(SignedRuleDelta.sign(snapshot(1, relay(1)), setup));
        before.keep(increment(1, List.of(), relay(2), relay(3)));
        before.keeper.expired(List.of(relay(2).key()));
        before.log.close();
        Run after = run();
        after.keeper.restore();

        assertThat(after.rules()).containsExactly(relay(3));
        assertThat(after.keeper.revision()).isEqualTo(2);
    }

    @Test
    void aDiskThatRefusesIsToldAndTheNodeGoesOn() throws IOException {
        Run run = new Run(node);
        Files.createDirectory(file()); // a rename over a directory that is not empty is refused
        Files.writeString(file().resolve("something"), "");
        run.keep(snapshot(3, relay(1)));
        await().atMost(Duration.ofSeconds(60)).until(() -> run.log.failures() > 0);

        assertThat(run.log.unsaved()).isPresent();
        assertThat(run.keeper.apply(SignedRuleDelta.sign(snapshot(4), setup)))
                .isEqualTo(new DeltaOutcome.Applied(4, List.of()));

        Files.delete(file().resolve("something"));
        Files.delete(file());
        run.log.close();
        assertThat(run.log.unsaved()).isEmpty();
        assertThat(run().keeper.restore().revision()).isEqualTo(4);
    }

    @Test
    void aLongLogWantsASnapshotAndBeginsAnewWithIt() throws IOException {
        Run run = run();
        run.keep(snapshot(1));
        long revision = 1;
        while (!run.log.wantsSnapshot()) {
            assertThat(revision).isLessThan(100);
            List<Rule> rules = new ArrayList<>();
            for (int id = 1; id <= 200; id++) {
                rules.add(relay(id));
            }
            run.keep(increment(revision++, List.of(), rules.toArray(Rule[]::new)));
        }
        run.keep(snapshot(revision + 1, relay(1)));

        assertThat(run.log.wantsSnapshot()).isFalse();
        run.log.close();
        assertThat(Files.size(file())).isLessThan(1000);
        assertThat(run().keeper.restore()).isEqualTo(new RuleKeeper.Restored(1, revision + 1));
    }

    @Test
    void aSnapshotSupersedesWhatWaitsForTheDisk() {
        Run before = run();
        before.keep(snapshot(1, relay(1)));
        before.keep(increment(1, List.of(), relay(2)));
        before.keep(snapshot(7, relay(3)));
        before.log.close();
        Run after = run();
        after.keeper.restore();

        assertThat(after.rules()).containsExactly(relay(3));
        assertThat(after.keeper.revision()).isEqualTo(7);
    }

    @Test
    void aNewNodeFindsNothing() {
        assertThat(run().keeper.restore()).isEqualTo(new RuleKeeper.Restored(0, 0));
    }
}
