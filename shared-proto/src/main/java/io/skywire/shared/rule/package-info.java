/// Routing rules: what a node does with a packet, and the signed deltas in which rules reach it.
///
/// Start here: [Rule] (sealed: [Rule.Forward], [Rule.Relay], [Rule.Consume]) and [RuleDelta]. A relay rule knows two
/// transports and two numbers and nothing more; the ends know each other, never the nodes between.
/// Wire form: `skywire/v1/rules.proto`, mapped in [RuleProtos].
@NullMarked
package io.skywire.shared.rule;

import org.jspecify.annotations.NullMarked;
