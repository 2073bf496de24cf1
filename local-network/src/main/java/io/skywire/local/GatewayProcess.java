package io.skywire.local;

import io.skywire.shared.key.PublicKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// The gateway in a process of its own: it leads nodes that reach only messaging servers to the control plane.
record GatewayProcess(PublicKey key, ChildProcess child, int metrics) {
    private static final String MAIN = "io.skywire.node.cli.NodeMain";
    private static final String NAME = "gateway";
    private static final Duration READY = Duration.ofSeconds(60);

    static GatewayProcess start(
            Installation installation,
            StateDirectory state,
            PortBook ports,
            ControlPlaneProcess controlPlane,
            URI discovery,
            RandomGenerator random) {
        Path directory = state.node(NAME);
        NodeConfig.makeDirectory(directory);
        PublicKey key = KeyFile.adopt(directory.resolve("gateway.key"), random).publicKey();
        int metrics = ports.port(NAME + ".metrics");
        Path config = directory.resolve("gateway.yaml");
        try {
            Files.writeString(config, """
                    # Written by local-network at every start; see docs/operations/gateway.md.
                    key_file: gateway.key
                    discovery: %s
                    control_plane: %s
                    metrics: %s
                    event_loops: 1
                    """.formatted(
                            discovery, NodeConfig.loopback(controlPlane.grpcPort()), NodeConfig.loopback(metrics)));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        List<String> command = new ArrayList<>(installation.java("data-plane-node", "256m", MAIN));
        command.addAll(List.of("gateway", "--config", config.toString()));
        return new GatewayProcess(key, ChildProcess.start(NAME, command, state), metrics);
    }

    void awaitReady() {
        boolean ready = Patience.until(READY, () -> {
            child.requireAlive();
            return child.lines().stream().anyMatch(line -> line.startsWith("ready gateway="));
        });
        if (!ready) {
            throw new NetworkFailure(
                    "the gateway was not ready after " + READY.toSeconds() + " s; its log is " + child.log());
        }
    }
}
