package io.skywire.node.config;

import io.skywire.node.config.RelayConfig.Rate;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Reads a messaging server's YAML file, once, and tells everything that is wrong with it at once. Paths in it are
/// relative to its directory.
public final class RelayConfigFile {
    private static final HostPort DEFAULT_LISTEN = new HostPort("127.0.0.1", 7780);
    private static final int DEFAULT_CAPACITY = 10_000;
    private static final int MOST_CAPACITY = 1_000_000;
    private static final int NETWORK_SHARE = 10;
    private static final int DEFAULT_MEMORY_MIB = 256;
    private static final int DEFAULT_SOCKET_MEMORY_MIB = 128;
    private static final int MOST_MIB = 1 << 20;
    private static final int LEAST_BYTES_PER_SECOND = 65_536;
    private static final int DEFAULT_DRAIN_SECONDS = 30;
    private static final int MOST_DRAIN_SECONDS = 3_600;
    private static final int MOST_EVENT_LOOPS = 256;
    private static final int DEFAULT_LOOPS = 4;

    private final Path file;
    private final Path directory;
    private final Problems problems;

    private RelayConfigFile(Path file) {
        this.file = file.toAbsolutePath().normalize();
        Path parent = this.file.getParent();
        this.directory = parent == null ? this.file : parent;
        this.problems = new Problems(file.toString());
    }

    /// Also checks the key file and its mode.
    public static RelayConfig forRunning(Path file) throws ConfigException {
        RelayConfigFile reading = new RelayConfigFile(file);
        Section root = ConfigText.open(reading.file, reading.problems);
        Optional<RelayConfig> config = reading.read(root);
        reading.problems.throwIfAny();
        return config.orElseThrow();
    }

    /// Nothing comes back only where a problem was told.
    private Optional<RelayConfig> read(Section root) {
        Optional<Path> keyFile = root.required("key_file", "the path of the server's key file", this::path);
        keyFile.ifPresent(there -> requireKey(root, there));
        HostPort listen = root.value("listen", HostPort::parse).orElse(DEFAULT_LISTEN);
        Optional<HostPort> address = root.value("address", RelayConfigFile::remote);
        Optional<URI> discovery = root.value("discovery", DiscoveryUrl::parse);
        if (discovery.isPresent() && root.missing("address")) {
            root.problem("address", "missing; clients that find this server in the discovery dial host:port");
        }
        Optional<HostPort> metrics = root.value("metrics", HostPort::parse);
        if (metrics.isPresent() && metrics.get().equals(listen) && listen.port() != 0) {
            root.problem("metrics", listen + " is used by listen already");
        }
        int capacity = number(root, "capacity", 1, MOST_CAPACITY, DEFAULT_CAPACITY);
        int perNetwork = number(root, "capacity_per_network", 1, MOST_CAPACITY, Math.max(1, capacity / NETWORK_SHARE));
        Optional<Integer> letters =
                root.value("letters_per_second", text -> Numbers.parse(text, "letters_per_second", 1, 1_000_000_000));
        Optional<Integer> bytes = root.value(
                "bytes_per_second",
                text -> Numbers.parse(text, "bytes_per_second", LEAST_BYTES_PER_SECOND, Integer.MAX_VALUE));
        int memory = number(root, "memory_mib", 1, MOST_MIB, DEFAULT_MEMORY_MIB);
        int socketMemory = number(root, "socket_memory_mib", 1, MOST_MIB, DEFAULT_SOCKET_MEMORY_MIB);
        int eventLoops = number(
                root,
                "event_loops",
                1,
                MOST_EVENT_LOOPS,
                Math.min(Runtime.getRuntime().availableProcessors(), DEFAULT_LOOPS));
        int drain = number(root, "drain_seconds", 0, MOST_DRAIN_SECONDS, DEFAULT_DRAIN_SECONDS);
        root.close();
        Optional<Rate> rate = letters.isEmpty() && bytes.isEmpty()
                ? Optional.empty()
                : Optional.of(new Rate(letters.orElse(Integer.MAX_VALUE), bytes.orElse(Integer.MAX_VALUE)));
        return keyFile.map(key -> new RelayConfig(
                file,
                key,
                listen,
                address.orElse(listen),
                discovery,
                metrics,
                capacity,
                perNetwork,
                rate,
                (long) memory << 20,
                (long) socketMemory << 20,
                eventLoops,
                Duration.ofSeconds(drain)));
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
