/// The packet: what nodes hand to each other on a transport. Layout and types; no buffers.
///
/// Start here: [PacketLayout]. Written down in docs/protocol/packet.md; types 0 to 6 carry Skywire's numbers.
@NullMarked
package io.skywire.shared.packet;

import org.jspecify.annotations.NullMarked;
