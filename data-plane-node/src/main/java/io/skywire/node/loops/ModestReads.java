package io.skywire.node.loops;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.MaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/// How much is read from an application's connection, or from a stream, in one pass: one piece, a small one
/// while [direct memory is short][DirectMemory#isShort].
public final class ModestReads implements MaxMessagesRecvByteBufAllocator {
    private static final int SMALL = 4_096;

    private final MaxMessagesRecvByteBufAllocator usual;

    private ModestReads(MaxMessagesRecvByteBufAllocator usual) {
        this.usual = usual.maxMessagesPerRead(1);
    }

    /// As much as came before: 128 KiB at most, and little where little comes. One piece and no more, so that the next
    /// connection of the loop waits for no more than that either.
    public static ModestReads asItComes() {
        return new ModestReads(new AdaptiveRecvByteBufAllocator(1 << 10, 4 << 10, 128 << 10));
    }

    @Override
    public int maxMessagesPerRead() {
        return usual.maxMessagesPerRead();
    }

    @Override
    public MaxMessagesRecvByteBufAllocator maxMessagesPerRead(int most) {
        usual.maxMessagesPerRead(most);
        return this;
    }

    @Override
    @SuppressWarnings("deprecation") // Netty's own type of a handle
    public RecvByteBufAllocator.Handle newHandle() {
        return new Modest((RecvByteBufAllocator.ExtendedHandle) usual.newHandle());
    }

    private static final class Modest extends RecvByteBufAllocator.DelegatingHandle
            implements RecvByteBufAllocator.ExtendedHandle {
        private final RecvByteBufAllocator.ExtendedHandle usual;

        Modest(RecvByteBufAllocator.ExtendedHandle usual) {
            super(usual);
            this.usual = usual;
        }

        @Override
        public int guess() {
            return DirectMemory.isShort() ? Math.min(SMALL, usual.guess()) : usual.guess();
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return DirectMemory.isShort() ? allocator.ioBuffer(guess()) : usual.allocate(allocator);
        }

        @Override
        public boolean continueReading() {
            return !DirectMemory.isShort() && usual.continueReading();
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
            return !DirectMemory.isShort() && usual.continueReading(maybeMore);
        }
    }
}
