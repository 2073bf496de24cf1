/// The threads that move packets and bytes: Netty's event loops, set up so that tasks never starve sockets.
///
/// Start here: [EventLoops]; [DirectMemory] is the budget of the bytes under way. Knows nothing of what runs on the
/// loops; every room that opens sockets may use it.
@NullMarked
package io.skywire.node.loops;

import org.jspecify.annotations.NullMarked;
