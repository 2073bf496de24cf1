/// The control plane: knows the topology, computes routes, hands out rules. One room per package.
///
/// Start here: [ControlPlaneApplication]; the rooms and the arrows between them are in docs/architecture.md.
@NullMarked
package io.skywire.control;

import org.jspecify.annotations.NullMarked;
