/// The directory of nodes: who is online, for how long of each day, which addresses public nodes can be reached at, and
/// at which URLs the services are.
///
/// Start here: [NodeBook] is the face that sessions write to; [NodesController] serves our own API,
/// [UptimeController] and [ServiceUrlsController] stock clients. The contracts are in docs/protocol/nodes.md and
/// uptime.md. Allowed arrows: identity, messaging, platform.
@ApplicationModule(allowedDependencies = {"identity", "messaging", "platform"})
@NullMarked
package io.skywire.control.directory;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
