package io.skywire.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import io.skywire.shared.noise.HandshakeException;
import io.skywire.shared.noise.LinkHandshake;
import io.skywire.shared.noise.LinkSession;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Carries a [LinkHandshake] over a channel: each message with its length, two bytes big-endian, in front. Leaves the
/// pipeline when the handshake is done; bytes that came with its last message go to the next handler.
///
/// The deadline runs from the connection until the link has settled, so it outlives this handler.
final class HandshakeHandler extends ByteToMessageDecoder {
    private static final int LENGTH_PREFIX = 2;

    private final LinkHandshake handshake;
    private final TransportSnapshot.Opener opener;
    private final Duration deadline;
    private final Completion completion;
    private final Attempt attempt;
    private boolean begun;
    private boolean over;

    /// What follows a handshake that is done.
    @FunctionalInterface
    interface Completion {
        /// Replaces the handler by the link's own; `deadline` ends when the link has settled.
        void done(ChannelHandlerContext ctx, LinkSession session);
    }

    HandshakeHandler(
            LinkHandshake handshake,
            TransportSnapshot.Opener opener,
            Duration deadline,
            Completion completion,
            Attempt attempt) {
        this.handshake = handshake;
        this.opener = opener;
        this.deadline = deadline;
        this.completion = completion;
        this.attempt = attempt;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        Future<?> timer =
                ctx.channel().eventLoop().schedule(() -> expire(ctx), deadline.toNanos(), TimeUnit.NANOSECONDS);
        ctx.channel().closeFuture().addListener(closed -> timer.cancel(false));
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
        if (opener == TransportSnapshot.Opener.US && !begun) {
            begun = true;
            send(ctx, handshake.start());
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (over) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (in.readableBytes() < LENGTH_PREFIX) {
            return;
        }
        int length = in.getUnsignedShort(in.readerIndex());
        if (length > LinkHandshake.MAX_MESSAGE) {
            fail(
                    ctx,
                    LinkFailure.HANDSHAKE_REFUSED,
                    "a handshake message of " + length + " bytes is over the limit of " + LinkHandshake.MAX_MESSAGE,
                    null);
            return;
        }
        if (in.readableBytes() < LENGTH_PREFIX + length) {
            return;
        }
        byte[] message = new byte[length];
        in.skipBytes(LENGTH_PREFIX).readBytes(message);
        receive(ctx, message);
    }

    private void receive(ChannelHandlerContext ctx, byte[] message) {
        LinkHandshake.Step step;
        try {
            step = handshake.receive(message);
        } catch (HandshakeException refused) {
            boolean otherKey = refused.reason() == HandshakeException.Reason.PEER_HAS_OTHER_KEY;
            byte[] answer = handshake.answerTo(refused).orElse(null);
            fail(
                    ctx,
                    otherKey ? LinkFailure.WRONG_KEY : LinkFailure.HANDSHAKE_REFUSED,
                    String.valueOf(refused.getMessage()),
                    answer);
            return;
        }
        switch (step) {
            case LinkHandshake.Step.Reply reply -> send(ctx, reply.message());
            case LinkHandshake.Step.Done done -> {
                over = true;
                done.lastMessage().ifPresent(last -> send(ctx, last));
                try {
                    completion.done(ctx, done.session());
                } catch (RuntimeException bug) {
                    over = false; // nobody has taken over, so this handler still has to end the attempt
                    throw bug;
                }
            }
        }
    }

    private void expire(ChannelHandlerContext ctx) {
        if (!over) {
            fail(ctx, LinkFailure.HANDSHAKE_TIMEOUT, "no handshake within " + deadline.toMillis() + " ms", null);
        } else {
            LinkHandler waiting = ctx.channel().pipeline().get(LinkHandler.class);
            if (waiting != null) {
                waiting.expire(deadline);
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        fail(ctx, LinkFailure.HANDSHAKE_REFUSED, "the neighbour closed the connection during the handshake", null);
        super.channelInactive(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(ctx, LinkFailure.HANDSHAKE_REFUSED, "the connection broke during the handshake: " + cause, null);
        if (cause instanceof Error error) {
            throw error;
        }
    }

    /// `answer` is what the neighbour is told before the connection closes, if anything.
    private void fail(ChannelHandlerContext ctx, LinkFailure kind, String detail, byte @Nullable [] answer) {
        if (over) {
            return;
        }
        over = true;
        attempt.failed(kind, detail + " (" + Addresses.text(ctx.channel().remoteAddress()) + ")");
        if (answer != null) {
            send(ctx, answer);
        }
        ctx.close();
    }

    static void send(ChannelHandlerContext ctx, byte[] message) {
        ByteBuf framed = ctx.alloc().directBuffer(LENGTH_PREFIX + message.length);
        framed.writeShort(message.length).writeBytes(message);
        ctx.writeAndFlush(framed, ctx.voidPromise());
    }
}
