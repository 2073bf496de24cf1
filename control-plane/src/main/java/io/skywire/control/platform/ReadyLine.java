package io.skywire.control.platform;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.grpc.server.lifecycle.GrpcServerStartedEvent;
import org.springframework.stereotype.Component;

/// Says in one line that this replica works, where it listens and which keys agents must trust.
@Component
final class ReadyLine {
    private static final Logger LOG = LoggerFactory.getLogger(ReadyLine.class);

    private final ServiceKeys keys;
    private final String httpAddress;
    private final AtomicReference<String> http = new AtomicReference<>("none");
    private final AtomicReference<String> grpc = new AtomicReference<>("none");

    ReadyLine(ServiceKeys keys, Environment environment) {
        this.keys = keys;
        this.httpAddress = environment.getProperty("server.address", "0.0.0.0");
    }

    @EventListener
    void webServerStarted(WebServerInitializedEvent event) {
        http.set(httpAddress + ":" + event.getWebServer().getPort());
    }

    @EventListener
    void grpcServerStarted(GrpcServerStartedEvent event) {
        for (SocketAddress socket : event.getServer().getListenSockets()) {
            if (socket instanceof InetSocketAddress address) {
                grpc.set(address.getAddress().getHostAddress() + ":" + address.getPort());
            }
        }
    }

    @EventListener(ApplicationReadyEvent.class)
    void ready() {
        LOG.info(
                "ready http={} grpc={} service_key={} setup_key={}",
                http,
                grpc,
                keys.service().publicKey().hex(),
                keys.setup().publicKey().hex());
    }
}
