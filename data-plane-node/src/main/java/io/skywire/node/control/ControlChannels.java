package io.skywire.node.control;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/// Opens the connection to a control plane.
final class ControlChannels {
    private static final int MAX_MESSAGE = 4 * 1024 * 1024;

    private ControlChannels() {}

    /// @throws IOException if the authority's certificate cannot be read
    static ManagedChannel open(ControlSettings.Endpoint endpoint) throws IOException {
        return built(NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port()), endpoint);
    }

    /// A connection to `lane` at whose end that control plane is: TLS runs from here to there.
    ///
    /// @throws IOException if the authority's certificate cannot be read
    static ManagedChannel through(InetSocketAddress lane, ControlSettings.Endpoint endpoint) throws IOException {
        return built(
                NettyChannelBuilder.forAddress(lane)
                        .overrideAuthority(authority(endpoint))
                        .proxyDetector(never -> null),
                endpoint);
    }

    private static String authority(ControlSettings.Endpoint endpoint) {
        String host = endpoint.host();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + endpoint.port();
    }

    private static ManagedChannel built(NettyChannelBuilder bare, ControlSettings.Endpoint endpoint)
            throws IOException {
        NettyChannelBuilder builder = bare.maxInboundMessageSize(MAX_MESSAGE)
                .keepAliveTime(20, TimeUnit.SECONDS)
                .keepAliveTimeout(10, TimeUnit.SECONDS)
                .disableRetry();
        switch (endpoint.tls()) {
            case ControlSettings.Tls.Off off -> builder.usePlaintext();
            case ControlSettings.Tls.SystemTrust system -> builder.useTransportSecurity();
            case ControlSettings.Tls.Authority authority ->
                builder.sslContext(GrpcSslContexts.forClient()
                        .trustManager(authority.certificate().toFile())
                        .build());
        }
        return builder.build();
    }
}
