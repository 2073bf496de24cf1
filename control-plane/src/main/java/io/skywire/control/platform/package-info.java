/// What every room stands on: clock, randomness, the keys of this control plane, gRPC and HTTP basics. No verb of the
/// domain lives here.
///
/// Start here: [ServiceKeys]. Open to every room; depends on none.
@ApplicationModule(
        type = ApplicationModule.Type.OPEN,
        allowedDependencies = {})
@NullMarked
package io.skywire.control.platform;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
