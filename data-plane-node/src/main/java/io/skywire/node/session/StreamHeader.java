package io.skywire.node.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/// The first bytes of every stream, from the end that opens it, big-endian.
/// ```
///  0         1       2             4
///  +---------+-------+-------------+-------------------
///  | version | kind  | port        | bytes of the kind …
///  | u8 = 1  | u8    | u16         |
///  +---------+-------+-------------+-------------------
///  kind 1: control, port 0.   kind 2: connect to the port; answered with one status byte, then the two ends' bytes.
/// ```
final class StreamHeader {
    static final int LENGTH = 4;
    static final int VERSION = 1;
    static final int CONTROL = 1;
    static final int CONNECT = 2;

    private StreamHeader() {}

    static ByteBuf encode(ByteBufAllocator allocator, int kind, int port) {
        return allocator.directBuffer(LENGTH).writeByte(VERSION).writeByte(kind).writeShort(port);
    }
}
