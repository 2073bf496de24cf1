/// Load for a messaging server in a process of its own, and the plain TCP pipe that it is compared with.
///
/// Start here: [RelayLoad] drives both and prints what it saw; `./skywire bench relay` starts all three.
@NullMarked
package io.skywire.benchmarks.relay;

import org.jspecify.annotations.NullMarked;
