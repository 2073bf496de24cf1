package io.skywire.node.config;

import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Reads a gateway's YAML file, once, and tells everything that is wrong with it at once. Paths in it are relative to
/// its directory.
public final class GatewayConfigFile {
    private static final int DEFAULT_SERVERS = 2;
    private static final int MOST_SERVERS = 8;
    private static final int DEFAULT_CAPACITY = 1000;
    private static final int MOST_CAPACITY = 100_000;
    private static final int DEFAULT_PER_KEY = 3;
    private static final int DEFAULT_IDLE_SECONDS = 120;
    private static final int MOST_IDLE_SECONDS = 3600;
    private static final int MOST_EVENT_LOOPS = 256;
    private static final int DEFAULT_LOOPS = 4;

    private final Path file;
    private final Path directory;
    private final Problems problems;

    private GatewayConfigFile(Path file) {
        this.file = file.toAbsolutePath().normalize();
        Path parent = this.file.getParent();
        this.directory = parent == null ? this.file : parent;
        this.problems = new Problems(file.toString());
    }

    /// Also checks the key file and its mode.
    public static GatewayConfig forRunning(Path file) throws ConfigException {
        GatewayConfigFile reading = new GatewayConfigFile(file);
        Section root = ConfigText.open(reading.file, reading.problems);
        Optional<GatewayConfig> config = reading.read(root);
        reading.problems.throwIfAny();
        return config.orElseThrow();
    }

    /// Nothing comes back only where a problem was told.
    private Optional<GatewayConfig> read(Section root) {
        Optional<Path> keyFile = root.required("key_file", "the path of the gateway's key file", this::path);
        keyFile.ifPresent(there -> requireKey(root, there));
        Optional<URI> discovery = root.required("discovery", "the URL of a messaging discovery", DiscoveryUrl::parse);
        int servers = number(root, "servers", 1, MOST_SERVERS, DEFAULT_SERVERS);
        Optional<HostPort> controlPlane = root.required(
                "control_plane", "host:port of the control plane's agent port", GatewayConfigFile::remote);
        Optional<HostPort> metrics = root.value("metrics", HostPort::parse);
        int capacity = number(root, "capacity", 1, MOST_CAPACITY, DEFAULT_CAPACITY);
        int perKey = number(root, "capacity_per_key", 1, MOST_CAPACITY, DEFAULT_PER_KEY);
        int idle = number(root, "idle_seconds", 1, MOST_IDLE_SECONDS, DEFAULT_IDLE_SECONDS);
        int eventLoops = number(
                root,
                "event_loops",
                1,
                MOST_EVENT_LOOPS,
                Math.min(Runtime.getRuntime().availableProcessors(), DEFAULT_LOOPS));
        root.close();
        return keyFile.flatMap(key -> discovery.flatMap(directory -> controlPlane.map(target -> new GatewayConfig(
                file,
                key,
                new NodeConfig.Messaging(directory, servers),
                target,
                metrics,
                capacity,
                perKey,
                Duration.ofSeconds(idle),
                eventLoops))));
    }

    private static int number(Section root, String key, int lowest, int highest, int otherwise) {
        return root.value(key, text -> Numbers.parse(text, key, lowest, highest))
                .orElse(otherwise);
    }

    private static void requireKey(Section root, Path keyFile) {
        try {
            KeyFile.read(keyFile);
        } catch (KeyFileException unusable) {
            root.problem("key_file", String.valueOf(unusable.getMessage()));
        }
    }

    private static HostPort remote(String text) {
        HostPort address = HostPort.parse(text);
        if (address.port() == 0) {
            throw new IllegalArgumentException("a port lies between 1 and 65535, not 0");
        }
        return address;
    }

    private Path path(String text) {
        try {
            return directory.resolve(text).normalize();
        } catch (InvalidPathException invalid) {
            throw new IllegalArgumentException("not a path: " + invalid.getReason(), invalid);
        }
    }
}
