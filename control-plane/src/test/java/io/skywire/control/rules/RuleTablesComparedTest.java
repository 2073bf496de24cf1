package io.skywire.control.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleTableDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A node that comes back names its revision and what its table comes to: the same gets what it lacks, another gets a
/// snapshot.
final class RuleTablesComparedTest {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private final SplittableRandom random = new SplittableRandom(32);
    private final PublicKey key = TestKeys.pairs(1, 920).getFirst().publicKey();
    private final RouteUid route = RouteUid.random(random);
    private final RouteUid another = RouteUid.random(random);
    private final Rule rule = RuleRoom.relay(random);
    private final Rule second = RuleRoom.relay(random);
    private RuleRoom room;
    private RuleRoom.Node node;

    @BeforeEach
    void open() {
        room = new RuleRoom(POSTGRES.database());
        node = new RuleRoom.Node(key);
        room.install(key, rule, route);
        node.dialWithDigest(room).applyNext();
        node.subscription.cancel();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> room.jdbc.queryForObject("SELECT count(*) FROM node_applied", Integer.class) == 1);
    }

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void sendsNothingToANodeWithTheSameTable() {
        node.dialWithDigest(room);

        assertThat(node.hearsNothing()).isTrue();
    }

    @Test
    void sendsOnlyWhatIsMissingToANodeWhoseTableWasTheLedgers() {
        room.install(key, second, another);
        room.remove(route, key);

        node.dialWithDigest(room);
        RuleDelta delta = node.applyNext();

        assertThat(delta.kind()).isEqualTo(RuleDelta.Kind.INCREMENT);
        assertThat(delta.baseRevision()).isEqualTo(1);
        assertThat(node.table.values()).containsExactly(second);
    }

    @Test
    void sendsASnapshotThatWillBeBelievedToANodeWithAnotherTableAtTheSameRevision() {
        node.table.clear();

        node.dialWithDigest(room);
        RuleDelta delta = node.applyNext();

        assertThat(delta.kind()).isEqualTo(RuleDelta.Kind.SNAPSHOT);
        assertThat(delta.revision()).isGreaterThan(1);
        assertThat(node.table.values()).containsExactly(rule);
        node.subscription.cancel();
        assertThat(node.dialWithDigest(room).hearsNothing()).isTrue();
    }

    @Test
    void sendsASnapshotToANodeWithAnotherTableAtAnEarlierRevision() {
        node.table.put(second.key(), second);
        Rule third = RuleRoom.relay(random);
        room.install(key, third, another);

        node.dialWithDigest(room);
        RuleDelta delta = node.applyNext();

        assertThat(delta.kind()).isEqualTo(RuleDelta.Kind.SNAPSHOT);
        assertThat(node.table.values()).containsExactlyInAnyOrder(rule, third);
    }

    @Test
    void bringsWhatWaitedForAStreamThatWasNotReady() {
        node.ready = false;
        node.dialWithDigest(room);
        room.install(key, second, another);
        assertThat(node.hearsNothing()).isTrue();

        node.ready = true;
        node.subscription.wake();

        assertThat(node.applyNext().upserts()).containsExactly(second);
    }

    @Test
    void looksUpManyNodesTogether() {
        List<KeyPair> keys = TestKeys.pairs(30, 930);
        List<RuleWatch.Opening> openings = new ArrayList<>();
        List<RuleRoom.Node> nodes = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            RuleRoom.Node one = new RuleRoom.Node(keys.get(i).publicKey());
            nodes.add(one);
            if (i % 3 > 0) {
                room.install(RouteUid.random(random), Map.of(one.key, List.of(RuleRoom.relay(random))));
            }
            RuleTableDigest digest = RuleTableDigest.of(i % 3 == 2 ? List.of(rule) : List.of());
            openings.add(new RuleWatch.Opening(one.key, new HeldRules(i % 3 == 2 ? 1 : 0, Optional.of(digest)), one));
        }

        List<RuleWatch.Subscription> subscriptions = room.watch.watch(openings);

        assertThat(subscriptions).hasSameSizeAs(openings);
        for (int i = 0; i < keys.size(); i++) {
            if (i % 3 > 0) {
                assertThat(nodes.get(i).next().kind()).as("node " + i).isEqualTo(RuleDelta.Kind.SNAPSHOT);
            }
        }
        assertThat(nodes.getFirst().hearsNothing()).isTrue();
    }

    @Test
    void asksTheLedgerOnceForManyNodesThatNeedNothing() {
        List<RuleWatch.Opening> openings = new ArrayList<>();
        List<RuleRoom.Node> nodes = new ArrayList<>();
        for (KeyPair pair : TestKeys.pairs(30, 940)) {
            RuleRoom.Node one = new RuleRoom.Node(pair.publicKey());
            nodes.add(one);
            openings.add(new RuleWatch.Opening(one.key, HeldRules.at(0), one));
        }
        int before = room.connections.get();

        List<RuleWatch.Subscription> subscriptions = room.watch.watch(openings);
        subscriptions.forEach(RuleWatch.Subscription::wake);

        assertThat(nodes.getLast().hearsNothing()).isTrue();
        assertThat(room.connections.get() - before).isEqualTo(1);
    }

    /// Whatever came, went, was told or was lost: after a reconnect both sides hold the same table.
    @Test
    void afterAnyHistoryBothSidesHoldTheSame() {
        List<RouteUid> routes = new ArrayList<>(List.of(route));
        List<Rule> live = new ArrayList<>(List.of(rule));
        for (int round = 0; round < 30; round++) {
            for (int change = random.nextInt(4); change > 0; change--) {
                if (!routes.isEmpty() && random.nextInt(3) == 0) {
                    int gone = random.nextInt(routes.size());
                    room.remove(routes.remove(gone), key);
                    live.remove(gone);
                } else {
                    routes.add(RouteUid.random(random));
                    live.add(RuleRoom.relay(random));
                    room.install(key, live.getLast(), routes.getLast());
                }
            }
            if (random.nextInt(3) == 0 && !node.table.isEmpty()) {
                node.table.remove(node.table.keySet().iterator().next());
            }
            node.inbox.clear();
            node.dialWithDigest(room);
            boolean differs = !List.copyOf(node.table.values()).containsAll(live) || node.table.size() != live.size();
            if (differs) {
                node.applyNext();
            }
            node.subscription.cancel();

            assertThat(node.table.values()).as("round " + round).containsExactlyInAnyOrderElementsOf(live);
        }
    }
}
