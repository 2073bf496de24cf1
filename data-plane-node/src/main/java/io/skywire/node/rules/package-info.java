/// Rules on their way into the table: verified, in order, and only for this node (I2).
///
/// Start here: [RuleKeeper]. Deltas come from [io.skywire.node.control], accepted rules go to
/// [io.skywire.node.router], and what was applied to a [RuleLog] on disk, from which a restart takes it.
@NullMarked
package io.skywire.node.rules;

import org.jspecify.annotations.NullMarked;
