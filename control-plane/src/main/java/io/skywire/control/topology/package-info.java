/// The live network as one immutable snapshot in memory, fed by discovery's events.
///
/// Start here: [TopologySource] gives the current [Topology]. Allowed arrows: discovery (its events and what is
/// registered at start), identity, platform.
@ApplicationModule(allowedDependencies = {"discovery", "identity", "platform"})
@NullMarked
package io.skywire.control.topology;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
