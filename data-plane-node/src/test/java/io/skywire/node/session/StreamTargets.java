package io.skywire.node.session;

import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.skywire.shared.key.PublicKey;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// Ports that lead to handlers; any other port is not published.
final class StreamTargets implements IncomingStreams {
    final Map<Integer, Supplier<ChannelHandler>> handlers = new ConcurrentHashMap<>();
    final Map<Integer, StreamRefusal> refusals = new ConcurrentHashMap<>();
    final Map<Integer, CompletableFuture<Verdict>> pending = new ConcurrentHashMap<>();
    final AtomicInteger abandoned = new AtomicInteger();

    @Override
    public CompletionStage<Verdict> offered(PublicKey peer, int port) {
        if (pending.containsKey(port)) {
            return pending.get(port);
        }
        Supplier<ChannelHandler> handler = handlers.get(port);
        return CompletableFuture.completedFuture(
                handler == null
                        ? new Verdict.Refuse(refusals.getOrDefault(port, StreamRefusal.NOT_PUBLISHED))
                        : take(handler));
    }

    Verdict take(Supplier<ChannelHandler> handler) {
        return new Verdict.Take(new Target() {
            @Override
            public void join(QuicStreamChannel stream) {
                stream.pipeline().addLast(handler.get());
                stream.config().setAutoRead(true);
            }

            @Override
            public void abandon() {
                abandoned.incrementAndGet();
            }
        });
    }
}
