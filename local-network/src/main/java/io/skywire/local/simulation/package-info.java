/// Thousands of agents in one JVM, without data plane: each has its key, its links with both edges' signatures, a rule
/// table, and one real gRPC session over a TCP connection of its own, dialled again by the real agents' back-off.
///
/// Start here: [Swarm] makes them and counts what they do; [SimulatedAgent] is one; [Link] joins two. Both ends of a
/// link are told what happens to it: there are no packets here. Allowed arrows: `io.skywire.shared` and libraries.
@NullMarked
package io.skywire.local.simulation;

import org.jspecify.annotations.NullMarked;
