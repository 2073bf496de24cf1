package io.skywire.node.transport;

import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteId;
import java.nio.ByteBuffer;

/// Packets whose payload begins with their sequence number.
final class Packets {
    private Packets() {}

    static byte[] numbered(int route, int sequence, int payload) {
        byte[] bytes = new byte[payload];
        ByteBuffer.wrap(bytes).putInt(sequence);
        return PacketLayout.packet(PacketType.DATA, new RouteId(route), bytes);
    }

    static int sequence(byte[] packet, int offset) {
        return ByteBuffer.wrap(packet).getInt(offset + PacketLayout.HEADER_LENGTH);
    }
}
