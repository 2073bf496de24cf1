package io.skywire.node.cli;

import io.skywire.node.api.ApiException;
import io.skywire.node.api.ApiJson;
import io.skywire.node.api.TraceRequest;
import io.skywire.node.api.TraceView;
import io.skywire.node.config.ConfigException;
import io.skywire.node.config.ConfigFile;
import io.skywire.node.config.NodeConfig;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Measures the way to a peer, end to end. Counts hops and names none.
@Command(
        name = "trace",
        mixinStandardHelpOptions = true,
        description = "Sets up a session with PEER if there is none, says how that went, and measures round trips"
                + " through it.")
final class TraceCommand implements Callable<Integer> {
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Terminal terminal;
    private final NodeQuestions nodes;

    @Parameters(paramLabel = "PEER", description = "An alias, a key in hex, or NAME.sky.")
    private String peer = "";

    @Option(names = "--count", paramLabel = "N", defaultValue = "4", description = "Round trips; default: 4.")
    private int count;

    @Mixin
    private Configs configs = new Configs();

    @Mixin
    private Output output = new Output();

    TraceCommand(Terminal terminal, NodeQuestions nodes) {
        this.terminal = terminal;
        this.nodes = nodes;
    }

    @Override
    public Integer call() throws UsageException, ConfigException, ApiException, InterruptedException {
        if (count < 1 || count > TraceRequest.MOST) {
            throw new UsageException("--count: expected 1 to " + TraceRequest.MOST + ", not " + count);
        }
        NodeConfig config = ConfigFile.forAsking(configs.only(terminal));
        Peers peers = new Peers(config);
        PublicKey key = peers.parse(peer);
        Duration within = new TraceRequest(key, count).deadline().plus(GRACE);
        boolean[] allLost = {false};
        int exit = nodes.act(
                config,
                output,
                client -> {
                    var answer = client.post("/v1/trace", Map.of("peer", key.hex(), "count", count), within);
                    TraceView trace = ApiJson.MAPPER.treeToValue(answer, TraceView.class);
                    allLost[0] = trace.roundTrips().stream().noneMatch(Optional::isPresent);
                    return answer;
                },
                answer -> text(peers, ApiJson.MAPPER.treeToValue(answer, TraceView.class)));
        if (allLost[0]) {
            terminal.complain("no round trip was answered");
            return ExitCode.DID_NOT_HOLD;
        }
        return exit;
    }

    private static String text(Peers peers, TraceView trace) {
        StringBuilder text = new StringBuilder("trace to ")
                .append(peers.show(trace.peer()))
                .append(", session ")
                .append(trace.session())
                .append("\nsetup: ")
                .append(Setup.line(trace.hops(), trace.attempts(), trace.phases()));
        List<Optional<Duration>> trips = trace.roundTrips();
        for (int i = 0; i < trips.size(); i++) {
            text.append("\nround trip ")
                    .append(i + 1)
                    .append(": ")
                    .append(trips.get(i).map(Readable::millis).orElse("lost"));
        }
        return text.append('\n').append(summary(trips)).toString();
    }

    private static String summary(List<Optional<Duration>> trips) {
        List<Duration> answered =
                trips.stream().flatMap(Optional::stream).sorted().toList();
        String lost = answered.size() + " of " + trips.size() + " answered";
        if (answered.isEmpty()) {
            return lost;
        }
        Duration sum = answered.stream().reduce(Duration.ZERO, Duration::plus);
        return lost + ", min " + Readable.millis(answered.getFirst()) + ", mean "
                + Readable.millis(sum.dividedBy(answered.size())) + ", max " + Readable.millis(answered.getLast());
    }
}
