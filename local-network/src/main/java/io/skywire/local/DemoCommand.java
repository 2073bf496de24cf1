package io.skywire.local;

import java.security.SecureRandom;
import java.util.List;
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
    private static final String MESSAGING = "messaging";
    private static final List<String> SCENARIOS = List.of(FIRST_ROUTE, MESSAGING);
    private static final long ROOM = 400L << 20;

    @Option(
            names = "--scenario",
            defaultValue = FIRST_ROUTE,
            description = "which one; there are: " + FIRST_ROUTE + ", " + MESSAGING)
    private String scenario = FIRST_ROUTE;

    @Option(names = "--json", description = "one JSON object on standard output and nothing else there")
    private boolean json;

    @Option(names = "--bytes", defaultValue = "104857600", description = "size of the file (default: ${DEFAULT-VALUE})")
    private long bytes = 104_857_600;

    @Override
    public Integer call() {
        if (!SCENARIOS.contains(scenario)) {
            throw new WrongUse("there is no scenario '" + scenario + "'; there are: " + String.join(", ", SCENARIOS));
        }
        if (bytes < 1) {
            throw new WrongUse("--bytes must be at least 1, not " + bytes);
        }
        Curl curl = new Curl(Programs.curl());
        try (RunHome home = RunHome.open("demo", scenario, ROOM + 2 * bytes)) {
            Outcome outcome = scenario.equals(MESSAGING) ? messaging(home, curl) : firstRoute(home, curl);
            if (outcome.held()) {
                home.remove();
            } else {
                System.err.println("skywire: did not hold; logs are in " + home.logs());
            }
            System.out.println(json ? outcome.json() : outcome.text());
            return outcome.held() ? LocalMain.HELD : LocalMain.DID_NOT_HOLD;
        }
    }

    /// What a scenario came to.
    private record Outcome(boolean held, String json, String text) {}

    private Outcome firstRoute(RunHome home, Curl curl) {
        FirstRouteResult result = new FirstRouteResult();
        try (LocalNetwork network = open(home, Shape.twoWays().withStranger())) {
            Progress progress = LocalMain.progress();
            network.start(LocalNetwork.Offer.NOTHING, progress);
            result = new FirstRoute(network, curl, new SecureRandom(), bytes).run(progress);
        } catch (NetworkFailure failure) {
            result.failed(String.valueOf(failure.getMessage()));
        }
        return new Outcome(result.held(), result.json(), result.text());
    }

    private Outcome messaging(RunHome home, Curl curl) {
        ThroughMessagingResult result = new ThroughMessagingResult();
        try (LocalNetwork network = open(home, Shape.apartAndBlocked())) {
            Progress progress = LocalMain.progress();
            network.start(LocalNetwork.Offer.WEB_SERVER, progress);
            result = new ThroughMessaging(network, curl, new SecureRandom(), bytes).run(progress);
        } catch (NetworkFailure failure) {
            result.failed(String.valueOf(failure.getMessage()));
        }
        return new Outcome(result.held(), result.json(), result.text());
    }

    private static LocalNetwork open(RunHome home, Shape shape) {
        LocalNetwork network = new LocalNetwork(Installation.ofThisProcess(), home.state(), shape);
        home.endOnSignal(network::close);
        return network;
    }
}
