package io.skywire.node.app;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamFrame;
import io.netty.util.ReferenceCountUtil;
import io.skywire.node.loops.DirectMemory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Joins an application's socket and a stream: what comes in on one leaves on the other.
///
/// - Back-pressure: a side is read only while less than [#MAX_OUTSTANDING] bytes of it are not yet written to the other
///   side. It is counted by write futures; `isWritable` of a QUIC stream is not to be trusted.
/// - While direct memory is short, a side is read only once nothing of it waits.
/// - Half-close: the end of one direction is passed on behind its last byte; the other direction goes on.
/// - Abort: a reset, or a close without an end, aborts the other side, so that a cut transfer never looks whole.
///
/// The two channels may live on different event loops. Both come without `autoRead`.
final class StreamBridge {
    private static final Logger log = LoggerFactory.getLogger(StreamBridge.class);
    static final int MAX_OUTSTANDING = 256 << 10;

    private final SocketChannel socket;
    private final QuicStreamChannel stream;
    private final AtomicBoolean aborted = new AtomicBoolean();
    private final AtomicInteger directionsLeft = new AtomicInteger(2);
    private volatile boolean streamEnded;

    private StreamBridge(SocketChannel socket, QuicStreamChannel stream) {
        this.socket = socket;
        this.stream = stream;
    }

    static void join(SocketChannel socket, QuicStreamChannel stream) {
        StreamBridge bridge = new StreamBridge(socket, stream);
        socket.config().setAutoRead(false).setAllowHalfClosure(true);
        Direction outwards = bridge.new Direction(socket, stream);
        Direction inwards = bridge.new Direction(stream, socket);
        // Both ends hear of closes before either is read.
        socket.eventLoop().execute(() -> {
            outwards.attach();
            stream.eventLoop().execute(() -> {
                inwards.attach();
                stream.read();
                socket.read();
            });
        });
    }

    private void abort(String reason) {
        if (!aborted.compareAndSet(false, true)) {
            return;
        }
        log.debug("stream {} aborted: {}", stream.streamId(), reason);
        stream.close();
        if (socket.isActive()) {
            // SO_LINGER 0 makes the close a reset.
            socket.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        socket.close();
    }

    private void directionEnded() {
        if (directionsLeft.decrementAndGet() == 0) {
            // QUIC closes a stream by itself once both ends are through.
            socket.close();
        }
    }

    /// One direction: reads `from`, writes `to`. Its handler lives on `from`'s event loop, the write futures on `to`'s.
    private final class Direction extends ChannelInboundHandlerAdapter {
        private final Channel from;
        private final Channel to;
        private final AtomicInteger outstanding = new AtomicInteger();
        private final AtomicBoolean paused = new AtomicBoolean();
        private @Nullable ByteBuf read; // and not yet written
        private boolean gathering;
        private boolean inputEnded;

        Direction(Channel from, Channel to) {
            this.from = from;
            this.to = to;
        }

        void attach() {
            from.pipeline().addLast(this);
            if (!from.isActive()) {
                abort("closed before it was joined");
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (!(message instanceof ByteBuf bytes)) {
                ReferenceCountUtil.release(message);
                return;
            }
            ByteBuf before = read;
            if (before == null) {
                read = bytes;
            } else if (before instanceof CompositeByteBuf several) {
                several.addComponent(true, bytes);
            } else {
                read = ctx.alloc()
                        .compositeDirectBuffer(Integer.MAX_VALUE)
                        .addComponent(true, before)
                        .addComponent(true, bytes);
            }
        }

        /// A stream hears of each datagram by itself; what else came with it is read once the loop has taken them all.
        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            if (gathering || inputEnded) {
                return;
            }
            if (from == stream) {
                gathering = true;
                ctx.executor().execute(this::gatherAndWrite);
            } else {
                writeAndGoOn();
            }
        }

        private void gatherAndWrite() {
            if (!inputEnded && outstanding.get() + readable() < MAX_OUTSTANDING) {
                from.read();
            }
            gathering = false;
            writeAndGoOn();
        }

        private int readable() {
            ByteBuf bytes = read;
            return bytes == null ? 0 : bytes.readableBytes();
        }

        private void writeAndGoOn() {
            write();
            if (inputEnded) {
                return;
            }
            if (outstanding.get() < most()) {
                from.read();
                return;
            }
            paused.set(true);
            // The last write may have ended just before.
            resume();
        }

        private void write() {
            ByteBuf bytes = read;
            if (bytes == null) {
                return;
            }
            read = null;
            int length = bytes.readableBytes();
            outstanding.addAndGet(length);
            to.writeAndFlush(bytes).addListener(written -> {
                outstanding.addAndGet(-length);
                if (written.isSuccess()) {
                    resume();
                } else {
                    abort("a write failed: " + written.cause());
                }
            });
        }

        private void drop() {
            ByteBuf bytes = read;
            if (bytes != null) {
                read = null;
                bytes.release();
            }
        }

        /// A side of which nothing waits may always be read: nobody waits for ever.
        private int most() {
            return DirectMemory.isShort() ? 1 : MAX_OUTSTANDING;
        }

        private void resume() {
            if (outstanding.get() < (most() + 1) / 2 && paused.compareAndSet(true, false)) {
                from.read();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent && !inputEnded) {
                inputEnded = true;
                write();
                endOutput().addListener((ChannelFutureListener) ended -> {
                    if (ended.isSuccess()) {
                        directionEnded();
                    } else {
                        abort("the end could not be passed on: " + ended.cause());
                    }
                });
            }
        }

        /// The end, behind everything that is queued.
        private ChannelFuture endOutput() {
            if (to == stream) {
                // The listener comes first: the stream may close in the very moment its end is sent.
                ChannelPromise sent = stream.newPromise();
                sent.addListener(end -> streamEnded = end.isSuccess());
                return stream.writeAndFlush(QuicStreamFrame.EMPTY_FIN, sent);
            }
            var ended = socket.newPromise();
            socket.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> {
                if (flushed.isSuccess()) {
                    socket.shutdownOutput(ended);
                } else {
                    ended.setFailure(flushed.cause());
                }
            });
            return ended;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            abort(cause.toString());
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            drop();
            // A stream closes by itself once both ends have said their last byte; the socket may still be writing.
            boolean whole = from == stream ? inputEnded && streamEnded : directionsLeft.get() == 0;
            if (!whole) {
                abort((from == stream ? "the stream" : "the socket") + " closed without an end");
            }
        }
    }
}
