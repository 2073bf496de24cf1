/// Route setup: installs the rules of a route on every node along it, all of them or none.
///
/// Start here: [RouteSetups] is the face; [RouteSetup] is the state machine (`docs/protocol/route-setup.md`), pure;
/// [SetupNode] runs its effects. Arrows: `routefinder` finds the way, `rules` brings rules to nodes and says what
/// they answered, `identity` knows who exists, `discovery` says which transport went down, `blame` hears whose fault
/// a failure was ([Attribution]), `platform` has clock and keys.
@ApplicationModule(allowedDependencies = {"routefinder", "rules", "identity", "discovery", "blame", "platform"})
@NullMarked
package io.skywire.control.setup;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
