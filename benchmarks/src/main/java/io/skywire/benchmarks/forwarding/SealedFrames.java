package io.skywire.benchmarks.forwarding;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteId;
import java.util.ArrayList;
import java.util.List;

/// What a socket would bring: pieces of sealed frames, full of packets over [#ROUTES] routes in turn. Sealed anew for
/// every pass, because no counter may be used twice.
final class SealedFrames {
    static final int ROUTES = 16;

    private static final int FRAMES_IN_PIECE = 4;
    private static final int PREFIX = 2;
    private static final int LARGEST = 0xffff;

    private final Sealer sealer;
    private final byte[] plain;
    private final byte[] sealed = new byte[LARGEST];
    private final List<ByteBuf> pieces = new ArrayList<>();

    /// @param payload of each packet
    SealedFrames(Sealer sealer, int payload, int count) {
        this.sealer = sealer;
        int length = PacketLayout.HEADER_LENGTH + payload;
        this.plain = new byte[(LARGEST - BareCipher.TAG) / length * length];
        for (int at = 0, i = 0; at < plain.length; at += length, i++) {
            PacketLayout.writeHeader(plain, at, PacketType.DATA, new RouteId(1 + i % ROUTES), payload);
        }
        for (int i = 0; i < count; i++) {
            pieces.add(Unpooled.directBuffer(FRAMES_IN_PIECE * (PREFIX + LARGEST)));
        }
    }

    /// The pieces, with the next frames in them.
    List<ByteBuf> next() {
        for (ByteBuf piece : pieces) {
            piece.clear();
            for (int i = 0; i < FRAMES_IN_PIECE; i++) {
                int length = sealer.seal(plain, 0, plain.length, sealed, 0);
                piece.writeShort(length).writeBytes(sealed, 0, length);
            }
        }
        return pieces;
    }

    /// Bytes of packets in all pieces.
    long bytes() {
        return (long) pieces.size() * FRAMES_IN_PIECE * plain.length;
    }
}
