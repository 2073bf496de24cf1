/// Blame: what speaks against nodes and transports that failed setups or broke routes, and how much it still counts.
///
/// Start here: [BlameBook] is the face for whoever chooses ways; [RouteFault] is what others publish; [BlameScore] is
/// how evidence adds up and decays, pure. Who is blamed for what: docs/protocol/route-setup.md. Allowed arrows:
/// platform.
@ApplicationModule(allowedDependencies = {"platform"})
@NullMarked
package io.skywire.control.blame;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
