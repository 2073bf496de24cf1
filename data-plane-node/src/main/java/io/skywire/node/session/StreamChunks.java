package io.skywire.node.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamFrame;
import java.io.EOFException;
import java.io.IOException;

/// The bytes of two applications on a stream, in chunks, so that the end is said by bytes:
/// ```
///  0             2
///  +-------------+---------
///  | length u16  | bytes …      length 0 is the end, and QUIC's FIN comes with it
///  +-------------+---------
/// ```
/// A FIN without bytes can get lost: quiche (as of Netty 4.2.17) forgets a stream whose data are all acknowledged and
/// whose other direction has ended, even when its own FIN still waits to be sent; the peer then waits for ever. A FIN
/// that comes with bytes is not acknowledged before it was sent. A FIN without an end before it is a cut transfer.
///
/// Outbound: buffers, and [QuicStreamFrame#EMPTY_FIN] for the end. Inbound: buffers, then [ChannelInputShutdownEvent],
/// or
/// an [IOException].
final class StreamChunks extends ChannelDuplexHandler {
    private static final int MAX_CHUNK = 0xffff;

    private int left;
    private int headerBytes;
    private int header;
    private boolean ended;
    private boolean broken;

    /// What ends a direction.
    static QuicStreamFrame end(ByteBufAllocator allocator) {
        return new DefaultQuicStreamFrame(allocator.directBuffer(2).writeShort(0), true);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes) {
            writeChunks(ctx, bytes, promise);
        } else if (message == QuicStreamFrame.EMPTY_FIN) {
            ctx.write(end(ctx.alloc()), promise);
        } else {
            ctx.write(message, promise);
        }
    }

    private static void writeChunks(ChannelHandlerContext ctx, ByteBuf bytes, ChannelPromise promise) {
        while (bytes.readableBytes() > MAX_CHUNK) {
            ctx.write(chunk(ctx, bytes.readRetainedSlice(MAX_CHUNK)));
        }
        if (bytes.isReadable()) {
            ctx.write(chunk(ctx, bytes), promise);
        } else {
            ctx.write(bytes, promise);
        }
    }

    /// Header and bytes as one message: two would leave as two datagrams.
    private static ByteBuf chunk(ChannelHandlerContext ctx, ByteBuf bytes) {
        return Unpooled.wrappedBuffer(ctx.alloc().directBuffer(2).writeShort(bytes.readableBytes()), bytes);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            ctx.fireChannelRead(message);
            return;
        }
        try {
            while (bytes.isReadable() && !broken) {
                if (ended) {
                    fail(ctx, new IOException("bytes after the end of a stream"));
                } else if (left > 0) {
                    int length = Math.min(left, bytes.readableBytes());
                    left -= length;
                    ctx.fireChannelRead(bytes.readRetainedSlice(length));
                } else {
                    readHeader(bytes);
                }
            }
        } finally {
            bytes.release();
        }
    }

    private void readHeader(ByteBuf bytes) {
        header = header << 8 | bytes.readUnsignedByte();
        headerBytes++;
        if (headerBytes == 2) {
            left = header;
            ended = left == 0;
            header = 0;
            headerBytes = 0;
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        boolean inputEnd = event instanceof ChannelInputShutdownEvent;
        if (inputEnd && !ended) {
            fail(ctx, new EOFException("the stream was cut: its end is missing"));
        } else if (!broken || !(inputEnd || event instanceof ChannelInputShutdownReadComplete)) {
            ctx.fireUserEventTriggered(event);
        }
    }

    private void fail(ChannelHandlerContext ctx, IOException cause) {
        if (!broken) {
            broken = true;
            ctx.fireExceptionCaught(cause);
        }
    }
}
