/// Finds routes through the topology: pure search over one immutable snapshot, no SQL.
///
/// Start here: [RouteFinder].
@ApplicationModule(allowedDependencies = {"topology", "platform"})
@NullMarked
package io.skywire.control.routefinder;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
