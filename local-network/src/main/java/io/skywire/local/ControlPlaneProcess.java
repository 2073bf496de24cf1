package io.skywire.local;

import io.skywire.shared.key.PublicKey;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// One control plane in a process of its own.
final class ControlPlaneProcess {
    static final String USUAL_HEAP = "384m";

    private static final Duration READY = Duration.ofSeconds(120);
    private static final Duration ANSWER = Duration.ofSeconds(2);

    private final ChildProcess child;
    private final int httpPort;
    private final int grpcPort;
    private final Path keys;

    private ControlPlaneProcess(ChildProcess child, int httpPort, int grpcPort, Path keys) {
        this.child = child;
        this.httpPort = httpPort;
        this.grpcPort = grpcPort;
        this.keys = keys;
    }

    /// Where a control plane finds its database.
    record Database(String jdbcUrl, String user, String password) {}

    static ControlPlaneProcess start(
            Installation installation, StateDirectory state, Database database, int httpPort, int grpcPort) {
        return start("control-plane", installation, state, database, httpPort, grpcPort, USUAL_HEAP, Map.of());
    }

    /// With a name for its log, settings of its own, as `skywire.discovery.sweep-interval` → `1s`, and another limit of
    /// its heap.
    static ControlPlaneProcess start(
            String name,
            Installation installation,
            StateDirectory state,
            Database database,
            int httpPort,
            int grpcPort,
            String maxHeap,
            Map<String, String> settings) {
        Path keys = state.controlPlaneKeys();
        List<String> command =
                new ArrayList<>(installation.java("control-plane", maxHeap, EndsWithParent.class.getName()));
        // Checking signatures makes much that dies at once, and each young collection stops all cores: half of the heap
        // is
        // young, from the beginning, as a young generation does not grow before a full collection.
        command.addAll(1, List.of("-XX:NewRatio=1", "-Xms" + maxHeap));
        int classPath = command.indexOf("-cp") + 1;
        command.set(classPath, command.get(classPath) + File.pathSeparator + installation.jar("local-network"));
        command.add("io.skywire.control.ControlPlaneApplication");
        command.add("--server.port=" + httpPort);
        command.add("--spring.grpc.server.port=" + grpcPort);
        command.add("--spring.datasource.url=" + database.jdbcUrl());
        command.add("--spring.datasource.username=" + database.user());
        command.add("--skywire.keys-directory=" + keys);
        command.add("--skywire.reachability.allowed=127.0.0.0/8");
        settings.forEach((setting, value) -> command.add("--" + setting + "=" + value));
        return new ControlPlaneProcess(
                ChildProcess.start(name, command, Map.of("SPRING_DATASOURCE_PASSWORD", database.password()), state),
                httpPort,
                grpcPort,
                keys);
    }

    ChildProcess child() {
        return child;
    }

    int httpPort() {
        return httpPort;
    }

    int grpcPort() {
        return grpcPort;
    }

    URI http(String path) {
        return URI.create("http://127.0.0.1:" + httpPort + path);
    }

    /// Waits until it is ready for agents.
    void awaitReady() {
        boolean ready = Patience.until(READY, () -> {
            child.requireAlive();
            return answers("/actuator/health/readiness");
        });
        if (!ready) {
            throw new NetworkFailure(
                    "the control plane was not ready after " + READY.toSeconds() + " s; its log is " + child.log());
        }
    }

    PublicKey serviceKey() {
        return key("service.pub");
    }

    PublicKey setupKey() {
        return key("setup.pub");
    }

    private boolean answers(String path) {
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER).build()) {
            HttpRequest request =
                    HttpRequest.newBuilder(http(path)).timeout(ANSWER).build();
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private PublicKey key(String file) {
        try {
            return PublicKey.parse(Files.readString(keys.resolve(file)).strip());
        } catch (IOException | IllegalArgumentException unreadable) {
            throw new NetworkFailure("the control plane wrote no key to " + keys.resolve(file) + ": " + unreadable);
        }
    }
}
