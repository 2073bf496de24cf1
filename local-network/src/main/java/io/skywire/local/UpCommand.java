package io.skywire.local;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The whole network, until Ctrl-C.
@Command(
        name = "up",
        description = "Runs a whole network on this machine until Ctrl-C; a second start adopts its state.",
        mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {
    @Option(names = "--json-log", description = "all processes log one JSON object per line, hops of setups included")
    private boolean jsonLog;

    @Override
    public Integer call() throws InterruptedException {
        Installation installation = Installation.ofThisProcess();
        StateDirectory state = StateDirectory.open(home());
        LocalNetwork network = new LocalNetwork(installation, state, Shape.twoWays());
        if (jsonLog) {
            network.logJson();
        }
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            network.close();
                            ended.countDown();
                        },
                        "ends-network"));
        try {
            writePage(state);
            network.start(LocalNetwork.Offer.WEB_SERVER, LocalMain.progress());
            explain(network, System.out);
            Set<ChildProcess> told = new HashSet<>();
            while (!ended.await(1, TimeUnit.SECONDS)) {
                // A network outlives its parts: the rest goes on, and whoever runs it hears what is gone.
                network.dead().stream().filter(told::add).forEach(UpCommand::tellEnded);
            }
            return LocalMain.HELD;
        } finally {
            network.close();
        }
    }

    private static void tellEnded(ChildProcess child) {
        System.err.println("skywire: " + child.name() + " has ended; the others go on. Its log: " + child.log());
    }

    /// Where `./skywire` keeps its state; the launcher says where.
    static Path home() {
        String state = System.getProperty("skywire.state");
        return state == null ? Installation.ofThisProcess().root().resolve(".skywire") : Path.of(state);
    }

    private static void writePage(StateDirectory state) {
        try {
            Files.writeString(
                    state.web().resolve("hello.txt"),
                    "Hello from behind " + LocalNetwork.SERVER + ": this file came over three intermediaries.\n");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static void explain(LocalNetwork network, PrintStream out) {
        String row = "  %-4s %-15s %-15s %-15s %s.sky%n";
        out.printf("%n  %-4s %-15s %-15s %-15s %s%n", "node", "SOCKS5", "HTTP CONNECT", "metrics", "name");
        for (NodeProcess node : network.nodes()) {
            NodeConfig.Ports ports = node.config().ports();
            out.printf(
                    row,
                    node.name(),
                    NodeConfig.loopback(ports.socks()),
                    NodeConfig.loopback(ports.httpConnect()),
                    NodeConfig.loopback(ports.metrics()),
                    node.key().base32());
        }
        out.printf(
                "%n  control plane   %s (health: /actuator/health, metrics: /actuator/prometheus)%n",
                network.controlPlane().http("/"));
        out.printf("  PostgreSQL      %s, user %s%n", network.database().jdbcUrl(), EmbeddedDatabase.USER);
        out.printf("  logs            %s%n", network.state().logs());
        out.printf("%n  n1 has no link to %s. Fetch a file from the web server behind it:%n%n", LocalNetwork.SERVER);
        out.printf("    %s%n", curlLine(network));
        out.printf("%n  Ask the nodes: ./skywire node status    End all: Ctrl-C%n%n");
        out.flush();
    }

    static String curlLine(LocalNetwork network) {
        return "curl --socks5-hostname "
                + NodeConfig.loopback(network.node("n1").config().ports().socks()) + " http://"
                + network.node(LocalNetwork.SERVER).key().base32() + ".sky:" + LocalNetwork.WEB_PORT + "/hello.txt";
    }
}
