package io.skywire.node.rules;

import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.SignedRuleDelta;
import java.util.List;

/// Where a node keeps what it applied, so that it finds its rules again after a restart while no control plane is
/// there. Nothing in it is believed: what comes back is verified like what comes from the wire. Safe for any thread;
/// never blocks but for [#read()].
public interface RuleMemory {
    /// Forgets everything.
    RuleMemory NONE = new RuleMemory() {
        @Override
        public List<Entry> read() {
            return List.of();
        }

        @Override
        public void holds(int entries) {}

        @Override
        public void add(Entry entry) {}

        @Override
        public boolean wantsSnapshot() {
            return false;
        }
    };

    /// What happened to the table, in order.
    sealed interface Entry {
        /// This delta was applied.
        record Applied(SignedRuleDelta signed, RuleDelta.Kind kind) implements Entry {}

        /// These rules are not in the table although a delta said so: refused, or idled out. Not signed by anybody,
        /// so it can only take rules away.
        record Gone(List<RuleKey> rules) implements Entry {
            public Gone {
                rules = List.copyOf(rules);
            }
        }
    }

    /// What was kept before this process began, at the start and once.
    List<Entry> read();

    /// Only so many of the entries that were read are good; the others count as never written.
    void holds(int entries);

    void add(Entry entry);

    /// Whether what is kept has become long, or lacks something: with the next snapshot it begins anew.
    boolean wantsSnapshot();
}
