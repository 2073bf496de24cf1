package io.skywire.node.cli;

import io.skywire.node.api.ApiException;
import io.skywire.node.api.ApiJson;
import io.skywire.node.api.DialView;
import io.skywire.node.config.ConfigException;
import io.skywire.node.config.ConfigFile;
import io.skywire.node.config.NodeConfig;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Opens a session with a peer.
@Command(
        name = "dial",
        mixinStandardHelpOptions = true,
        description = "Opens a session with PEER, by any route or by the one that --via names.")
final class DialCommand implements Callable<Integer> {
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Terminal terminal;
    private final NodeQuestions nodes;

    @Parameters(paramLabel = "PEER", description = "An alias, a key in hex, or NAME.sky.")
    private String peer = "";

    @Option(names = "--via", paramLabel = "KEY", split = ",", description = "Exactly these nodes, in order.")
    private List<String> via = new ArrayList<>();

    @Option(names = "--min-hops", paramLabel = "N", description = "At least so many transports.")
    private int minHops;

    @Option(names = "--max-hops", paramLabel = "N", description = "At most so many transports.")
    private int maxHops;

    @Option(names = "--timeout", paramLabel = "SECONDS", defaultValue = "20", description = "Default: 20.")
    private int timeout;

    @Mixin
    private Configs configs = new Configs();

    @Mixin
    private Output output = new Output();

    DialCommand(Terminal terminal, NodeQuestions nodes) {
        this.terminal = terminal;
        this.nodes = nodes;
    }

    @Override
    public Integer call() throws UsageException, ConfigException, ApiException, InterruptedException {
        if (timeout < 1) {
            throw new UsageException("--timeout: expected at least 1 second, not " + timeout);
        }
        NodeConfig config = ConfigFile.forAsking(configs.only(terminal));
        Peers peers = new Peers(config);
        Duration deadline = Duration.ofSeconds(timeout);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("peer", peers.parse(peer).hex());
        if (!via.isEmpty()) {
            body.put("via", peers.parseAll(via).stream().map(PublicKey::hex).toList());
        }
        if (minHops != 0) {
            body.put("min_hops", minHops);
        }
        if (maxHops != 0) {
            body.put("max_hops", maxHops);
        }
        body.put("deadline_ms", deadline.toMillis());
        return nodes.act(
                config,
                output,
                client -> client.post("/v1/dial", body, deadline.plus(GRACE)),
                answer -> text(peers, ApiJson.MAPPER.treeToValue(answer, DialView.class)));
    }

    private static String text(Peers peers, DialView dialled) {
        return "session " + dialled.session() + " with " + peers.show(dialled.peer()) + " is up: "
                + Setup.line(dialled.hops(), dialled.attempts(), dialled.phases()) + ", "
                + Readable.millis(dialled.took())
                + " in all";
    }
}
