package io.skywire.control.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class KnownChangesTest {
    private static final long SEED = 47;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final KnownChanges known = new KnownChanges();
    private final Rule rule = RuleRoom.relay(random);
    private final Rule second = RuleRoom.relay(random);

    private static RuleChange adds(long revision, Rule... rules) {
        return new RuleChange(revision, List.of(), List.of(rules));
    }

    private static RuleChange removes(long revision, Rule rule, long added) {
        return new RuleChange(revision, List.of(new RuleChange.Removed(rule.key(), added)), List.of());
    }

    @Test
    void changesThatFollowEachOtherAreOneStep() {
        known.add(adds(4, rule));
        known.add(adds(5, second));

        assertThat(known.after(3)).isEqualTo(new KnownChanges.Next.Step(5, List.of(), List.of(rule, second)));
    }

    @Test
    void whatCameAndWentIsNotMentioned() {
        known.add(adds(4, rule));
        known.add(removes(5, rule, 4));

        assertThat(known.after(3)).isEqualTo(new KnownChanges.Next.Step(5, List.of(), List.of()));
    }

    @Test
    void aGapIsForTheLedger() {
        known.add(adds(4, rule));
        known.add(adds(6, second));

        assertThat(known.after(3)).isInstanceOf(KnownChanges.Next.Gap.class);
        assertThat(known.after(6)).isInstanceOf(KnownChanges.Next.Nothing.class);
    }

    @Test
    void aChangeThatTheNodeShouldHaveHadLongAgoIsForTheLedger() {
        known.add(adds(4, rule));

        assertThat(known.after(1_000)).isInstanceOf(KnownChanges.Next.Gap.class);
    }

    @Test
    void tooManyChangesAreForTheLedger() {
        for (int revision = 1; revision <= KnownChanges.MOST + 1; revision++) {
            known.add(adds(revision, RuleRoom.relay(random)));
        }

        assertThat(known.after(0)).isInstanceOf(KnownChanges.Next.Gap.class);
    }

    @Test
    void aRefusedRuleIsNeverRemovedButItsSuccessorIs() {
        known.refused(4, List.of(rule.key()));
        known.add(removes(5, rule, 4));
        assertThat(known.after(4)).isEqualTo(new KnownChanges.Next.Step(5, List.of(), List.of()));

        known.forgetUpTo(5);
        known.add(removes(7, rule, 6));
        assertThat(known.after(6)).isEqualTo(new KnownChanges.Next.Step(7, List.of(rule.key()), List.of()));
    }

    /// Whatever is added and removed, in whatever steps it is told: a table that takes the steps is the ledger's.
    @Test
    void anySequenceOfStepsLeadsToTheLedgersTable() {
        for (int round = 0; round < 200; round++) {
            KnownChanges changes = new KnownChanges();
            Map<RuleKey, Rule> ledger = new HashMap<>();
            Map<RuleKey, Long> addedAt = new HashMap<>();
            Map<RuleKey, Rule> node = new HashMap<>();
            List<Rule> rules = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                rules.add(RuleRoom.relay(random));
            }
            long holds = 0;
            for (long revision = 1; revision <= 40; revision++) {
                List<RuleChange.Removed> removals = new ArrayList<>();
                Set<Rule> upserts = new HashSet<>();
                for (Rule one : rules) {
                    boolean live = ledger.containsKey(one.key());
                    if (random.nextInt(4) > 0) {
                        continue;
                    }
                    if (live) {
                        removals.add(new RuleChange.Removed(one.key(), addedAt.get(one.key())));
                        ledger.remove(one.key());
                    } else {
                        upserts.add(one);
                        ledger.put(one.key(), one);
                        addedAt.put(one.key(), revision);
                    }
                }
                changes.add(new RuleChange(revision, removals, List.copyOf(upserts)));
                if (random.nextInt(3) == 0) {
                    KnownChanges.Next.Step step = (KnownChanges.Next.Step) changes.after(holds);
                    step.removals().forEach(key -> assertThat(node.remove(key)).isNotNull());
                    step.upserts().forEach(one -> node.put(one.key(), one));
                    holds = step.revision();
                    changes.forgetUpTo(holds);
                    assertThat(node).as("seed " + SEED).isEqualTo(ledger);
                }
            }
        }
    }
}
