package io.skywire.node.wire;

import io.skywire.shared.noise.LinkCipher;

/// A frame on the wire, big-endian.
/// ```
///  0          2
///  +----------+-----------------------------------------------+
///  | len u16  | sealed( packet | packet | … )        tag 16   |
///  +----------+-----------------------------------------------+
///              <------------------- len ---------------------->
/// ```
/// A frame holds one or more whole packets; no packet spans two frames.
public final class FrameLayout {
    public static final int LENGTH_PREFIX = 2;
    public static final int MAX_SEALED = 0xffff;
    public static final int MAX_PLAIN = MAX_SEALED - LinkCipher.TAG_LENGTH;
    public static final int MAX_FRAME = LENGTH_PREFIX + MAX_SEALED;

    private FrameLayout() {}
}
