package io.skywire.node.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamFrame;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/// Pours random bytes into streams and takes what comes out, with SHA-256 of both.
final class StreamBytes {
    private static final int CHUNK = 64 << 10;

    private StreamBytes() {}

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /// Writes `total` bytes and the end, a chunk after the other; completes with their hash.
    static CompletableFuture<String> pour(QuicStreamChannel stream, long total, long seed) {
        CompletableFuture<String> poured = new CompletableFuture<>();
        stream.eventLoop().execute(() -> pour(stream, total, new Random(seed), sha256(), poured));
        return poured;
    }

    private static void pour(
            QuicStreamChannel stream, long left, Random random, MessageDigest hash, CompletableFuture<String> poured) {
        if (left == 0) {
            stream.writeAndFlush(QuicStreamFrame.EMPTY_FIN)
                    .addListener(ended -> poured.complete(HexFormat.of().formatHex(hash.digest())));
            return;
        }
        byte[] chunk = new byte[(int) Math.min(CHUNK, left)];
        random.nextBytes(chunk);
        hash.update(chunk);
        stream.writeAndFlush(stream.alloc().directBuffer(chunk.length).writeBytes(chunk))
                .addListener(written -> {
                    if (written.isSuccess()) {
                        pour(stream, left - chunk.length, random, hash, poured);
                    } else {
                        poured.completeExceptionally(written.cause());
                    }
                });
    }

    /// Takes what comes.
    static final class Sink extends ChannelInboundHandlerAdapter {
        final AtomicLong received = new AtomicLong();
        final CompletableFuture<String> hash = new CompletableFuture<>();
        final CompletableFuture<Throwable> broken = new CompletableFuture<>();
        final CompletableFuture<Channel> attached = new CompletableFuture<>();
        private final MessageDigest digest = sha256();
        private boolean ended;

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            attached.complete(ctx.channel());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            received.addAndGet(bytes.readableBytes());
            digest.update(bytes.nioBuffer());
            bytes.release();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent && !ended) {
                ended = true;
                hash.complete(HexFormat.of().formatHex(digest.digest()));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            broken.complete(cause);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (!ended) {
                broken.complete(new AssertionError("closed without an end"));
            }
        }
    }

    /// Sends back what comes, and the end behind it.
    static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                ctx.writeAndFlush(QuicStreamFrame.EMPTY_FIN);
            }
        }
    }
}
