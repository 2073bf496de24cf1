/// Nodes: what one says of itself and where it can be reached.
///
/// Start here: [NodeFacts]. Contract: `NodeFacts` in `agent_session.proto`.
@NullMarked
package io.skywire.shared.node;

import org.jspecify.annotations.NullMarked;
