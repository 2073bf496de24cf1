package io.skywire.control.rules;

import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleKey;
import java.util.List;

/// What one revision of a node's rules added or took away, as its transaction wrote it.
record RuleChange(long revision, List<Removed> removals, List<Rule> upserts) {
    RuleChange {
        removals = List.copyOf(removals);
        upserts = List.copyOf(upserts);
    }

    /// A rule that is gone, and the revision that had added it.
    record Removed(RuleKey key, long added) {}
}
