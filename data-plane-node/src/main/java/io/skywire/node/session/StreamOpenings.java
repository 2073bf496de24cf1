package io.skywire.node.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Opens streams in one session, no faster than the peer allows. Confined to the session's event loop.
///
/// Asking quiche for a stream beyond the peer's limit would burn its number, so openings wait here, in order, bounded,
/// each with its deadline.
final class StreamOpenings {
    /// Error code of streams that are given up.
    private static final int GIVEN_UP = 0;

    private final PeerSession session;
    private final QuicChannel quic;
    private final SessionContext context;
    private final ArrayDeque<Opening> waiting = new ArrayDeque<>();

    StreamOpenings(PeerSession session, QuicChannel quic, SessionContext context) {
        this.session = session;
        this.quic = quic;
        this.context = context;
    }

    void open(int port, CompletableFuture<StreamAnswer> answer) {
        if (!session.isUp()) {
            answer.complete(failed(DialAnswer.Reason.ROUTE_LOST, "the session has just ended"));
            return;
        }
        if (waiting.size() >= context.settings().waitingStreams()) {
            answer.complete(failed(
                    DialAnswer.Reason.OVERLOADED, waiting.size() + " streams wait already for the peer to allow more"));
            return;
        }
        Opening opening = new Opening(port, answer);
        EventLoop loop = quic.eventLoop();
        Future<?> deadline =
                loop.schedule(opening::late, context.settings().streamOpen().toMillis(), TimeUnit.MILLISECONDS);
        answer.whenComplete((done, none) -> deadline.cancel(false));
        waiting.add(opening);
        drain();
    }

    /// Opens what may be opened now.
    void drain() {
        while (quic.isActive() && quic.peerAllowedStreams(QuicStreamType.BIDIRECTIONAL) > 0) {
            Opening next = waiting.poll();
            if (next == null) {
                return;
            }
            if (!next.answer.isDone()) {
                next.create();
            }
        }
    }

    /// The session is over.
    void fail(String detail) {
        for (Opening opening = waiting.poll(); opening != null; opening = waiting.poll()) {
            opening.answer.complete(failed(DialAnswer.Reason.ROUTE_LOST, detail));
        }
    }

    private static StreamAnswer failed(DialAnswer.Reason reason, String detail) {
        return new StreamAnswer.Failed(DialAnswer.Failed.of(reason, detail));
    }

    /// One stream on its way to the peer's answer.
    private final class Opening implements FirstBytes.Taker {
        private final int port;
        private final CompletableFuture<StreamAnswer> answer;
        private @Nullable QuicStreamChannel stream;

        Opening(int port, CompletableFuture<StreamAnswer> answer) {
            this.port = port;
            this.answer = answer;
        }

        void create() {
            quic.newStreamBootstrap()
                    .type(QuicStreamType.BIDIRECTIONAL)
                    .option(ChannelOption.AUTO_READ, false)
                    .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                    .option(ChannelOption.RECVBUF_ALLOCATOR, Overlays.STREAM_READS)
                    .handler(new FirstBytes(1, this))
                    .create()
                    .addListener((Future<QuicStreamChannel> created) -> {
                        if (created.isSuccess()) {
                            begin(created.getNow());
                        } else {
                            answer.complete(failed(DialAnswer.Reason.ROUTE_LOST, "no stream: " + created.cause()));
                        }
                    });
        }

        private void begin(QuicStreamChannel created) {
            stream = created;
            session.counted(created);
            StreamUrgency.first(created);
            created.writeAndFlush(StreamHeader.encode(created.alloc(), StreamHeader.CONNECT, port));
        }

        @Override
        public void taken(ByteBuf bytes) {
            QuicStreamChannel open = stream;
            int status = bytes.readUnsignedByte();
            if (open == null || answer.isDone()) {
                return;
            }
            if (status == StreamRefusal.OK) {
                context.counters().streamsOpened.increment();
                open.pipeline().addLast(new StreamChunks(context.settings().streamAbort()));
                if (!answer.complete(new StreamAnswer.Opened(open))) {
                    open.close();
                }
                return;
            }
            // Reading to the peer's end and answering with ours lets QUIC forget the stream.
            open.writeAndFlush(StreamChunks.end(open.alloc()));
            open.config().setAutoRead(true);
            Optional<StreamRefusal> refusal = StreamRefusal.ofCode(status);
            answer.complete(
                    refusal.isPresent()
                            ? new StreamAnswer.Refused(refusal.get())
                            : failed(DialAnswer.Reason.MALFORMED, "the peer answered with unknown status " + status));
        }

        @Override
        public void missing(Throwable cause) {
            answer.complete(failed(
                    DialAnswer.Reason.ROUTE_LOST, "the stream ended before the peer answered: " + cause.getMessage()));
            QuicStreamChannel open = stream;
            if (open != null && open.isInputShutdown()) {
                open.close();
            } else if (open != null) {
                PeerSession.reset(open, GIVEN_UP);
            }
        }

        void late() {
            boolean unanswered = answer.complete(failed(
                    DialAnswer.Reason.SESSION_TIMEOUT,
                    "the peer did not answer for port " + port + " within "
                            + context.settings().streamOpen().toSeconds() + " s"));
            QuicStreamChannel open = stream;
            if (unanswered) {
                waiting.remove(this);
                if (open != null) {
                    PeerSession.reset(open, GIVEN_UP);
                }
            }
        }
    }
}
