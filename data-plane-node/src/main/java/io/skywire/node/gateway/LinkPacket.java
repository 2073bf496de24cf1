package io.skywire.node.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.SessionUid;
import java.util.Arrays;

/// A datagram of a session over one link, between a gateway and its client: a DATA packet with route id 1. No rule is
/// asked, so a gateway never forwards it, and a node that is no gateway drops it.
/// ```
///  0      1               5            7                       23
///  +------+---------------+------------+-----------------------+---------------
///  | 0    | 00 00 00 01   | length u16 | session uid (16)      | QUIC datagram …
///  +------+---------------+------------+-----------------------+---------------
/// ```
final class LinkPacket {
    static final int SESSION_LENGTH = 16;
    private static final RouteId ROUTE = new RouteId(1);
    private static final int DATAGRAM_OFFSET = PacketLayout.HEADER_LENGTH + SESSION_LENGTH;

    private LinkPacket() {}

    static boolean isOne(byte[] frame, int offset, int length) {
        return length > DATAGRAM_OFFSET
                && PacketLayout.type(frame, offset) == PacketType.DATA.number()
                && PacketLayout.routeId(frame, offset) == ROUTE.bits();
    }

    static SessionUid session(byte[] frame, int offset) {
        return SessionUid.of(Arrays.copyOfRange(frame, offset + PacketLayout.HEADER_LENGTH, offset + DATAGRAM_OFFSET));
    }

    /// The datagram, in a direct buffer of its own.
    static ByteBuf datagram(byte[] frame, int offset, int length) {
        int bytes = length - DATAGRAM_OFFSET;
        return PooledByteBufAllocator.DEFAULT
                .directBuffer(bytes, bytes)
                .writeBytes(frame, offset + DATAGRAM_OFFSET, bytes);
    }

    /// The whole packet. The datagram is read, not released.
    static byte[] packet(byte[] session, ByteBuf datagram) {
        int bytes = datagram.readableBytes();
        byte[] packet = new byte[DATAGRAM_OFFSET + bytes];
        PacketLayout.writeHeader(packet, 0, PacketType.DATA, ROUTE, SESSION_LENGTH + bytes);
        System.arraycopy(session, 0, packet, PacketLayout.HEADER_LENGTH, SESSION_LENGTH);
        datagram.readBytes(packet, DATAGRAM_OFFSET, bytes);
        return packet;
    }
}
