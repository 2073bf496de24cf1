package io.skywire.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Fetches with the machine's own `curl` through a SOCKS5 door, as an application of the network would.
final class Curl {
    private static final String WROTE = "%{http_code} %{size_download} %{time_pretransfer} %{time_total}";
    private static final int PROXY_REFUSED = 97;

    private final Path program;

    Curl(Path program) {
        this.program = program;
    }

    /// How one fetch ended.
    sealed interface Fetch {
        /// @param connect from the start until the server could be asked: the route and the session are up then
        record Fetched(long bytes, Duration connect, Duration transfer) implements Fetch {}

        /// The door said no; nothing was transferred.
        record Refused(String why) implements Fetch {}

        record Failed(String why) implements Fetch {}
    }

    Fetch fetch(int socksPort, String url, Path target, Duration limit) {
        ChildProcess.Outcome outcome = ChildProcess.run(
                List.of(
                        program.toString(),
                        "--silent",
                        "--show-error",
                        "--fail",
                        "--noproxy",
                        "",
                        "--max-time",
                        String.valueOf(limit.toSeconds()),
                        "--socks5-hostname",
                        NodeConfig.loopback(socksPort),
                        "--output",
                        target.toString(),
                        "--write-out",
                        WROTE,
                        url),
                Path.of("/"),
                limit.plusSeconds(5));
        if (outcome.code() == PROXY_REFUSED) {
            return new Fetch.Refused(outcome.err());
        }
        if (!outcome.succeeded()) {
            return new Fetch.Failed("curl ended with code " + outcome.code() + ": " + outcome.err());
        }
        String[] wrote = outcome.out().split(" ", -1);
        Duration connect = seconds(wrote[2]);
        return new Fetch.Fetched(sizeOf(target), connect, seconds(wrote[3]).minus(connect));
    }

    private static Duration seconds(String text) {
        return Duration.ofNanos(Math.round(Double.parseDouble(text) * 1e9));
    }

    private static long sizeOf(Path file) {
        try {
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
