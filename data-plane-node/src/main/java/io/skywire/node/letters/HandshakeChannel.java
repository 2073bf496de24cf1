package io.skywire.node.letters;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import io.skywire.shared.noise.HandshakeException;
import io.skywire.shared.noise.LinkHandshake;
import io.skywire.shared.noise.LinkSession;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Carries a [LinkHandshake] over a channel: each message with its length, two bytes big-endian, in front. Bytes that
/// came with the last message go to whatever handler the [Outcome] puts in this one's place.
///
/// The curve's arithmetic runs on `worker`, whose queue is bounded: a flood of handshakes fills that queue and nothing
/// else, and the loop goes on moving letters. While the worker is at it, the channel is not read.
public final class HandshakeChannel extends ByteToMessageDecoder {
    private static final int LENGTH_PREFIX = 2;

    private final LinkHandshake handshake;
    private final Side side;
    private final Duration deadline;
    private final Executor worker;
    private final Outcome outcome;
    private @Nullable Future<?> timer;
    private boolean begun;
    private boolean working;
    private boolean over;

    /// Which side this is.
    public enum Side {
        DIALLING,
        ACCEPTING
    }

    /// What follows, on the channel's event loop; exactly one of the two, once.
    public interface Outcome {
        /// Puts the session's handler in the place of this one.
        void done(ChannelHandlerContext ctx, LinkSession session);

        /// The channel is closed after this.
        void failed(HandshakeFailure kind, String detail);
    }

    public HandshakeChannel(LinkHandshake handshake, Side side, Duration deadline, Executor worker, Outcome outcome) {
        this.handshake = handshake;
        this.side = side;
        this.deadline = deadline;
        this.worker = worker;
        this.outcome = outcome;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer = ctx.channel().eventLoop().schedule(() -> expire(ctx), deadline.toNanos(), TimeUnit.NANOSECONDS);
        if (ctx.channel().isActive()) {
            begin(ctx);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        begin(ctx);
        ctx.fireChannelActive();
    }

    /// Once, whether the channel became active before or after this handler came.
    private void begin(ChannelHandlerContext ctx) {
        if (side == Side.DIALLING && !begun) {
            begun = true;
            work(ctx, () -> new LinkHandshake.Step.Reply(handshake.start()));
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (over) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (working || in.readableBytes() < LENGTH_PREFIX) {
            return;
        }
        int length = in.getUnsignedShort(in.readerIndex());
        if (length > LinkHandshake.MAX_MESSAGE) {
            fail(
                    ctx,
                    HandshakeFailure.REFUSED,
                    "a handshake message of " + length + " bytes is over the limit of " + LinkHandshake.MAX_MESSAGE);
            return;
        }
        if (in.readableBytes() < LENGTH_PREFIX + length) {
            return;
        }
        byte[] message = new byte[length];
        in.skipBytes(LENGTH_PREFIX).readBytes(message);
        work(ctx, () -> handshake.receive(message));
    }

    /// One step of the handshake.
    private interface Work {
        LinkHandshake.Step run() throws HandshakeException;
    }

    private void work(ChannelHandlerContext ctx, Work work) {
        working = true;
        ctx.channel().config().setAutoRead(false);
        try {
            worker.execute(() -> {
                LinkHandshake.Step step;
                try {
                    step = work.run();
                } catch (HandshakeException refused) {
                    onLoop(ctx, () -> refuse(ctx, refused));
                    return;
                } catch (RuntimeException bug) {
                    onLoop(ctx, () -> ctx.pipeline().fireExceptionCaught(bug));
                    return;
                }
                onLoop(ctx, () -> proceed(ctx, step));
            });
        } catch (RejectedExecutionException full) {
            if (side == Side.ACCEPTING) {
                send(ctx, LinkHandshake.busy());
            }
            fail(ctx, HandshakeFailure.BUSY, "too many handshakes are waiting for the processor");
        }
    }

    private static void onLoop(ChannelHandlerContext ctx, Runnable next) {
        if (ctx.executor().inEventLoop()) {
            next.run();
            return;
        }
        try {
            ctx.executor().execute(next);
        } catch (RejectedExecutionException ending) {
            ctx.channel().close(); // the loops are shutting down
        }
    }

    private void proceed(ChannelHandlerContext ctx, LinkHandshake.Step step) {
        working = false;
        if (over) {
            return; // the deadline or the end of the connection was first
        }
        switch (step) {
            case LinkHandshake.Step.Reply reply -> {
                send(ctx, reply.message());
                ctx.channel().config().setAutoRead(true);
            }
            case LinkHandshake.Step.Done done -> {
                done.lastMessage().ifPresent(last -> send(ctx, last));
                end();
                try {
                    outcome.done(ctx, done.session());
                    ctx.channel().config().setAutoRead(true);
                } catch (RuntimeException bug) {
                    over = false; // nobody has taken over, so this handler still has to end the attempt
                    throw bug;
                }
            }
        }
    }

    private void refuse(ChannelHandlerContext ctx, HandshakeException refused) {
        working = false;
        if (over) {
            return;
        }
        handshake.answerTo(refused).ifPresent(answer -> send(ctx, answer));
        boolean otherKey = refused.reason() == HandshakeException.Reason.PEER_HAS_OTHER_KEY;
        fail(
                ctx,
                otherKey ? HandshakeFailure.WRONG_KEY : HandshakeFailure.REFUSED,
                String.valueOf(refused.getMessage()));
    }

    private void expire(ChannelHandlerContext ctx) {
        fail(ctx, HandshakeFailure.TIMEOUT, "no handshake within " + deadline.toMillis() + " ms");
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        fail(ctx, HandshakeFailure.REFUSED, "the other side closed the connection during the handshake");
        super.channelInactive(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        boolean broken = cause instanceof IOException;
        fail(ctx, HandshakeFailure.REFUSED, (broken ? "the connection broke: " : "internal error: ") + cause);
        if (cause instanceof Error error) {
            throw error;
        }
    }

    private void fail(ChannelHandlerContext ctx, HandshakeFailure kind, String detail) {
        if (over) {
            return;
        }
        end();
        outcome.failed(kind, detail);
        ctx.close();
    }

    private void end() {
        over = true;
        Future<?> waiting = timer;
        if (waiting != null) {
            waiting.cancel(false);
        }
    }

    private static void send(ChannelHandlerContext ctx, byte[] message) {
        ByteBuf framed = ctx.alloc().directBuffer(LENGTH_PREFIX + message.length);
        framed.writeShort(message.length).writeBytes(message);
        ctx.writeAndFlush(framed, ctx.voidPromise());
    }
}
