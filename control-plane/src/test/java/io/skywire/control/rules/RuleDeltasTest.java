package io.skywire.control.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleDelta;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class RuleDeltasTest {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private final SplittableRandom random = new SplittableRandom(31);
    private final PublicKey key = TestKeys.pairs(1, 910).getFirst().publicKey();
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
    }

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void givesASnapshotToANodeThatHoldsNothing() {
        room.install(key, rule, route);
        node.dial(room);

        RuleDelta delta = node.applyNext();

        assertThat(delta.kind()).isEqualTo(RuleDelta.Kind.SNAPSHOT);
        assertThat(delta.upserts()).containsExactly(rule);
        assertThat(node.revision).isEqualTo(1);
    }

    @Test
    void sendsNothingToANodeThatNeverHadARule() {
        node.dial(room);

        assertThat(node.hearsNothing()).isTrue();
    }

    @Test
    void givesIncrementsAfterThat() {
        room.install(key, rule, route);
        node.dial(room).applyNext();

        room.install(key, second, another);
        RuleDelta added = node.applyNext();
        room.remove(route, key);
        RuleDelta removed = node.applyNext();

        assertThat(added.kind()).isEqualTo(RuleDelta.Kind.INCREMENT);
        assertThat(added.upserts()).containsExactly(second);
        assertThat(removed.removals()).containsExactly(rule.key());
        assertThat(node.table.values()).containsExactly(second);
        assertThat(room.heard.events)
                .containsExactly(
                        new RulesAcknowledged(key, 1), new RulesAcknowledged(key, 2), new RulesAcknowledged(key, 3));
    }

    @Test
    void givesAReturningNodeWhatItLacks() {
        room.install(key, rule, route);
        node.dial(room).applyNext();
        node.subscription.cancel();
        room.remove(route, key);
        room.install(key, second, another);

        node.dial(room);
        RuleDelta delta = node.applyNext();

        assertThat(delta.kind()).isEqualTo(RuleDelta.Kind.INCREMENT);
        assertThat(delta.baseRevision()).isEqualTo(1);
        assertThat(delta.revision()).isEqualTo(3);
        assertThat(node.table.values()).containsExactly(second);
    }

    @Test
    void tellsASlowNodeTheNewestStateAndNoBacklog() {
        room.install(key, rule, route);
        node.dial(room);
        node.next();
        for (int i = 0; i < 20; i++) {
            RouteUid passing = RouteUid.random(random);
            room.install(key, RuleRoom.relay(random), passing);
            room.remove(passing, key);
        }
        room.install(key, second, another);
        assertThat(node.hearsNothing()).isTrue();

        node.revision = 1;
        node.table.put(rule.key(), rule);
        node.subscription.acknowledged(1, List.of());
        RuleDelta delta = node.applyNext();

        assertThat(delta.revision()).isEqualTo(42);
        assertThat(delta.removals()).isEmpty();
        assertThat(delta.upserts()).containsExactly(second);
        assertThat(node.hearsNothing()).isTrue();
    }

    @Test
    void waitsUntilTheNodeCanTakeADelta() {
        node.ready = false;
        node.dial(room);
        room.install(key, rule, route);
        room.install(key, second, another);
        assertThat(node.hearsNothing()).isTrue();

        node.ready = true;
        node.subscription.wake();

        assertThat(node.applyNext().revision()).isEqualTo(2);
    }

    @Test
    void answersARevisionGapWithASnapshot() {
        room.install(key, rule, route);
        node.dial(room).applyNext();
        room.install(key, second, another);
        node.next();

        node.subscription.refused(1, DeltaRefused.Reason.REVISION_GAP, "holds another one");

        RuleDelta delta = node.applyNext();
        assertThat(delta.kind()).isEqualTo(RuleDelta.Kind.SNAPSHOT);
        assertThat(delta.upserts()).containsExactlyInAnyOrder(rule, second);
        assertThat(room.heard.events).noneMatch(event -> event instanceof DeltaRefused);
    }

    @Test
    void neverSendsARefusedDeltaAgain() {
        room.install(key, rule, route);
        node.dial(room);
        node.next();

        node.subscription.refused(0, DeltaRefused.Reason.UNLISTED_SIGNER, "not in the whitelist");
        node.subscription.wake();

        assertThat(node.hearsNothing()).isTrue();
        assertThat(room.heard.events)
                .containsExactly(new DeltaRefused(key, 1, DeltaRefused.Reason.UNLISTED_SIGNER, "not in the whitelist"));
        room.install(key, second, another);
        RuleDelta newer = node.applyNext();
        assertThat(newer.kind()).isEqualTo(RuleDelta.Kind.SNAPSHOT);
        assertThat(newer.revision()).isEqualTo(2);
    }

    @Test
    void stopsAfterASnapshotDidNotHelpEither() {
        room.install(key, rule, route);
        node.dial(room);
        node.next();
        node.subscription.refused(0, DeltaRefused.Reason.REVISION_GAP, "no");
        node.next();

        node.subscription.refused(Long.MAX_VALUE / 4, DeltaRefused.Reason.OLD_REVISION, "no");

        assertThat(node.hearsNothing()).isTrue();
        assertThat(room.heard.events).singleElement().isInstanceOf(DeltaRefused.class);
    }

    @Test
    void givesASnapshotToANodeThatAsksForOneAndIncrementsAfterIt() {
        room.install(key, rule, route);
        node.dial(room).applyNext();

        node.subscription.snapshot();
        RuleDelta asked = node.applyNext();
        room.install(key, second, another);
        RuleDelta next = node.applyNext();

        assertThat(asked.kind()).isEqualTo(RuleDelta.Kind.SNAPSHOT);
        assertThat(asked.revision()).isGreaterThan(1);
        assertThat(asked.upserts()).containsExactly(rule);
        assertThat(next.kind()).isEqualTo(RuleDelta.Kind.INCREMENT);
        assertThat(next.upserts()).containsExactly(second);
    }

    @Test
    void outgrowsANodeThatIsAheadOfTheLedger() {
        room.install(key, rule, route);
        node.revision = 1_000;
        node.dial(room);

        RuleDelta delta = node.applyNext();

        assertThat(delta.kind()).isEqualTo(RuleDelta.Kind.SNAPSHOT);
        assertThat(delta.revision()).isEqualTo(1_001);
        assertThat(delta.upserts()).containsExactly(rule);
    }

    @Test
    void givesASnapshotToANodeThatFellBehindWhatItAcknowledged() {
        room.install(key, rule, route);
        node.dial(room).applyNext();
        room.remove(route, key);
        node.applyNext();
        node.subscription.cancel();

        node.revision = 1;
        node.table.put(rule.key(), rule);
        node.dial(room);
        RuleDelta delta = node.applyNext();

        assertThat(delta.kind()).isEqualTo(RuleDelta.Kind.SNAPSHOT);
        assertThat(node.table).isEmpty();
    }

    @Test
    void forgetsARefusedRuleInsteadOfRemovingIt() {
        room.install(route, Map.of(key, List.of(rule, second)));
        node.dial(room);
        node.next();

        node.subscription.acknowledged(
                1, List.of(new RuleWatch.Refusal(rule.key(), RuleRefused.Reason.KEY_TAKEN, "another route's")));
        node.revision = 1;
        room.remove(route, key);

        assertThat(node.applyNext().removals()).containsExactly(second.key());
        assertThat(room.heard.events)
                .startsWith(
                        new RuleRefused(key, rule.key(), route, RuleRefused.Reason.KEY_TAKEN, "another route's"),
                        new RulesAcknowledged(key, 1));
    }

    @Test
    void forgetsRemovalsThatTheNodeHasMade() {
        room.install(key, rule, route);
        node.dial(room).applyNext();
        room.remove(route, key);
        assertThat(rows()).isEqualTo(1);

        node.applyNext();

        assertThat(rows()).isZero();
    }

    @Test
    void believesNoAcknowledgementOfAnotherRevision() {
        room.install(key, rule, route);
        node.dial(room);
        node.next();

        assertThatThrownBy(() -> node.subscription.acknowledged(2, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("revision 1 is out");
        node.subscription.acknowledged(1, List.of());
        assertThatThrownBy(() -> node.subscription.acknowledged(1, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void deliversOnlyToTheNewestWatcherOfANode() {
        RuleRoom.Node older = new RuleRoom.Node(key).dial(room);
        node.dial(room);
        older.subscription.cancel();
        older.subscription.cancel();

        room.install(key, rule, route);

        assertThat(node.applyNext().upserts()).containsExactly(rule);
        assertThat(older.hearsNothing()).isTrue();
        assertThat(room.watch.unwatched(Set.of(key))).isEmpty();
    }

    @Test
    void doesNotTellWhatWasRolledBack() {
        node.dial(room);
        room.transaction.executeWithoutResult(status -> {
            room.ledger.install(route, Map.of(key, List.of(rule)));
            status.setRollbackOnly();
        });

        assertThat(node.hearsNothing()).isTrue();
        assertThat(room.install(key, second, another)).containsEntry(key, 1L);
    }

    @Test
    void refusesASecondLiveRuleWithTheSameKey() {
        room.install(key, rule, route);

        assertThatThrownBy(() -> room.install(key, rule, another)).isInstanceOf(RuleKeyTakenException.class);

        room.remove(route, key);
        assertThat(room.install(key, rule, another)).containsEntry(key, 3L);
    }

    @Test
    void knowsWhichRouteARuleBelongsTo() {
        room.install(key, rule, route);

        assertThat(room.ledger.routesOf(key, List.of(rule.key(), second.key()))).containsExactly(route);
        room.remove(route, key);
        assertThat(room.ledger.routesOf(key, List.of(rule.key()))).isEmpty();
    }

    @Test
    void changesNothingOutsideATransaction() {
        assertThatThrownBy(() -> room.ledger.install(route, Map.of(key, List.of(rule))))
                .isInstanceOf(IllegalStateException.class);
    }

    private int rows() {
        return room.jdbc.queryForObject("SELECT count(*) FROM node_rules", Integer.class);
    }
}
