/// Frames: many whole packets sealed together, and the length in front of them. Knows arrays and buffers; knows no
/// channel, no clock and no route.
///
/// Start here: [FrameLayout] is the picture, [FrameReader] takes bytes apart, [FrameBuilder] puts packets together.
/// The allowed arrows are [io.skywire.shared.noise] and `io.skywire.shared.packet`.
@NullMarked
package io.skywire.node.wire;

import org.jspecify.annotations.NullMarked;
