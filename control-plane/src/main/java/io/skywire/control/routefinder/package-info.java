/// Finds routes through the topology: pure search over one immutable snapshot, no SQL.
///
/// Start here: [RouteFinder]. Prices come from the topology, and [BlameCost] says what blame adds to them. Allowed
/// arrows:
/// topology, blame, platform.
@ApplicationModule(allowedDependencies = {"topology", "blame", "platform"})
@NullMarked
package io.skywire.control.routefinder;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
