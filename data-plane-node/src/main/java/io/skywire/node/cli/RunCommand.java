package io.skywire.node.cli;

import io.skywire.node.api.StatusView;
import io.skywire.node.config.ConfigException;
import io.skywire.node.config.ConfigFile;
import io.skywire.node.config.NodeConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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

    @Option(
            names = "--end-with-parent",
            description = "End when standard input ends, so that no node outlives the program that started it.")
    private boolean endWithParent;

    enum Level {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        ERROR
    }

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            description = "trace, debug, info, warn or error; default: $SKYWIRE_LOG_LEVEL, else info.")
    private @Nullable Level logLevel; // null where it was not given, as picocli has it

    @Option(names = "--json-log", description = "Log one JSON object per line.")
    private boolean jsonLog;

    RunCommand(Terminal terminal, NodeStarter starter) {
        this.terminal = terminal;
        this.starter = starter;
    }

    @Override
    public Integer call()
            throws UsageException, ConfigException, NodeStarter.StartFailedException, InterruptedException {
        setUpLogging();
        NodeConfig config = ConfigFile.forRunning(configs.only(terminal));
        NodeStarter.Running node = starter.start(config);
        Thread onSignal = new Thread(() -> endProcess(node), "node-shutdown");
        Runtime.getRuntime().addShutdownHook(onSignal);
        CountDownLatch parentGone = new CountDownLatch(1);
        if (endWithParent) {
            Thread.ofPlatform().daemon().name("node-parent").start(() -> awaitEndOfInput(parentGone));
        }
        terminal.print(readyLine(node.status()));
        try {
            parentGone.await();
        } finally {
            if (removed(onSignal)) {
                node.close();
            }
        }
        return ExitCode.HELD;
    }

    /// logback.xml reads these when the first logger is made, which is after this.
    private void setUpLogging() {
        if (logLevel != null) {
            System.setProperty("skywire.log.level", logLevel.name().toLowerCase(Locale.ROOT));
        }
        if (jsonLog) {
            System.setProperty("skywire.log.format", "json");
        }
    }

    /// A JVM that ends by a signal exits with 143 whatever its hooks do; having ended well should say 0.
    private static void endProcess(NodeStarter.Running node) {
        try {
            boolean ended = Thread.ofPlatform().daemon().start(node::close).join(CLOSE_WITHIN);
            Runtime.getRuntime().halt(ended ? ExitCode.HELD : ExitCode.DID_NOT_HOLD);
        } catch (InterruptedException hurried) {
            Runtime.getRuntime().halt(ExitCode.DID_NOT_HOLD);
        }
    }

    private void awaitEndOfInput(CountDownLatch gone) {
        try {
            byte[] ignored = new byte[256];
            while (terminal.in().read(ignored) >= 0) {
                // only the end matters
            }
        } catch (IOException closed) {
            // an input that broke has ended too
        } finally {
            gone.countDown();
        }
    }

    /// Whether the hook has not begun; otherwise it closes the node.
    private static boolean removed(Thread hook) {
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            return false;
        }
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
