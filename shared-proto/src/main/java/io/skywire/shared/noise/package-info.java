/// Noise handshakes and sealed frames: bytes in, bytes out. No sockets, no clock, no logger; randomness is a parameter.
///
/// Start here: [LinkHandshake] proves two nodes' keys to each other and agrees on a cipher, [CipherState] then seals
/// one direction of the link. Source: `docs/protocol/noise.md`, BOLT 8. Knows keys only; the allowed arrow is
/// `io.skywire.shared.key`.
@NullMarked
package io.skywire.shared.noise;

import org.jspecify.annotations.NullMarked;
