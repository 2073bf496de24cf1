package io.skywire.node.cli;

import io.skywire.node.api.ApiException;
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

/// Says why the route from this node to a peer is what it is.
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description =
                "Asks the control plane which route it would choose from this node to PEER now, what that costs and"
                        + " why, and what lost; or what separates the two. Sets nothing up.")
final class ExplainCommand implements Callable<Integer> {
    private static final Duration WITHIN = Duration.ofSeconds(20);

    private final Terminal terminal;
    private final NodeQuestions nodes;

    @Option(names = "--to", required = true, paramLabel = "PEER", description = "An alias, a key in hex, or NAME.sky.")
    private String to = "";

    @Option(names = "--from", paramLabel = "NODE", description = "This node; others explain their own routes.")
    private String from = "";

    @Option(names = "--by-hops", description = "Few hops instead of a low cost.")
    private boolean byHops;

    @Option(names = "--min-hops", paramLabel = "N", description = "At least so many transports.")
    private int minHops;

    @Option(names = "--max-hops", paramLabel = "N", description = "At most so many transports.")
    private int maxHops;

    @Option(names = "--avoid", paramLabel = "KEY", split = ",", description = "Not over these nodes.")
    private List<String> avoid = new ArrayList<>();

    @Option(names = "--json", description = "As --output json.")
    private boolean json;

    @Mixin
    private Configs configs = new Configs();

    @Mixin
    private Output output = new Output();

    ExplainCommand(Terminal terminal, NodeQuestions nodes) {
        this.terminal = terminal;
        this.nodes = nodes;
    }

    @Override
    public Integer call() throws UsageException, ConfigException, ApiException, InterruptedException {
        NodeConfig config = ConfigFile.forAsking(configs.only(terminal));
        Peers peers = new Peers(config);
        if (!from.isEmpty()) {
            PublicKey named = peers.parse(from);
            String self = nodes.ask(config, client -> client.get("/v1/status"))
                    .path("node")
                    .asString("");
            if (!named.hex().equals(self)) {
                throw new UsageException("--from: this is node " + self + "; ask " + named.hex() + " itself, or the"
                        + " control plane at /api/v1/routes/explain");
            }
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("peer", peers.parse(to).hex());
        if (byHops) {
            body.put("by_hops", 1);
        }
        if (minHops != 0) {
            body.put("min_hops", minHops);
        }
        if (maxHops != 0) {
            body.put("max_hops", maxHops);
        }
        if (!avoid.isEmpty()) {
            body.put("avoid", peers.parseAll(avoid).stream().map(PublicKey::hex).toList());
        }
        return nodes.act(
                config,
                output,
                client -> client.post("/v1/routes/explain", body, WITHIN),
                answer -> json ? Output.json(answer) : new ExplanationText(peers).of(answer));
    }
}
