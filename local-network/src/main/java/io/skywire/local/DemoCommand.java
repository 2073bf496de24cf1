package io.skywire.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Runs one scenario from start to end in a network of its own and says what it saw.
@Command(
        name = "demo",
        description = "Runs one scenario from start to end; exit code 0 only if all of it held.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    private static final String FIRST_ROUTE = "first-route";
    private static final long ROOM = 400L << 20;

    @Option(names = "--scenario", defaultValue = FIRST_ROUTE, description = "which one; there is: " + FIRST_ROUTE)
    private String scenario = FIRST_ROUTE;

    @Option(names = "--json", description = "one JSON object on standard output and nothing else there")
    private boolean json;

    @Option(names = "--bytes", defaultValue = "104857600", description = "size of the file (default: ${DEFAULT-VALUE})")
    private long bytes = 104_857_600;

    @Override
    public Integer call() {
        if (!scenario.equals(FIRST_ROUTE)) {
            throw new WrongUse("there is no scenario '" + scenario + "'; there is: " + FIRST_ROUTE);
        }
        if (bytes < 1) {
            throw new WrongUse("--bytes must be at least 1, not " + bytes);
        }
        Curl curl = new Curl(Programs.curl());
        Path demos = UpCommand.home().resolve("demo");
        clearDead(demos);
        Path home = demos.resolve(FIRST_ROUTE + "-" + ProcessHandle.current().pid());
        FirstRouteResult result = run(home, curl);
        if (result.held()) {
            clean(() -> StateDirectory.delete(home));
        } else {
            clean(() -> keepLogs(home));
            System.err.println("skywire: did not hold; logs are in " + home.resolve("logs"));
        }
        System.out.println(json ? result.json() : result.text());
        return result.held() ? LocalMain.HELD : LocalMain.DID_NOT_HOLD;
    }

    private FirstRouteResult run(Path home, Curl curl) {
        StateDirectory state = StateDirectory.open(home, UpCommand.home().resolve("binaries"), ROOM + 2 * bytes);
        LocalNetwork network = new LocalNetwork(
                Installation.ofThisProcess(), state, Shape.twoWays().withStranger());
        Thread onSignal = new Thread(() -> end(network, home), "ends-network");
        Runtime.getRuntime().addShutdownHook(onSignal);
        try (network) {
            Progress progress = LocalMain.progress();
            try {
                network.start(LocalNetwork.Offer.NOTHING, progress);
            } catch (NetworkFailure failure) {
                FirstRouteResult result = new FirstRouteResult();
                result.failed(String.valueOf(failure.getMessage()));
                return result;
            }
            return new FirstRoute(network, curl, new SecureRandom(), bytes).run(progress);
        } finally {
            dismiss(onSignal);
        }
    }

    private void end(LocalNetwork network, Path home) {
        network.close();
        clean(() -> keepLogs(home));
    }

    /// A signal's hook and the main thread may both come to clean: one after the other.
    private synchronized void clean(Runnable cleaning) {
        cleaning.run();
    }

    private static void dismiss(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException endingAlready) {
            // the hook is at work
        }
    }

    /// Everything but the logs goes.
    private static void keepLogs(Path home) {
        forEachIn(home, part -> {
            if (!part.getFileName().toString().equals("logs")) {
                remove(part);
            }
        });
    }

    /// Ends and removes what demos of killed launchers left behind; the logs of demos that failed stay until then too.
    private static void clearDead(Path demos) {
        forEachIn(demos, home -> {
            if (Leftovers.read(home.resolve("run").resolve("launcher.pid")).isEmpty()) {
                if (Files.isDirectory(home.resolve("run"))) {
                    Leftovers.end(home.resolve("run"));
                }
                EmbeddedDatabase.endLeftOver(home.resolve("postgres"));
                StateDirectory.delete(home);
            }
        });
    }

    private static void remove(Path part) {
        if (Files.isDirectory(part)) {
            StateDirectory.delete(part);
        } else {
            Leftovers.forget(part);
        }
    }

    private interface Visit {
        void to(Path path);
    }

    private static void forEachIn(Path directory, Visit visit) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
            for (Path child : children) {
                visit.to(child);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
