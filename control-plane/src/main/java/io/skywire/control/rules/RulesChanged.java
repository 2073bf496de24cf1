package io.skywire.control.rules;

import io.skywire.shared.key.PublicKey;
import java.util.Map;

/// The ledger holds newer revisions of these nodes. Published inside the transaction, heard after its commit.
record RulesChanged(Map<PublicKey, RuleChange> changes) {
    RulesChanged {
        changes = Map.copyOf(changes);
    }
}
