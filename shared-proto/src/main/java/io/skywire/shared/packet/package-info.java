/// The packet: what nodes hand to each other on a transport. Layout, types and reasons; no buffers.
///
/// Start here: [PacketLayout]. Source: design.md section 3; types 0 to 6 carry Skywire's numbers.
@NullMarked
package io.skywire.shared.packet;

import org.jspecify.annotations.NullMarked;
