package io.skywire.local;

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
        try (RunHome home = RunHome.open("demo", FIRST_ROUTE, ROOM + 2 * bytes)) {
            FirstRouteResult result = run(home, curl);
            if (result.held()) {
                home.remove();
            } else {
                System.err.println("skywire: did not hold; logs are in " + home.logs());
            }
            System.out.println(json ? result.json() : result.text());
            return result.held() ? LocalMain.HELD : LocalMain.DID_NOT_HOLD;
        }
    }

    private FirstRouteResult run(RunHome home, Curl curl) {
        LocalNetwork network = new LocalNetwork(
                Installation.ofThisProcess(), home.state(), Shape.twoWays().withStranger());
        home.endOnSignal(network::close);
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
        }
    }
}
