package io.skywire.node.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What every program that stays in the foreground shares: its options, and how it ends.
final class Foreground {
    @Option(
            names = "--end-with-parent",
            description = "End when standard input ends, so that nothing outlives the program that started it.")
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

    /// [Logging] reads these when the first logger is made, which is after this.
    void setUpLogging() {
        if (logLevel != null) {
            System.setProperty(Logging.LEVEL, logLevel.name().toLowerCase(Locale.ROOT));
        }
        if (jsonLog) {
            System.setProperty(Logging.FORMAT, Logging.JSON);
        }
    }

    /// Prints the line that says it is ready, waits for a signal or the parent's end, and ends it.
    ///
    /// @param end does nothing when it is called again
    /// @param endWithin after which an end by a signal counts as failed
    void stay(Terminal terminal, String readyLine, Runnable end, Duration endWithin) throws InterruptedException {
        Thread onSignal = new Thread(() -> endProcess(end, endWithin), "ends-on-signal");
        Runtime.getRuntime().addShutdownHook(onSignal);
        CountDownLatch parentGone = new CountDownLatch(1);
        if (endWithParent) {
            Thread.ofPlatform().daemon().name("watches-parent").start(() -> awaitEndOfInput(terminal, parentGone));
        }
        terminal.print(readyLine);
        try {
            parentGone.await();
        } finally {
            if (removed(onSignal)) {
                end.run();
            }
        }
    }

    /// A JVM that ends by a signal exits with 143 whatever its hooks do; having ended well should say 0.
    private static void endProcess(Runnable end, Duration within) {
        try {
            boolean ended = Thread.ofPlatform().daemon().start(end).join(within);
            Runtime.getRuntime().halt(ended ? ExitCode.HELD : ExitCode.DID_NOT_HOLD);
        } catch (InterruptedException hurried) {
            Runtime.getRuntime().halt(ExitCode.DID_NOT_HOLD);
        }
    }

    private static void awaitEndOfInput(Terminal terminal, CountDownLatch gone) {
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

    /// Whether the hook has not begun; otherwise it ends the program.
    private static boolean removed(Thread hook) {
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            return false;
        }
    }
}
