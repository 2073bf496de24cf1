package io.skywire.node.session;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.concurrent.Future;
import io.skywire.shared.rule.RouteEnd;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One stream that the peer has opened: reads its header, asks who takes it, answers. Confined to the session's event
/// loop.
final class IncomingStream implements FirstBytes.Taker {
    /// Error code of streams that break the rules.
    private static final int MALFORMED = 1;

    private static final Logger log = LoggerFactory.getLogger(IncomingStream.class);

    private final PeerSession session;
    private final QuicStreamChannel stream;
    private final SessionContext context;
    private @Nullable Future<?> deadline;
    private boolean decided;

    IncomingStream(PeerSession session, QuicStreamChannel stream, SessionContext context) {
        this.session = session;
        this.stream = stream;
        this.context = context;
    }

    void begin() {
        StreamUrgency.first(stream);
        stream.pipeline().addLast(new FirstBytes(StreamHeader.LENGTH, this));
        deadline = stream.eventLoop()
                .schedule(this::late, context.settings().streamOpen().toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void taken(ByteBuf header) {
        int version = header.readUnsignedByte();
        int kind = header.readUnsignedByte();
        int port = header.readUnsignedShort();
        if (version != StreamHeader.VERSION) {
            reset();
        } else if (kind == StreamHeader.CONTROL) {
            settled();
            session.control(stream);
        } else if (kind != StreamHeader.CONNECT) {
            reset();
        } else if (!session.isUp() && session.path().end() == RouteEnd.RESPONDER) {
            session.end(SessionEnd.Kind.PROTOCOL, "a stream before the session was accepted");
        } else {
            session.counted(stream);
            offer(port);
        }
    }

    private void offer(int port) {
        if (port == 0) {
            refuse(StreamRefusal.NOT_PUBLISHED);
            return;
        }
        context.incoming().offered(session.peer(), port).whenComplete((verdict, failure) -> {
            try {
                stream.eventLoop().execute(() -> decide(verdict, failure));
            } catch (RejectedExecutionException ending) {
                if (verdict instanceof IncomingStreams.Verdict.Take take) {
                    take.target().abandon();
                }
            }
        });
    }

    private void decide(IncomingStreams.@Nullable Verdict verdict, @Nullable Throwable failure) {
        switch (verdict) {
            case null -> {
                if (!decided) {
                    log.warn(
                            "a stream of {} could not be decided",
                            session.peer().shortHex(),
                            failure);
                    refuse(StreamRefusal.TARGET_REFUSED);
                }
            }
            case IncomingStreams.Verdict.Refuse refused -> {
                if (!decided) {
                    refuse(refused.refusal());
                }
            }
            case IncomingStreams.Verdict.Take take -> {
                if (decided || !stream.isActive()) {
                    settled();
                    take.target().abandon();
                } else {
                    settled();
                    context.counters().streamsAccepted.increment();
                    stream.writeAndFlush(stream.alloc().directBuffer(1).writeByte(StreamRefusal.OK));
                    stream.pipeline()
                            .addLast(new StreamChunks(context.settings().streamAbort()));
                    take.target().join(stream);
                }
            }
        }
    }

    private void refuse(StreamRefusal refusal) {
        settled();
        context.counters().streamsRefused.increment();
        stream.writeAndFlush(
                new DefaultQuicStreamFrame(stream.alloc().directBuffer(1).writeByte(refusal.code()), true));
        // The peer answers with its end; reading to it lets QUIC forget the stream.
        stream.config().setAutoRead(true);
    }

    @Override
    public void missing(Throwable cause) {
        if (stream.isInputShutdown()) {
            settled();
            stream.close();
        } else {
            reset();
        }
    }

    private void late() {
        if (!decided) {
            reset();
        }
    }

    private void reset() {
        settled();
        PeerSession.reset(stream, MALFORMED);
    }

    private void settled() {
        decided = true;
        Future<?> pending = deadline;
        if (pending != null) {
            pending.cancel(false);
        }
    }
}
