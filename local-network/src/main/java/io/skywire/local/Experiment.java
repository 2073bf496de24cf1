package io.skywire.local;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// One drill or one benchmark as a command: runs in a state directory of its own, prints a [Report], and its exit code
/// says whether all held.
@Command(mixinStandardHelpOptions = true)
public abstract class Experiment implements Callable<Integer> {
    private static final long ROOM = 1L << 30;

    @Option(names = "--json", description = "one JSON object on standard output and nothing else there")
    private boolean json;

    @Option(
            names = "--plot",
            paramLabel = "FILE",
            description = "draws the figures beside what is wanted of them, as a PNG")
    private @Nullable Path plot;

    @Spec
    private @Nullable CommandSpec spec;

    /// Does the work. What it starts it ends before it returns, also when it fails; `home.endOnSignal` says what Ctrl-C
    /// ends.
    ///
    /// @param progress tells a person at a terminal which long step is being done
    protected abstract Report run(RunHome home, Progress progress);

    @Override
    public final Integer call() {
        CommandSpec command = spec;
        if (command == null) {
            throw new IllegalStateException("not run by picocli");
        }
        PrintWriter out = command.commandLine().getOut();
        String kind = command.parent() == null ? "run" : command.parent().name();
        try (RunHome home = RunHome.open(kind, command.name(), ROOM)) {
            Report report;
            try {
                report = run(home, LocalMain.progress());
            } catch (NetworkFailure failure) {
                report = new Report().failed(String.valueOf(failure.getMessage()));
            }
            Path picture = plot;
            if (picture != null) {
                report.plot(kind + " " + command.name(), picture);
            }
            if (report.held()) {
                home.remove();
            } else {
                command.commandLine().getErr().println("skywire: did not hold; logs are in " + home.logs());
                command.commandLine().getErr().flush();
            }
            return report.print(out, json ? Report.Form.JSON : Report.Form.TEXT);
        }
    }
}
