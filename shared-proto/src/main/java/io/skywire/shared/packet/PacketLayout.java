package io.skywire.shared.packet;

import io.skywire.shared.rule.RouteId;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Where the fields of a packet lie, big-endian.
/// ```
///  0      1             5           7
///  +------+-------------+-----------+----------
///  | type |  route id   |  length   | payload …
///  | u8   |  u32        |  u16      |
///  +------+-------------+-----------+----------
/// ```
/// The route id is the one that the receiver knows. Route id 0 means "this link itself": neighbour to neighbour, never
/// forwarded. Fields are read and written in place in a heap array; the caller has checked that the header is there.
public final class PacketLayout {
    public static final int TYPE_OFFSET = 0;
    public static final int ROUTE_ID_OFFSET = TYPE_OFFSET + 1;
    public static final int LENGTH_OFFSET = ROUTE_ID_OFFSET + 4;
    public static final int HEADER_LENGTH = LENGTH_OFFSET + 2;

    /// The largest payload a stream transport carries; every transport states its own limit below this.
    public static final int MAX_PAYLOAD = 16_384;

    public static final int MAX_PACKET = HEADER_LENGTH + MAX_PAYLOAD;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

    private PacketLayout() {}

    /// The type's number, 0 to 255; see [PacketType].
    public static int type(byte[] packet, int offset) {
        return packet[offset + TYPE_OFFSET] & 0xff;
    }

    /// The raw 32 bits of the route id; see [RouteId].
    public static int routeId(byte[] packet, int offset) {
        return (int) INT.get(packet, offset + ROUTE_ID_OFFSET);
    }

    public static int payloadLength(byte[] packet, int offset) {
        return (short) SHORT.get(packet, offset + LENGTH_OFFSET) & 0xffff;
    }

    /// Rewrites the route id for the next hop; nothing is copied.
    public static void rewriteRouteId(byte[] packet, int offset, int routeId) {
        INT.set(packet, offset + ROUTE_ID_OFFSET, routeId);
    }

    public static void writeHeader(byte[] packet, int offset, PacketType type, RouteId route, int payloadLength) {
        if (payloadLength < 0 || payloadLength > 0xffff) {
            throw new IllegalArgumentException("a payload of " + payloadLength + " bytes does not fit a packet");
        }
        packet[offset + TYPE_OFFSET] = (byte) type.number();
        INT.set(packet, offset + ROUTE_ID_OFFSET, route.bits());
        SHORT.set(packet, offset + LENGTH_OFFSET, (short) payloadLength);
    }

    /// A whole packet in an array of its own, for the rare packets off the hot path.
    public static byte[] packet(PacketType type, RouteId route, byte[] payload) {
        byte[] packet = new byte[HEADER_LENGTH + payload.length];
        writeHeader(packet, 0, type, route, payload.length);
        System.arraycopy(payload, 0, packet, HEADER_LENGTH, payload.length);
        return packet;
    }
}
