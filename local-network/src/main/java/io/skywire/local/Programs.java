package io.skywire.local;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Programs of the machine, found on the PATH.
public final class Programs {
    private Programs() {}

    public static Optional<Path> find(String name) {
        String path = System.getenv().getOrDefault("PATH", "");
        for (String directory : path.split(File.pathSeparator, -1)) {
            Path program = Path.of(directory.isEmpty() ? "." : directory, name);
            if (Files.isExecutable(program) && !Files.isDirectory(program)) {
                return Optional.of(program);
            }
        }
        return Optional.empty();
    }

    static Path curl() {
        return find("curl")
                .orElseThrow(() -> new MachineLacks(
                        "curl is needed to fetch through SOCKS and is not on the PATH: install it, for example with"
                                + " apt-get install curl"));
    }
}
