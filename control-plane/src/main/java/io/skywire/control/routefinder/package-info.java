/// Finds routes through the topology: pure search over one immutable snapshot, no SQL; and says why a route is what it
/// is.
///
/// Start here: [RouteFinder] finds, [RouteReasons] explains. Prices come from the topology, and [BlameCost] says what
/// blame adds to them. Allowed arrows: topology, blame, discovery (what is down, for explanations only), platform.
@ApplicationModule(allowedDependencies = {"topology", "blame", "discovery", "platform"})
@NullMarked
package io.skywire.control.routefinder;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
