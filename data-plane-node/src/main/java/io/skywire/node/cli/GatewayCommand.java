package io.skywire.node.cli;

import io.skywire.node.config.ConfigException;
import io.skywire.node.config.GatewayConfig;
import io.skywire.node.config.GatewayConfigFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Runs a gateway in the foreground until it is told to end.
@Command(
        name = "gateway",
        mixinStandardHelpOptions = true,
        description = "Runs a gateway in the foreground: nodes that cannot reach the control plane pull their rules"
                + " through it, over messaging servers. Prints one line when it is ready; logs go to standard error."
                + " SIGTERM and SIGINT end it.")
final class GatewayCommand implements Callable<Integer> {
    private static final Duration TO_CLOSE = Duration.ofSeconds(30);

    private final Terminal terminal;
    private final GatewayStarter starter;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            required = true,
            description = "The gateway's config; docs/configuration.md explains it.")
    private Path config = Path.of("");

    @Mixin
    private Foreground foreground = new Foreground();

    GatewayCommand(Terminal terminal, GatewayStarter starter) {
        this.terminal = terminal;
        this.starter = starter;
    }

    @Override
    public Integer call() throws ConfigException, NodeStarter.StartFailedException, InterruptedException {
        foreground.setUpLogging();
        GatewayConfig read = GatewayConfigFile.forRunning(config);
        GatewayStarter.Running gateway = starter.start(read);
        foreground.stay(terminal, gateway.readyLine(), gateway::close, TO_CLOSE);
        return ExitCode.HELD;
    }
}
