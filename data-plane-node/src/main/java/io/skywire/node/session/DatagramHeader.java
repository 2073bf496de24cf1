package io.skywire.node.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/// The first bytes of every QUIC datagram (RFC 9221) of a session, big-endian. Behind them is one whole datagram of an
/// application, which may be empty.
/// ```
///  0      1               5             7
///  +------+---------------+-------------+---------
///  | kind | flow          | port        | bytes …
///  | u8   | u32           | u16         |
///  +------+---------------+-------------+---------
///  kind 1: forth, from the end that made the flow to that port of its peer.   kind 2: back, in the same flow.
/// ```
/// @param flow chosen by the end that makes it, never twice in a session
record DatagramHeader(int kind, int flow, int port) {
    static final int LENGTH = 7;
    static final int FORTH = 1;
    static final int BACK = 2;

    static DatagramHeader read(ByteBuf datagram) {
        return new DatagramHeader(datagram.readUnsignedByte(), datagram.readInt(), datagram.readUnsignedShort());
    }

    /// A buffer with the header and a copy of `bytes`, which QUIC takes as they are.
    ByteBuf before(ByteBuf bytes, ByteBufAllocator allocator) {
        return allocator
                .directBuffer(LENGTH + bytes.readableBytes())
                .writeByte(kind)
                .writeInt(flow)
                .writeShort(port)
                .writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
    }
}
