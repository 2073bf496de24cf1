/// A node between a cheap sender and a cheap sink, beside a plain TCP pipe and the least loop that could relay sealed
/// frames, each in a process of its own.
///
/// Start here: [ForwardingLoad] drives all of them and prints what it saw; `./skywire bench forwarding` starts them.
@NullMarked
package io.skywire.benchmarks.forwarding;

import org.jspecify.annotations.NullMarked;
