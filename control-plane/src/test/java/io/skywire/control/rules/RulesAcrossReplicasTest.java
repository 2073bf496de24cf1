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
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Two replicas of the room over one real PostgreSQL: one writes, the node hangs on the other.
final class RulesAcrossReplicasTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private final SplittableRandom random = new SplittableRandom(48);
    private final PublicKey key = TestKeys.pairs(1, 950).getFirst().publicKey();
    private final RouteUid route = RouteUid.random(random);
    private final RouteUid another = RouteUid.random(random);
    private final Rule rule = RuleRoom.relay(random);
    private final Rule second = RuleRoom.relay(random);
    private RuleRoom writer;
    private RuleRoom holder;
    private RuleRoom.Node node;

    @BeforeEach
    void open() {
        writer = new RuleRoom(POSTGRES.database());
        holder = new RuleRoom(POSTGRES.database(), writer.feeds);
        node = new RuleRoom.Node(key);
    }

    @AfterEach
    void close() {
        holder.close();
        writer.close();
    }

    @Test
    void aChangeReachesANodeThatHangsOnAnotherReplica() {
        node.dial(holder);
        writer.install(key, rule, route);
        assertThat(node.applyNext().upserts()).containsExactly(rule);

        writer.install(key, second, another);
        RuleDelta added = node.applyNext();
        writer.remove(route, key);
        RuleDelta removed = node.applyNext();

        assertThat(added.kind()).isEqualTo(RuleDelta.Kind.INCREMENT);
        assertThat(added.upserts()).containsExactly(second);
        assertThat(removed.removals()).containsExactly(rule.key());
    }

    @Test
    void changesOfBothReplicasReachTheNodeInOrder() {
        node.dial(holder);
        Map<RouteUid, Rule> live = new HashMap<>();
        for (int i = 0; i < 40; i++) {
            RuleRoom one = random.nextBoolean() ? writer : holder;
            if (!live.isEmpty() && random.nextInt(3) == 0) {
                RouteUid gone = live.keySet().iterator().next();
                one.remove(gone, key);
                live.remove(gone);
            } else {
                RouteUid fresh = RouteUid.random(random);
                Rule its = RuleRoom.relay(random);
                one.install(key, its, fresh);
                live.put(fresh, its);
            }
            if (random.nextInt(4) == 0) {
                RuleDelta delta = node.inbox.poll();
                if (delta != null) {
                    node.inbox.add(delta);
                    node.applyNext();
                }
            }
        }
        while (node.revision < 40) {
            node.applyNext();
        }

        assertThat(node.table.values()).containsExactlyInAnyOrderElementsOf(live.values());
    }

    @Test
    void theAcknowledgementComesBackToTheWriter() {
        node.dial(holder);
        long revision = writer.install(key, rule, route).get(key);
        node.applyNext();

        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(writer.heard.events).containsExactly(new RulesAcknowledged(key, revision)));
    }

    @Test
    void aRefusalComesBackBeforeTheAcknowledgementThatItCameWith() {
        node.dial(holder);
        writer.install(route, Map.of(key, List.of(rule, second)));
        node.next();
        node.subscription.acknowledged(
                1, List.of(new RuleWatch.Refusal(rule.key(), RuleRefused.Reason.KEY_TAKEN, "another route's")));
        node.revision = 1;

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(writer.heard.events)
                        .containsExactly(
                                new RuleRefused(
                                        key, rule.key(), route, RuleRefused.Reason.KEY_TAKEN, "another route's"),
                                new RulesAcknowledged(key, 1)));
        writer.remove(route, key);
        assertThat(node.applyNext().removals()).containsExactly(second.key());
    }

    @Test
    void theRefusalOfAWholeDeltaComesBack() {
        node.dial(holder);
        writer.install(key, rule, route);
        node.next();

        node.subscription.refused(0, DeltaRefused.Reason.UNLISTED_SIGNER, "not in the whitelist");

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(writer.heard.events)
                        .containsExactly(
                                new DeltaRefused(key, 1, DeltaRefused.Reason.UNLISTED_SIGNER, "not in the whitelist")));
    }

    @Test
    void nobodyHearsOfAnswersThatNobodyWaitsFor() {
        node.dial(holder);
        holder.install(key, rule, route);
        node.applyNext();
        writer.remove(route, key);
        node.applyNext();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(holder.heard.events).hasSize(2));

        assertThat(writer.heard.events).isEmpty();
    }

    @Test
    void anAnswerThatIsLateIsLookedForAndItsReplicaToldAgain() {
        node.dial(holder);
        writer.feeds.lossy = true;
        writer.install(key, rule, route);
        assertThat(node.hearsNothing()).isTrue();

        writer.feeds.lossy = false;
        writer.clock.advance(Duration.ofSeconds(1));
        writer.push.repair();
        node.applyNext();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(writer.heard.events).containsExactly(new RulesAcknowledged(key, 1)));
    }

    @Test
    void aLostAcknowledgementIsFoundInTheLedger() {
        node.dial(holder);
        writer.install(key, rule, route);
        RuleDelta delta = node.next();
        writer.feeds.lossy = true;
        node.revision = delta.revision();
        node.subscription.acknowledged(1, List.of());

        await().atMost(PATIENCE).untilAsserted(() -> {
            writer.clock.advance(Duration.ofSeconds(1));
            writer.push.repair();
            assertThat(writer.heard.events).containsExactly(new RulesAcknowledged(key, 1));
        });
    }

    @Test
    void aComparisonFindsWhatNobodyToldOf() {
        node.dial(holder);
        writer.feeds.lossy = true;
        writer.install(key, rule, route);
        assertThat(node.hearsNothing()).isTrue();

        holder.push.compare();

        assertThat(node.applyNext().upserts()).containsExactly(rule);
    }

    @Test
    void afterAGapAllNodesAreComparedWithFewStatements() {
        List<RuleRoom.Node> nodes = TestKeys.pairs(40, 960).stream()
                .map(KeyPair::publicKey)
                .map(RuleRoom.Node::new)
                .toList();
        for (RuleRoom.Node one : nodes) {
            one.dial(holder);
            writer.install(one.key, RuleRoom.relay(random), RouteUid.random(random));
            one.applyNext();
        }
        await().atMost(PATIENCE)
                .until(() -> writer.jdbc.queryForObject("SELECT count(*) FROM node_applied", Integer.class) == 40);
        writer.feeds.lossy = true;
        nodes.stream()
                .limit(3)
                .forEach(one -> writer.install(one.key, RuleRoom.relay(random), RouteUid.random(random)));
        int before = holder.connections.get();

        writer.feeds.gap();
        holder.push.repair();

        nodes.stream().limit(3).forEach(RuleRoom.Node::next);
        // The comparison, the clearing of old refusals, and a look of each of three nodes at most.
        assertThat(holder.connections.get() - before).isLessThanOrEqualTo(2 + 2 * 3);
    }

    @Test
    void aNodeThatHasGoneToAnotherReplicaIsFoundThereWhenItsDeltaIsLate() {
        RuleRoom.Node stale = new RuleRoom.Node(key).dial(writer);
        node.dial(holder);
        writer.install(key, rule, route);
        stale.next();
        assertThat(node.hearsNothing()).isTrue();

        writer.clock.advance(Duration.ofSeconds(1));
        writer.push.repair();

        assertThat(node.applyNext().upserts()).containsExactly(rule);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(writer.heard.events).containsExactly(new RulesAcknowledged(key, 1)));
    }

    @Test
    void theAnswerOfANodeThatLeavesBeforeItHasAnsweredIsHeardFromItsNextReplica() {
        RuleRoom.Node before = new RuleRoom.Node(key).dial(writer);
        writer.install(key, rule, route);
        before.next();
        before.subscription.cancel();

        node.dial(holder);
        node.applyNext();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(writer.heard.events).containsExactly(new RulesAcknowledged(key, 1)));
    }

    @Test
    void anAnswerThatANodeHasGivenElsewhereBeforeItsSessionHereEndsIsHeard() {
        RuleRoom.Node before = new RuleRoom.Node(key).dial(writer);
        writer.install(key, rule, route);
        before.next();
        node.dial(holder);
        node.applyNext();
        await().atMost(PATIENCE)
                .until(() -> writer.jdbc.queryForObject("SELECT count(*) FROM node_applied", Integer.class) == 1);
        assertThat(writer.heard.events).isEmpty();

        before.subscription.cancel();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(writer.heard.events).containsExactly(new RulesAcknowledged(key, 1)));
    }

    @Test
    void aChangeMadeBetweenTheNextSessionAndTheEndOfTheLastOneReachesTheNode() {
        RuleRoom.Node before = new RuleRoom.Node(key).dial(writer);
        node.dial(holder);
        assertThat(node.hearsNothing()).isTrue();
        writer.install(key, rule, route);
        before.next();

        before.subscription.cancel();

        assertThat(node.applyNext().upserts()).containsExactly(rule);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(writer.heard.events).containsExactly(new RulesAcknowledged(key, 1)));
    }

    @Test
    void aNodeThatCannotBeToldHereYetIsToldByTheReplicaThatStillHoldsIt() {
        RuleRoom.Node before = new RuleRoom.Node(key).dial(holder);
        node.ready = false;
        node.dial(writer);

        writer.install(key, rule, route);

        assertThat(before.applyNext().upserts()).containsExactly(rule);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(writer.heard.events).containsExactly(new RulesAcknowledged(key, 1)));
    }

    @Test
    void aNodeThatHasJustComeIsComparedWithTheLedgerAlsoIfNobodyTellsOfAChange() {
        RuleRoom.Node before = new RuleRoom.Node(key).dial(writer);
        node.dial(holder);
        assertThat(node.hearsNothing()).isTrue();
        writer.feeds.lossy = true;
        writer.install(key, rule, route);
        before.next();

        holder.clock.advance(Duration.ofSeconds(2));
        holder.push.repair();

        assertThat(node.applyNext().upserts()).containsExactly(rule);
    }

    @Test
    void aNodeIsUnwatchedOnlyIfNoReplicaHoldsItsSession() {
        PublicKey absent = TestKeys.pairs(1, 970).getFirst().publicKey();
        node.dial(holder);

        assertThat(writer.watch.unwatched(Set.of(key, absent))).containsExactly(absent);
        assertThat(holder.watch.unwatched(Set.of(key))).isEmpty();
    }

    @Test
    void aReplicaAloneAsksNothingOfTheDatabaseForItsOwnChanges() {
        node.dial(holder);
        holder.install(key, rule, route);
        node.applyNext();
        await().atMost(PATIENCE)
                .until(() -> writer.jdbc.queryForObject("SELECT count(*) FROM node_applied", Integer.class) == 1);
        int before = holder.connections.get();

        holder.install(key, second, another);
        assertThat(node.applyNext().upserts()).containsExactly(second);

        // The install itself, and at most the acknowledgement that is written afterwards.
        assertThat(holder.connections.get() - before).isLessThanOrEqualTo(2);
    }
}
