package io.skywire.node.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.PromiseNotifier;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The bytes of two applications on a stream, in chunks, so that everything is said by bytes:
/// ```
///  0             2
///  +-------------+---------
///  | length u16  | bytes …      length 0: the end.  length 65535: an abort, no bytes follow.
///  +-------------+---------
/// ```
/// QUIC's FIN comes last, always with bytes: an abort carries it; an end carries it if the other end was said before,
/// otherwise a second end is said with it as soon as the other one has come. So until a side has sent its FIN it can
/// still say that it aborts, and a FIN means that its sender has got everything.
///
/// | this side           | hears                 | says                       |
/// |---------------------|-----------------------|----------------------------|
/// | open                | the end               | nothing; its own end later |
/// | has ended           | the end               | the end again, FIN         |
/// | open, has ended     | an abort              | an abort, FIN              |
/// | is closed           | anything              | nothing more               |
///
/// `close()` before both ends are said aborts. The channel closes when both FINs have passed; an abort that the peer
/// does not answer in time becomes a reset. Resets are the last resort because of Netty 4.2.17: what STOP_SENDING
/// stops is not always heard of, a write then may never complete, and a stream whose FIN was not read stays in memory
/// as long as its connection.
///
/// Outbound: buffers, and [QuicStreamFrame#EMPTY_FIN] for the end. Inbound: buffers, then [ChannelInputShutdownEvent]
/// once, or an [IOException].
final class StreamChunks extends ChannelDuplexHandler {
    private static final int END = 0;
    private static final int ABORT = 0xffff;
    private static final int MAX_CHUNK = 0xfffe;
    /// Error code of a reset in place of an abort.
    private static final int ABORTED = 2;

    private final Duration patience;
    private final StreamUrgency urgency = new StreamUrgency();
    private Said own = Said.NOTHING;
    private boolean peerEnded;
    /// What still comes is read for its FIN only.
    private boolean deaf;

    private boolean closing;
    private int left;
    private int headerBytes;
    private int header;
    private @Nullable Future<?> deadline;

    private enum Said {
        NOTHING,
        END,
        FIN
    }

    /// @param patience how long the peer's answer to an abort is waited for
    StreamChunks(Duration patience) {
        this.patience = patience;
    }

    /// What ends a direction, with its FIN.
    static QuicStreamFrame end(ByteBufAllocator allocator) {
        return last(allocator, END);
    }

    private static QuicStreamFrame last(ByteBufAllocator allocator, int mark) {
        return new DefaultQuicStreamFrame(mark(allocator, mark), true);
    }

    private static ByteBuf mark(ByteBufAllocator allocator, int mark) {
        return allocator.directBuffer(2).writeShort(mark);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (own != Said.NOTHING) {
            ReferenceCountUtil.release(message);
            promise.tryFailure(new ChannelOutputShutdownException("this side of the stream has ended"));
        } else if (message instanceof ByteBuf bytes) {
            urgency.writes(ctx.channel(), bytes.readableBytes());
            writeChunks(ctx, bytes, promise);
        } else if (message != QuicStreamFrame.EMPTY_FIN) {
            ctx.write(message, promise);
        } else if (peerEnded) {
            own = Said.FIN;
            ctx.write(end(ctx.alloc()), promise);
        } else {
            own = Said.END;
            ctx.write(mark(ctx.alloc(), END), promise);
        }
    }

    /// All chunks as one message: QUIC sends what each message brings at once, so two would not share a datagram.
    private static void writeChunks(ChannelHandlerContext ctx, ByteBuf bytes, ChannelPromise promise) {
        if (!bytes.isReadable()) {
            ctx.write(bytes, promise);
            return;
        }
        CompositeByteBuf chunks = ctx.alloc().compositeDirectBuffer(Integer.MAX_VALUE);
        while (bytes.readableBytes() > MAX_CHUNK) {
            addChunk(ctx, chunks, bytes.readRetainedSlice(MAX_CHUNK));
        }
        addChunk(ctx, chunks, bytes);
        ctx.write(chunks, promise);
    }

