package io.skywire.node.cli;

import io.skywire.node.api.ApiClient;
import io.skywire.node.api.ApiException;
import io.skywire.node.api.ApiJson;
import io.skywire.node.api.SessionView;
import io.skywire.node.api.StatusView;
import io.skywire.node.api.TraceRequest;
import io.skywire.node.api.TraceView;
import io.skywire.node.api.TransportView;
import io.skywire.node.config.ConfigException;
import io.skywire.node.config.ConfigFile;
import io.skywire.node.config.KeyFile;
import io.skywire.node.config.KeyFileException;
import io.skywire.node.config.NodeConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Examines a node: what works, what does not, what to do. Changes nothing.
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Checks the config, the session with the control plane, the clock, whether others can dial this"
                + " node, messaging servers, links and routes, and says what to do. Exit code 0: all is well or worth a"
                + " warning; 1: something failed, or no node runs.")
final class DoctorCommand implements Callable<Integer> {
    private static final int MOST_PROBES = 8;
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Terminal terminal;

    @Option(names = "--json", description = "One JSON object on standard output, as --output json.")
    private boolean json;

    @Mixin
    private Configs configs = new Configs();

    @Mixin
    private Output output = new Output();

    DoctorCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /// The `--json` object; its keys are part of the contract.
    record Diagnosis(boolean ok, List<Checkup.Check> checks) {}

    @Override
    public Integer call() throws UsageException, InterruptedException {
        Checkup checkup = new Checkup();
        Path file = configs.only(terminal);
        Optional<NodeConfig> config = readConfig(file, checkup);
        if (config.isPresent()) {
            checkKey(config.get(), checkup);
            examine(config.get(), file, checkup);
        }
        Diagnosis diagnosis = new Diagnosis(checkup.isWell(), checkup.checks());
        terminal.print(json || output.isJson() ? Output.json(diagnosis) : text(diagnosis));
        return diagnosis.ok() ? ExitCode.HELD : ExitCode.DID_NOT_HOLD;
    }

    private static Optional<NodeConfig> readConfig(Path file, Checkup checkup) {
        try {
            NodeConfig config = ConfigFile.forAsking(file);
            checkup.ok("config", file + " has no problems");
            return Optional.of(config);
        } catch (ConfigException bad) {
            bad.problems()
                    .forEach(problem -> checkup.fail(
                            "config", problem.toString(), "correct it; docs/configuration.md has every key"));
            return Optional.empty();
        }
    }

    private static void checkKey(NodeConfig config, Checkup checkup) {
        try {
            checkup.ok(
                    "key",
                    "this is node " + KeyFile.read(config.keyFile()).publicKey().hex());
        } catch (KeyFileException unusable) {
            checkup.fail("key", String.valueOf(unusable.getMessage()), "make one with: skywire node keygen FILE");
        }
    }

    private static void examine(NodeConfig config, Path file, Checkup checkup) throws InterruptedException {
        try (ApiClient client = new ApiClient(config.apiSocket())) {
            StatusView status = ApiJson.MAPPER.treeToValue(client.get("/v1/status"), StatusView.class);
            List<TransportView> transports =
                    ApiJson.MAPPER.readerForListOf(TransportView.class).readValue(client.get("/v1/transports"));
            checkup.ok("node", "runs for " + Readable.age(status.uptime()));
            checkup.judge(config, status, transports, NodeVersion.current());
            probeRoutes(client, config, checkup);
        } catch (ApiException failed) {
            checkup.fail("node", Failures.line(failed, file), "start it, or look into its log");
        }
    }

    /// One round trip through each session that is open.
    private static void probeRoutes(ApiClient client, NodeConfig config, Checkup checkup)
            throws ApiException, InterruptedException {
        Peers peers = new Peers(config);
        List<SessionView> sessions =
                ApiJson.MAPPER.readerForListOf(SessionView.class).readValue(client.get("/v1/sessions"));
        if (sessions.isEmpty()) {
            checkup.ok("routes", "no sessions, so there is no route to probe");
        }
        for (SessionView session : sessions.stream().limit(MOST_PROBES).toList()) {
            String name = "route to " + peers.show(session.peer());
            Duration within = new TraceRequest(session.peer(), 1).deadline().plus(GRACE);
            try {
                TraceView trace = ApiJson.MAPPER.treeToValue(
                        client.post("/v1/trace", Map.of("peer", session.peer().hex(), "count", 1), within),
                        TraceView.class);
                Optional<Duration> trip =
                        trace.roundTrips().stream().flatMap(Optional::stream).findFirst();
                if (trip.isPresent()) {
                    checkup.ok(name, "answered after " + Readable.millis(trip));
                } else {
                    checkup.fail(name, "no answer", "ask why: skywire node routes explain --to PEER");
                }
            } catch (ApiException.Refused refused) {
                checkup.fail(
                        name, String.valueOf(refused.getMessage()), "ask why: skywire node routes explain --to PEER");
            }
        }
    }

    private static String text(Diagnosis diagnosis) {
        StringBuilder text = new StringBuilder();
        for (Checkup.Check check : diagnosis.checks()) {
            text.append(String.format(
                    java.util.Locale.ROOT,
                    "%-4s  %s: %s%n",
                    Checkup.lower(check.outcome()),
                    check.name(),
                    check.means()));
            if (!check.todo().isEmpty()) {
                text.append("      → ").append(check.todo()).append(System.lineSeparator());
            }
        }
        return text.append(diagnosis.ok() ? "nothing failed" : "something failed")
                .toString();
    }
}
