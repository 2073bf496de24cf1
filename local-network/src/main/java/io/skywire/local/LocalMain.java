package io.skywire.local;

import io.skywire.local.bench.BenchCommand;
import io.skywire.local.conformance.ConformanceCommand;
import io.skywire.local.drill.DrillCommand;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The commands of `./skywire` that run things on this machine.
///
/// Exit codes: 0 held, 1 did not hold, 2 wrong use, 3 the machine lacks something.
@Command(
        name = "skywire",
        description = "A whole Skywire network on this machine.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            UpCommand.class,
            DemoCommand.class,
            ControlPlaneCommand.class,
            ConformanceCommand.class,
            DrillCommand.class,
            BenchCommand.class
        },
        mixinStandardHelpOptions = true)
final class LocalMain implements Callable<Integer> {
    static final int HELD = 0;
    static final int DID_NOT_HOLD = 1;
    static final int WRONG_USE = 2;
    static final int MACHINE_LACKS = 3;

    public static void main(String[] arguments) {
        // Not called logback.xml: this jar is on the control plane's class path too, which has logging of its own.
        System.setProperty("logback.configurationFile", "launcher-logback.xml");
        System.exit(commandLine().execute(arguments));
    }

    @Override
    public Integer call() {
        throw new WrongUse("name a command; ./skywire --help lists them");
    }

    static CommandLine commandLine() {
        return new CommandLine(new LocalMain())
                .setParameterExceptionHandler((wrong, arguments) -> {
                    say(wrong.getCommandLine(), String.valueOf(wrong.getMessage()));
                    return WRONG_USE;
                })
                .setExecutionExceptionHandler((failure, commandLine, parsed) -> {
                    if (failure instanceof MachineLacks) {
                        say(commandLine, String.valueOf(failure.getMessage()));
                        return MACHINE_LACKS;
                    }
                    if (failure instanceof WrongUse) {
                        say(commandLine, String.valueOf(failure.getMessage()));
                        return WRONG_USE;
                    }
                    if (failure instanceof NetworkFailure) {
                        say(commandLine, String.valueOf(failure.getMessage()));
                        return DID_NOT_HOLD;
                    }
                    throw failure;
                });
    }

    /// Long steps are told to a person at a terminal; the launcher knows whether there is one.
    static Progress progress() {
        return Boolean.getBoolean("skywire.terminal") ? Progress.to(System.err) : Progress.quiet();
    }

    private static void say(CommandLine commandLine, String message) {
        PrintWriter err = commandLine.getErr();
        err.println("skywire: " + message);
        err.flush();
    }
}
