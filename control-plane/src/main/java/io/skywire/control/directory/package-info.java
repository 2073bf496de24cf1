/// The directory of nodes as stock clients ask for it: who is online, for how long of each day, and at which URLs the
/// services are.
///
/// Start here: [UptimeController], [ServiceUrlsController]. The contract is in docs/protocol/uptime.md. Allowed arrows:
/// identity, platform.
@ApplicationModule(allowedDependencies = {"identity", "platform"})
@NullMarked
package io.skywire.control.directory;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
