package io.skywire.node.cli;

import io.skywire.node.api.StatusView;
import io.skywire.node.config.ConfigException;
import io.skywire.node.config.ConfigFile;
import io.skywire.node.config.NodeConfig;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Runs a node in the foreground until it is told to end.
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Runs the node in the foreground. Prints one line when it is ready; logs go to standard error."
                + " SIGTERM and SIGINT end it.")
final class RunCommand implements Callable<Integer> {
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(20);

    private final Terminal terminal;
    private final NodeStarter starter;

    @Mixin
    private Configs configs = new Configs();

    @Mixin
    private Foreground foreground = new Foreground();

    RunCommand(Terminal terminal, NodeStarter starter) {
        this.terminal = terminal;
        this.starter = starter;
    }

    @Override
    public Integer call()
            throws UsageException, ConfigException, NodeStarter.StartFailedException, InterruptedException {
        foreground.setUpLogging();
        NodeConfig config = ConfigFile.forRunning(configs.only(terminal));
        NodeStarter.Running node = starter.start(config);
        foreground.stay(terminal, readyLine(node.status()), node::close, CLOSE_WITHIN);
        return ExitCode.HELD;
    }

    private static String readyLine(StatusView status) {
        StringBuilder line = new StringBuilder("ready node=")
                .append(status.node().hex())
                .append(" name=")
                .append(status.name());
        status.listen().ifPresent(address -> line.append(" listen=").append(address));
        status.doors().socks().ifPresent(address -> line.append(" socks=").append(address));
        status.doors()
                .httpConnect()
                .ifPresent(address -> line.append(" http_connect=").append(address));
        status.doors().metrics().ifPresent(address -> line.append(" metrics=").append(address));
        return line.append(" api=").append(status.doors().apiSocket()).toString();
    }
}
