/// A whole network of real processes on one machine: an embedded PostgreSQL, a control plane, nodes and a web server.
///
/// Start here: [LocalNetwork] starts and ends one, [Shape] says who is linked to whom, [FirstRoute] is the scenario of
/// `./skywire demo`. Commands: [LocalMain]. Processes are spoken to only by what they offer everybody: command lines,
/// configuration files and HTTP. Allowed arrows: `io.skywire.shared` and libraries; never the classes of the control
/// plane or of the node.
@NullMarked
package io.skywire.local;

import org.jspecify.annotations.NullMarked;
