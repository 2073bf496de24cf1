/// The rules that every node should hold, as a ledger with one growing revision per node, the signed deltas in which
/// nodes get them, and what nodes answered, whichever replica they hang on.
///
/// Start here: [RuleLedger] changes rules inside the caller's transaction; [RuleWatch] brings a node the newest state;
/// [RulesAcknowledged], [RuleRefused] and [DeltaRefused] say what nodes answered. On the wire: docs/protocol/rules.md.
/// Allowed arrows: identity, platform.
@ApplicationModule(allowedDependencies = {"identity", "platform"})
@NullMarked
package io.skywire.control.rules;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