    private static void addChunk(ChannelHandlerContext ctx, CompositeByteBuf chunks, ByteBuf bytes) {
        chunks.addComponent(true, ctx.alloc().directBuffer(2).writeShort(bytes.readableBytes()));
        chunks.addComponent(true, bytes);
    }

    private void sayLast(ChannelHandlerContext ctx, int mark) {
        own = Said.FIN;
        ctx.writeAndFlush(last(ctx.alloc(), mark));
    }

    /// Nobody is behind this handler any more, or nobody whom the peer's bytes concern.
    private void abort(ChannelHandlerContext ctx) {
        deaf = true;
        if (deadline == null) {
            deadline = ctx.executor().schedule(() -> reset(ctx), patience.toMillis(), TimeUnit.MILLISECONDS);
        }
        if (own != Said.FIN) {
            sayLast(ctx, ABORT);
        }
        ctx.read();
    }

    private static void reset(ChannelHandlerContext ctx) {
        if (ctx.channel() instanceof QuicStreamChannel stream) {
            PeerSession.reset(stream, ABORTED);
        } else {
            ctx.close();
        }
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        boolean reset = ctx.channel() instanceof QuicStreamChannel stream && stream.isShutdown();
        if (reset || !ctx.channel().isActive()) {
            ctx.close(promise);
            return;
        }
        ctx.channel().closeFuture().addListener(new PromiseNotifier<>(promise));
        if (closing) {
            return;
        }
        closing = true;
        if (own == Said.FIN && peerEnded) {
            // The peer may still be busy with the last bytes; its FIN closes the stream.
            deaf = true;
            ctx.read();
        } else {
            abort(ctx);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            ctx.fireChannelRead(message);
            return;
        }
        try {
            while (bytes.isReadable() && !deaf) {
                if (left > 0) {
                    int length = Math.min(left, bytes.readableBytes());
                    left -= length;
                    ctx.fireChannelRead(bytes.readRetainedSlice(length));
                } else {
                    readHeader(ctx, bytes);
                }
            }
        } finally {
            bytes.release();
        }
    }

    private void readHeader(ChannelHandlerContext ctx, ByteBuf bytes) {
        header = header << 8 | bytes.readUnsignedByte();
        headerBytes++;
        if (headerBytes < 2) {
            return;
        }
        int length = header;
        header = 0;
        headerBytes = 0;
        switch (length) {
            case END -> ended(ctx);
            case ABORT -> {
                abort(ctx);
                ctx.fireExceptionCaught(new IOException("the peer aborted the stream"));
            }
            default -> {
                if (peerEnded) {
                    fail(ctx, new IOException("bytes after the end of a stream"));
                }
                left = length;
            }
        }
    }

    private void ended(ChannelHandlerContext ctx) {
        if (peerEnded) {
            return;
        }
        peerEnded = true;
        if (own == Said.END) {
            sayLast(ctx, END);
        }
        ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.fireChannelReadComplete();
        if (deaf || peerEnded) {
            // Whoever is behind has no reason to read on; the FIN, or an abort, is still to come.
            ctx.read();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            finished(ctx);
        } else if (!(event instanceof ChannelInputShutdownReadComplete)) {
            ctx.fireUserEventTriggered(event);
        }
    }

    private void finished(ChannelHandlerContext ctx) {
        if (!peerEnded) {
            fail(ctx, new EOFException("the stream was cut: its end is missing"));
        } else if (own != Said.FIN) {
            fail(ctx, new EOFException("the stream was cut: the peer left before this side had ended"));
        }
    }

    private void fail(ChannelHandlerContext ctx, IOException cause) {
        if (!deaf) {
            abort(ctx);
            ctx.fireExceptionCaught(cause);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!deaf) {
            deaf = true;
            ctx.fireExceptionCaught(cause);
        }
        // After a reset no FIN comes.
        reset(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        Future<?> pending = deadline;
        if (pending != null) {
            pending.cancel(false);
        }
        ctx.fireChannelInactive();
    }
}
