package io.skywire.control.rules;

import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleKey;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The changes of one node's rules that this replica has written itself and the node has not acknowledged: as long as
/// they follow each other without a gap, a delta needs no question to the database. Bounded. Safe for any thread.
final class KnownChanges {
    static final int MOST = 128;
    private static final int MOST_REFUSED = 1024;

    private final TreeMap<Long, RuleChange> changes = new TreeMap<>();
    private final Map<RuleKey, Long> refused = new HashMap<>();
    private boolean overflown;
    private boolean untold;

    /// What leads on from a revision.
    sealed interface Next {
        /// Nothing is known to be newer.
        record Nothing() implements Next {}

        /// All that is newer, as one step.
        record Step(long revision, List<RuleKey> removals, List<Rule> upserts) implements Next {}

        /// Something has happened that is not all known here: the ledger must be asked.
        record Gap() implements Next {}
    }

    synchronized void add(RuleChange change) {
        if (changes.size() >= MOST) {
            changes.clear();
            overflown = true;
        }
        changes.put(change.revision(), change);
    }

    /// The node has refused these rules in the delta to `revision`. The ledger has forgotten them; their removal, which
    /// may be known here already, must never be told: the keys may name somebody else's rules on that node.
    synchronized void refused(long revision, List<RuleKey> keys) {
        keys.forEach(key -> refused.merge(key, revision, Math::max));
        if (refused.size() > MOST_REFUSED) {
            refused.clear();
            untold = true;
        }
    }

    /// Whether [#after] has more to say than nothing.
    synchronized boolean isAnyNewer() {
        return !changes.isEmpty() || overflown || untold;
    }

    /// What leads on from `holds`. After a gap the ledger's answer covers all that was known before the call.
    synchronized Next after(long holds) {
        if (untold || overflown || (!changes.isEmpty() && changes.firstKey() != holds + 1)) {
            changes.clear();
            overflown = false;
            return new Next.Gap();
        }
        if (changes.isEmpty()) {
            return new Next.Nothing();
        }
        if (changes.lastKey() - holds != changes.size()) {
            changes.clear();
            return new Next.Gap();
        }
        Set<RuleKey> removals = new LinkedHashSet<>();
        Map<RuleKey, Rule> upserts = new LinkedHashMap<>();
        for (RuleChange change : changes.values()) {
            for (RuleChange.Removed removed : change.removals()) {
                boolean cameAndWent = upserts.remove(removed.key()) != null;
                if (!cameAndWent && removed.added() > refused.getOrDefault(removed.key(), 0L)) {
                    removals.add(removed.key());
                }
            }
            change.upserts().forEach(rule -> upserts.put(rule.key(), rule));
        }
        return new Next.Step(changes.lastKey(), List.copyOf(removals), List.copyOf(upserts.values()));
    }

    /// The node holds `revision` now.
    synchronized void forgetUpTo(long revision) {
        changes.headMap(revision, true).clear();
    }
}
