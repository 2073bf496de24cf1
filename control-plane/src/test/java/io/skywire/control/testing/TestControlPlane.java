package io.skywire.control.testing;

import io.skywire.control.ControlPlaneApplication;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerStartedEvent;

/// The whole application in this JVM, with its real servers on free loopback ports.
public final class TestControlPlane implements AutoCloseable {
    private final ConfigurableApplicationContext context;
    private final AtomicInteger grpcPort;

    private TestControlPlane(ConfigurableApplicationContext context, AtomicInteger grpcPort) {
        this.context = context;
        this.grpcPort = grpcPort;
    }

    /// @param beans more configuration classes, for example a gRPC service that only a test has
    public static TestControlPlane start(String jdbcUrl, Path keys, Map<String, String> settings, Class<?>... beans) {
        List<Class<?>> sources = new ArrayList<>(List.of(beans));
        sources.add(ControlPlaneApplication.class);
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--spring.grpc.server.port=0",
                "--spring.datasource.url=" + jdbcUrl,
                "--skywire.keys-directory=" + keys));
        settings.forEach((key, value) -> arguments.add("--" + key + "=" + value));
        AtomicInteger grpcPort = new AtomicInteger();
        ApplicationListener<GrpcServerStartedEvent> started = event -> grpcPort.set(event.getPort());
        return new TestControlPlane(
                new SpringApplicationBuilder(sources.toArray(Class<?>[]::new))
                        .initializers(context -> context.addApplicationListener(started))
                        .run(arguments.toArray(String[]::new)),
                grpcPort);
    }

    public <T> T room(Class<T> face) {
        return context.getBean(face);
    }

    public int httpPort() {
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    /// 0 if no gRPC service is there: then Spring starts no gRPC server.
    public int grpcPort() {
        return grpcPort.get();
    }

    @Override
    public void close() {
        context.close();
    }
}
