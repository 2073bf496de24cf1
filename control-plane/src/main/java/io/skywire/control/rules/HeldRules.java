package io.skywire.control.rules;

import io.skywire.shared.rule.RuleTableDigest;
import java.util.Optional;

/// What a node says it holds: the newest revision it applied, 0 if none, and its table's digest if it sent one. Without
/// a digest the revision is believed.
public record HeldRules(long revision, Optional<RuleTableDigest> digest) {
    /// @throws IllegalArgumentException if the revision cannot be
    public HeldRules {
        if (revision < 0 || revision > RuleWatch.MAX_REVISION) {
            throw new IllegalArgumentException(
                    "an applied revision of " + Long.toUnsignedString(revision) + " cannot be");
        }
    }

    public static HeldRules at(long revision) {
        return new HeldRules(revision, Optional.empty());
    }
}
