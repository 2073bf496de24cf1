package io.skywire.node.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/// The `--config` option and what stands in when it is not given.
final class Configs {
    private static final Path SYSTEM_WIDE = Path.of("/etc/skywire/node.yaml");

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The node's config. May be given several times where a command only reads. Default:"
                    + " $SKYWIRE_CONFIG, else ./node.yaml, else /etc/skywire/node.yaml.")
    private List<Path> files = new ArrayList<>();

    List<Path> all(Terminal terminal) throws UsageException {
        return files.isEmpty() ? List.of(standard(terminal)) : List.copyOf(files);
    }

    Path only(Terminal terminal) throws UsageException {
        if (files.size() > 1) {
            throw new UsageException("this command is about one node: give --config once");
        }
        return all(terminal).getFirst();
    }

    private static Path standard(Terminal terminal) throws UsageException {
        String named = terminal.environment().getOrDefault("SKYWIRE_CONFIG", "");
        if (!named.isEmpty()) {
            return Path.of(named);
        }
        Path here = terminal.directory().resolve("node.yaml");
        if (Files.exists(here)) {
            return here;
        }
        if (Files.exists(SYSTEM_WIDE)) {
            return SYSTEM_WIDE;
        }
        throw new UsageException("no config: give --config FILE, set SKYWIRE_CONFIG, or write node.yaml here");
    }
}
