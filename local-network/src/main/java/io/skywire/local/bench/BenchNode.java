package io.skywire.local.bench;

import io.skywire.local.ChildProcess;
import io.skywire.local.Installation;
import io.skywire.local.KeyFile;
import io.skywire.local.RunHome;
import io.skywire.shared.key.PublicKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A node of a benchmark in a process of its own, as packaged, with a configuration of the benchmark's.
///
/// @param listen the port at which other nodes dial it
/// @param metrics that of its metrics
record BenchNode(PublicKey key, int listen, int metrics, ChildProcess process) {
    private static final String HEAP = "512m";
    private static final Duration READY = Duration.ofSeconds(60);

    /// The control plane that a node obeys.
    record Obeys(int port, PublicKey serviceKey, PublicKey setupKey) {}

    /// The key of a node or a neighbour of that name in this run.
    static PublicKey key(RunHome home, String name) {
        return KeyFile.adopt(home.scratch().resolve(name + ".key"), new SecureRandom())
                .publicKey();
    }

    /// Where a node runs.
    ///
    /// @param prefix what puts its process there, before its command; may be empty
    /// @param address at which other nodes dial it
    record Place(List<String> prefix, String address) {}

    /// Returns when the node is ready.
    ///
    /// @param pinning what puts it on some cores; may be empty
    /// @param more lines of its configuration beside those that every node has
    static BenchNode start(
            String name,
            List<String> pinning,
            Obeys obeys,
            String more,
            Installation installation,
            RunHome home,
            List<ChildProcess> children) {
        return start(name, new Place(pinning, "127.0.0.1"), obeys, more, installation, home, children);
    }

    /// The same elsewhere.
    static BenchNode start(
            String name,
            Place place,
            Obeys obeys,
            String more,
            Installation installation,
            RunHome home,
            List<ChildProcess> children) {
        Path directory = home.scratch();
        PublicKey key = key(home, name);
        Path config = directory.resolve(name + ".yaml");
        try {
            Files.createDirectories(directory.resolve(name));
            Files.writeString(
                    config,
                    """
                    key_file: %1$s.key
                    state_dir: %1$s
                    listen: %6$s:0
                    control_planes:
                      - address: 127.0.0.1:%2$d
                        tls: off
                    service_keys: [%3$s]
                    setup_keys: [%4$s]
                    metrics: 127.0.0.1:0
                    api_socket: /tmp/skywire-bench-%5$d-%1$s.sock
                    """.formatted(
                                            name,
                                            obeys.port(),
                                            obeys.serviceKey().hex(),
                                            obeys.setupKey().hex(),
                                            ProcessHandle.current().pid(),
                                            place.address())
                            + more);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        List<String> command = new ArrayList<>(place.prefix());
        command.addAll(installation.java("data-plane-node", HEAP, "io.skywire.node.cli.NodeMain"));
        command.addAll(List.of("run", "--end-with-parent", "--config", config.toString()));
        ChildProcess process = ChildProcess.start(name, command, home);
        children.add(process);
        String ready = Lines.await(process, line -> line.startsWith("ready node=" + key.hex()), READY);
        return new BenchNode(key, port(ready, "listen"), port(ready, "metrics"), process);
    }

    private static int port(String ready, String door) {
        return Integer.parseInt(ready.replaceAll(".* " + door + "=[^ ]*:(\\d+).*", "$1"));
    }

    /// A port of loopback that is free now, for something that must be told its port.
    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
