package io.skywire.benchmarks.forwarding;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// What [BareLoop] does with a frame, without sockets: the least that could relay it. No code of the product.
final class BareRelay {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final int HEADER = 7;
    private static final int PREFIX = 2;
    private static final int FRAME = PREFIX + 0xffff;

    private final BareCipher opening;
    private final BareCipher sealing;
    private final byte[] sealed = new byte[FRAME];
    private final byte[] plain = new byte[FRAME];
    private final ByteBuf wire = Unpooled.directBuffer(2 * FRAME);

    BareRelay(String cipher) {
        this.opening = BareCipher.opening(cipher);
        this.sealing = BareCipher.sealing(cipher);
    }

    /// Whole frames only.
    void read(ByteBuf piece) {
        while (piece.isReadable()) {
            int frame = piece.readUnsignedShort();
            piece.readBytes(sealed, PREFIX, frame);
            int length = opening.apply(sealed, PREFIX, frame, plain, 0);
            for (int at = 0; at < length; ) {
                int id = (int) INT.get(plain, at + 1);
                INT.set(plain, at + 1, id + MemoryRelay.AWAY);
                at += HEADER + ((plain[at + 5] & 0xff) << 8 | (plain[at + 6] & 0xff));
            }
            int written = sealing.apply(plain, 0, length, sealed, PREFIX);
            wire.clear().writeShort(written).writeBytes(sealed, PREFIX, written);
        }
    }
}
