/// Remembers which nodes have ever proved their key.
///
/// Start here: [NodeDirectory]. Allowed arrows: platform.
@ApplicationModule(allowedDependencies = {"platform"})
@NullMarked
package io.skywire.control.identity;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
