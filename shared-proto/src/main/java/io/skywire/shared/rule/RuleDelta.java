package io.skywire.shared.rule;

import io.skywire.shared.key.PublicKey;
import java.time.Instant;
import java.util.List;

/// A change of one node's rule table: from `baseRevision` to `revision`, removals before upserts.
///
/// A snapshot replaces the whole table; its base is not looked at. Revisions of a node only grow.
public record RuleDelta(
        PublicKey node,
        Kind kind,
        long baseRevision,
        long revision,
        List<RuleKey> removals,
        List<Rule> upserts,
        Instant signedAt) {
    public enum Kind {
        INCREMENT,
        SNAPSHOT
    }

    public RuleDelta {
        removals = List.copyOf(removals);
        upserts = List.copyOf(upserts);
        if (revision < 0 || baseRevision < 0) {
            throw new IllegalArgumentException("revisions are never negative");
        }
        if (kind == Kind.INCREMENT && revision <= baseRevision) {
            throw new IllegalArgumentException(
                    "an increment leads from revision " + baseRevision + " to a later one, not to " + revision);
        }
        if (kind == Kind.SNAPSHOT && !removals.isEmpty()) {
            throw new IllegalArgumentException("a snapshot has no removals");
        }
    }
}
