package io.skywire.local;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Prometheus and promtool: those on the PATH, else Debian's, unpacked beside the other binaries. The package is not
/// installed, so no service of it ever starts and nobody needs to be root.
public record PrometheusPrograms(Path server, Path promtool) {
    private static final Duration DOWNLOAD = Duration.ofSeconds(120);
    private static final String LACKS = "Prometheus and promtool are needed and are not on the PATH: install them, for"
            + " example with apt-get install --no-install-recommends prometheus";

    /// @throws MachineLacks if there are none and none can be had
    public static PrometheusPrograms find() {
        Optional<Path> server = Programs.find("prometheus");
        Optional<Path> promtool = Programs.find("promtool");
        if (server.isPresent() && promtool.isPresent()) {
            return new PrometheusPrograms(server.get(), promtool.get());
        }
        Path directory = UpCommand.home().resolve("binaries").resolve("prometheus");
        PrometheusPrograms unpacked = in(directory);
        if (!unpacked.areThere()) {
            unpack(directory);
        }
        if (!unpacked.areThere()) {
            throw new MachineLacks(LACKS);
        }
        return unpacked;
    }

    private static PrometheusPrograms in(Path directory) {
        Path programs = directory.resolve("usr/bin");
        return new PrometheusPrograms(programs.resolve("prometheus"), programs.resolve("promtool"));
    }

    private boolean areThere() {
        return Files.isExecutable(server) && Files.isExecutable(promtool);
    }

    private static void unpack(Path directory) {
        if (Programs.find("apt-get").isEmpty() || Programs.find("dpkg-deb").isEmpty()) {
            throw new MachineLacks(LACKS);
        }
        try {
            Files.createDirectories(directory);
            List<String> download = List.of("apt-get", "download", "prometheus");
            if (!run(directory, download)) {
                run(directory, List.of("apt-get", "update")); // the lists of packages may never have been fetched
                run(directory, download);
            }
            try (DirectoryStream<Path> packages = Files.newDirectoryStream(directory, "prometheus_*.deb")) {
                for (Path one : packages) {
                    run(directory, List.of("dpkg-deb", "-x", one.toString(), directory.toString()));
                    Files.delete(one);
                }
            }
        } catch (IOException failure) {
            throw new MachineLacks(LACKS + " (" + failure.getMessage() + ")");
        }
    }

    private static boolean run(Path directory, List<String> command) {
        return ChildProcess.run(command, directory, DOWNLOAD).succeeded();
    }
}
