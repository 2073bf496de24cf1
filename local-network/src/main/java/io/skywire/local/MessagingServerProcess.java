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

/// One messaging server in a process of its own, behind a [Tap] at which its clients dial it.
record MessagingServerProcess(PublicKey key, ChildProcess child, Tap tap, int metrics) {
    private static final String MAIN = "io.skywire.node.cli.NodeMain";
    private static final Duration READY = Duration.ofSeconds(60);

    static MessagingServerProcess start(
            Installation installation,
            StateDirectory state,
            String name,
            PortBook ports,
            URI discovery,
            RandomGenerator random) {
        Path directory = state.node(name);
        NodeConfig.makeDirectory(directory);
        PublicKey key = KeyFile.adopt(directory.resolve("relay.key"), random).publicKey();
        int listen = ports.port(name + ".listen");
        int dialled = ports.port(name + ".dialled");
        int metrics = ports.port(name + ".metrics");
        Path config = directory.resolve("relay.yaml");
        try {
            Files.writeString(config, """
                    # Written by local-network at every start; see docs/architecture.md.
                    key_file: relay.key
                    listen: %s
                    address: %s
                    discovery: %s
                    metrics: %s
                    event_loops: 1
                    """.formatted(
                            NodeConfig.loopback(listen),
                            NodeConfig.loopback(dialled),
                            discovery,
                            NodeConfig.loopback(metrics)));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        List<String> command = new ArrayList<>(installation.java("data-plane-node", "256m", MAIN));
        command.addAll(List.of("relay", "--config", config.toString()));
        Tap tap = new Tap(dialled, listen);
        tap.open();
        return new MessagingServerProcess(key, ChildProcess.start(name, command, state), tap, metrics);
    }

    void awaitReady() {
        boolean ready = Patience.until(READY, () -> {
            child.requireAlive();
            return child.lines().stream().anyMatch(line -> line.startsWith("ready relay="));
        });
        if (!ready) {
            throw new NetworkFailure(
                    "a messaging server was not ready after " + READY.toSeconds() + " s; its log is " + child.log());
        }
    }
}
