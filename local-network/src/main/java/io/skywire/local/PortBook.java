package io.skywire.local;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// The loopback ports of a local network: chosen once, kept in a file, chosen anew only if somebody else has taken one.
///
/// Ports lie below the range from which systems give out ports by themselves, so that a connection of some browser does
/// not sit on ours after a pause.
final class PortBook {
    private static final int FIRST = 20_000;
    private static final int COUNT = 10_000;
    private static final int ATTEMPTS = 2_000;

    private final Path file;
    private final RandomGenerator random;
    private final Properties ports = new Properties();
    private final Set<Integer> taken = new HashSet<>();
    private final Map<String, Integer> given = new HashMap<>();

    private PortBook(Path file, RandomGenerator random) {
        this.file = file;
        this.random = random;
    }

    static PortBook open(Path file, RandomGenerator random) {
        PortBook book = new PortBook(file, random);
        if (Files.exists(file)) {
            try (Reader reader = Files.newBufferedReader(file)) {
                book.ports.load(reader);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
        return book;
    }

    /// The port of `use`, free when it is asked for first; the same from then on, for what is started again.
    int port(String use) {
        return given.computeIfAbsent(use, this::give);
    }

    private int give(String use) {
        int kept = kept(use);
        int port = kept > 0 && !taken.contains(kept) && isFree(kept) ? kept : choose();
        taken.add(port);
        if (port != kept) {
            ports.setProperty(use, String.valueOf(port));
            save();
        }
        return port;
    }

    /// A port that the user asked for.
    ///
    /// @throws MachineLacks if somebody else listens there
    static int require(int port, String what) {
        if (!isFree(port)) {
            throw new MachineLacks("port " + port + " of 127.0.0.1 for " + what + " is in use: end what listens there"
                    + " or name another port");
        }
        return port;
    }

    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException inUse) {
            return false;
        }
    }

    private int kept(String use) {
        try {
            return Integer.parseInt(ports.getProperty(use, "0"));
        } catch (NumberFormatException damaged) {
            return 0;
        }
    }

    private int choose() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = FIRST + random.nextInt(COUNT);
            if (!taken.contains(port) && !ports.containsValue(String.valueOf(port)) && isFree(port)) {
                return port;
            }
        }
        throw new MachineLacks("no free port between " + FIRST + " and " + (FIRST + COUNT - 1) + " on 127.0.0.1");
    }

    private void save() {
        StringBuilder text = new StringBuilder("# loopback ports of this local network\n");
        new TreeMap<>(ports)
                .forEach(
                        (use, port) -> text.append(use).append('=').append(port).append('\n'));
        try (Writer writer = Files.newBufferedWriter(file)) {
            writer.write(text.toString());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
