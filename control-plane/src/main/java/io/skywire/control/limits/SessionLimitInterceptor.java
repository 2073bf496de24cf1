package io.skywire.control.limits;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.UninterruptibleBlockingStrategy;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.springframework.grpc.server.GlobalServerInterceptor;
import org.springframework.stereotype.Component;

/// Limits gRPC calls by source network, and the messages of each call in time.
///
/// A refusal is `RESOURCE_EXHAUSTED` with the wait in the trailer `grpc-retry-pushback-ms`. Messages above their rate
/// are not refused: they wait, each for a few milliseconds, and what is behind them waits in the agent's TCP window.
@Component
@GlobalServerInterceptor
final class SessionLimitInterceptor implements ServerInterceptor {
    private static final Metadata.Key<String> RETRY_AFTER_MILLIS =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);
    private static final Context.Key<Boolean> EXEMPT = Context.keyWithDefault("skywire-limits-exempt", false);

    private final SourceNetworks networks;
    private final Limits limits;
    private final LimitSettings settings;
    private final TimeMeter time;
    private final Counter delayed;

    SessionLimitInterceptor(
            SourceNetworks networks, Limits limits, LimitSettings settings, TimeMeter time, MeterRegistry meters) {
        this.networks = networks;
        this.limits = limits;
        this.settings = settings;
        this.time = time;
        this.delayed = Counter.builder("skywire.agent.messages.delayed")
                .description("agents' messages that had to wait because their session sends too many")
                .register(meters);
    }

    /// Whether the call of this thread comes from a network that is never limited.
    static boolean isExempt() {
        return EXEMPT.get();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        ServerCall<Q, A> told = new TellsTheWait<>(call);
        Optional<SourceNetwork> source = source(call);
        if (source.isEmpty()) {
            return Contexts.interceptCall(Context.current().withValue(EXEMPT, true), told, headers, next);
        }
        Optional<Duration> wait = limits.sessionsPerNetwork.take(source.get());
        if (wait.isPresent()) {
            told.close(LimitedException.status("network", wait.get()), new Metadata());
            return new ServerCall.Listener<>() {};
        }
        return new Paced<>(
                next.startCall(told, headers), TokenBuckets.bucket(settings.messagesPerSession(), time), delayed);
    }

    private Optional<SourceNetwork> source(ServerCall<?, ?> call) {
        return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress remote
                ? networks.limited(remote.getAddress())
                : networks.limited("");
    }

    private static final class TellsTheWait<Q, A> extends SimpleForwardingServerCall<Q, A> {
        TellsTheWait(ServerCall<Q, A> call) {
            super(call);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (status.getCause() instanceof LimitedException limited) {
                trailers.put(
                        RETRY_AFTER_MILLIS,
                        Long.toString(
                                Math.max(1, limited.pause().plusNanos(999_999).toMillis())));
            }
            super.close(status, trailers);
        }
    }

    private static final class Paced<Q> extends SimpleForwardingServerCallListener<Q> {
        private final Bucket bucket;
        private final Counter delayed;

        Paced(ServerCall.Listener<Q> listener, Bucket bucket, Counter delayed) {
            super(listener);
            this.bucket = bucket;
            this.delayed = delayed;
        }

        @Override
        public void onMessage(Q message) {
            if (!bucket.tryConsume(1)) {
                delayed.increment();
                bucket.asBlocking().consumeUninterruptibly(1, UninterruptibleBlockingStrategy.PARKING);
            }
            super.onMessage(message);
        }
    }
}
