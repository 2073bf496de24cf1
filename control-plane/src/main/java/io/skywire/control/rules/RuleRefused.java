package io.skywire.control.rules;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.RuleKey;

/// A node did not take one rule of a delta. The ledger has forgotten that rule: it is not there to be removed.
public record RuleRefused(PublicKey node, RuleKey rule, RouteUid route, Reason reason, String detail) {
    public enum Reason {
        KEY_TAKEN,
        NO_SUCH_TRANSPORT,
        TABLE_FULL,
        MALFORMED
    }
}
