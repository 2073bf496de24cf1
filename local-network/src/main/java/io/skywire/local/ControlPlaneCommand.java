package io.skywire.local;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/// One control plane alone, until it is told to end.
@Command(
        name = "control-plane",
        description = "One control plane alone, over an embedded PostgreSQL unless a JDBC URL is given.",
        mixinStandardHelpOptions = true)
final class ControlPlaneCommand implements Callable<Integer> {
    @Option(names = "--port", description = "HTTP port of 127.0.0.1 (default: chosen once and kept)")
    private Optional<Integer> port = Optional.empty();

    @Option(names = "--grpc-port", description = "port of 127.0.0.1 for agents (default: chosen once and kept)")
    private Optional<Integer> grpcPort = Optional.empty();

    @Option(names = "--data", description = "state directory (default: .skywire/control-plane-alone)")
    private Optional<Path> data = Optional.empty();

    @Option(names = "--jdbc-url", description = "a PostgreSQL database to use instead of the embedded one")
    private Optional<String> jdbcUrl = Optional.empty();

    @Option(
            names = "--user",
            description = "database user for --jdbc-url; the password is read from SKYWIRE_DB_PASSWORD")
    private String user = EmbeddedDatabase.USER;

    @Option(
            names = "--json-log",
            description =
                    "the line that it is ready, and each line of its log (logs/control-plane.log), as a JSON object")
    private boolean jsonLog;

    @Override
    public Integer call() throws InterruptedException {
        Installation installation = Installation.ofThisProcess();
        Path home = data.orElseGet(() -> UpCommand.home().resolve("control-plane-alone"));
        StateDirectory state =
                StateDirectory.open(home, UpCommand.home().resolve("binaries"), StateDirectory.NEEDED_BYTES);
        Parts parts = new Parts(state);
        Runtime.getRuntime().addShutdownHook(new Thread(parts::close, "ends-control-plane"));
        try {
            ControlPlaneProcess controlPlane = parts.start(installation);
            controlPlane.awaitReady();
            System.out.println(jsonLog ? readyObject(controlPlane) : readyLine(controlPlane));
            while (!parts.ended.await(1, TimeUnit.SECONDS)) {
                boolean dead = !controlPlane.child().isAlive();
                if (dead && parts.ended.getCount() > 0) {
                    controlPlane.child().requireAlive();
                }
            }
            return LocalMain.HELD;
        } finally {
            parts.close();
        }
    }

    private static String readyLine(ControlPlaneProcess controlPlane) {
        return "control plane ready: " + controlPlane.http("/") + " agents at "
                + NodeConfig.loopback(controlPlane.grpcPort()) + " service key "
                + controlPlane.serviceKey().hex() + " setup key "
                + controlPlane.setupKey().hex();
    }

    private static String readyObject(ControlPlaneProcess controlPlane) {
        Map<String, String> ready = new LinkedHashMap<>();
        ready.put("event", "ready");
        ready.put("http", controlPlane.http("/").toString());
        ready.put("agents", NodeConfig.loopback(controlPlane.grpcPort()));
        ready.put("service_key", controlPlane.serviceKey().hex());
        ready.put("setup_key", controlPlane.setupKey().hex());
        ready.put("log", controlPlane.child().log().toString());
        return new JsonMapper().writeValueAsString(ready);
    }

    /// What runs, and how it ends; the shutdown hook may end it from its own thread.
    private final class Parts {
        private final StateDirectory state;
        private final CountDownLatch ended = new CountDownLatch(1);
        private @Nullable EmbeddedDatabase database;
        private @Nullable ControlPlaneProcess controlPlane;

        private Parts(StateDirectory state) {
            this.state = state;
        }

        private synchronized ControlPlaneProcess start(Installation installation) {
            if (ended.getCount() == 0) {
                throw new NetworkFailure("ended while starting");
            }
            PortBook ports = PortBook.open(state.ports(), new SecureRandom());
            int http = port.map(asked -> PortBook.require(asked, "HTTP"))
                    .orElseGet(() -> ports.port("control-plane.http"));
            int grpc = grpcPort.map(asked -> PortBook.require(asked, "agents"))
                    .orElseGet(() -> ports.port("control-plane.grpc"));
            controlPlane = ControlPlaneProcess.start(
                    "control-plane",
                    installation,
                    state,
                    database(ports),
                    http,
                    grpc,
                    ControlPlaneProcess.USUAL_HEAP,
                    jsonLog ? Map.of("skywire.json-log", "true") : Map.of());
            return controlPlane;
        }

        private ControlPlaneProcess.Database database(PortBook ports) {
            if (jdbcUrl.isPresent()) {
                String password = System.getenv().getOrDefault("SKYWIRE_DB_PASSWORD", "");
                return new ControlPlaneProcess.Database(jdbcUrl.get(), user, password);
            }
            EmbeddedDatabase embedded = EmbeddedDatabase.start(
                    state.postgres(), state.binaries(), state.log("postgres"), ports.port("postgres"));
            database = embedded;
            return new ControlPlaneProcess.Database(embedded.jdbcUrl(), EmbeddedDatabase.USER, "");
        }

        private synchronized void close() {
            if (ended.getCount() == 0) {
                return;
            }
            ended.countDown();
            if (controlPlane != null) {
                ChildProcess.endAll(List.of(controlPlane.child()), LocalNetwork.CONTROL_PLANE_END);
            }
            if (database != null) {
                database.close();
            }
            state.close();
        }
    }
}
