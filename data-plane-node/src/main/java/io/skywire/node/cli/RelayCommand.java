package io.skywire.node.cli;

import io.skywire.node.config.ConfigException;
import io.skywire.node.config.RelayConfig;
import io.skywire.node.config.RelayConfigFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Runs a messaging server in the foreground until it is told to end.
@Command(
        name = "relay",
        mixinStandardHelpOptions = true,
        description = "Runs a messaging server in the foreground: relays sealed letters between nodes that cannot reach"
                + " each other. Prints one line when it is ready; logs go to standard error. SIGTERM and SIGINT drain it:"
                + " clients are told to move, and it ends when they have left or drain_seconds are over.")
final class RelayCommand implements Callable<Integer> {
    private static final Duration BESIDES_DRAINING = Duration.ofSeconds(30);

    private final Terminal terminal;
    private final RelayStarter starter;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            required = true,
            description = "The server's config; docs/configuration.md explains it.")
    private Path config = Path.of("");

    @Mixin
    private Foreground foreground = new Foreground();

    RelayCommand(Terminal terminal, RelayStarter starter) {
        this.terminal = terminal;
        this.starter = starter;
    }

    @Override
    public Integer call() throws ConfigException, NodeStarter.StartFailedException, InterruptedException {
        foreground.setUpLogging();
        RelayConfig read = RelayConfigFile.forRunning(config);
        RelayStarter.Running server = starter.start(read);
        foreground.stay(
                terminal, server.readyLine(), server::close, read.drain().plus(BESIDES_DRAINING));
        return ExitCode.HELD;
    }
}
