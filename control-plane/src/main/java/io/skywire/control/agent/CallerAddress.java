package io.skywire.control.agent;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.springframework.grpc.server.GlobalServerInterceptor;
import org.springframework.stereotype.Component;

/// Where the call of this thread comes from: the peer of its TCP connection.
@Component
@GlobalServerInterceptor
final class CallerAddress implements ServerInterceptor {
    private static final Context.Key<Optional<InetAddress>> ADDRESS =
            Context.keyWithDefault("skywire-caller-address", Optional.empty());

    /// Empty where the call came over no IP connection.
    static Optional<InetAddress> current() {
        return ADDRESS.get();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Optional<InetAddress> address =
                call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress remote
                        ? Optional.ofNullable(remote.getAddress())
                        : Optional.empty();
        return Contexts.interceptCall(Context.current().withValue(ADDRESS, address), call, headers, next);
    }
}
