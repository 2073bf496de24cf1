package io.skywire.node.cli;

import io.skywire.node.api.ApiClient;
import io.skywire.node.api.ApiException;
import io.skywire.node.config.ConfigException;
import io.skywire.node.config.ConfigFile;
import io.skywire.node.config.HostPort;
import io.skywire.node.config.NodeConfig;
import io.skywire.shared.key.PublicKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Offers a local service.
@Command(
        name = "publish",
        mixinStandardHelpOptions = true,
        description = "Offers the local service at TARGET to the network as PORT, until the node stops. What should"
                + " outlive that belongs into the config.")
final class PublishCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final NodeQuestions nodes;

    @Parameters(index = "0", paramLabel = "PORT", description = "The port number in the network.")
    private int port;

    @Parameters(index = "1", paramLabel = "TARGET", description = "host:port on this side.")
    private String target = "";

    @Option(names = "--udp", description = "The service speaks UDP. Default: TCP.")
    private boolean udp;

    @Option(
            names = "--allow",
            paramLabel = "KEY",
            split = ",",
            description = "Who may connect; may be given several times. Default: everyone.")
    private List<String> allow = new ArrayList<>();

    @Mixin
    private Configs configs = new Configs();

    @Mixin
    private Output output = new Output();

    PublishCommand(Terminal terminal, NodeQuestions nodes) {
        this.terminal = terminal;
        this.nodes = nodes;
    }

    @Override
    public Integer call() throws UsageException, ConfigException, ApiException, InterruptedException {
        NodeConfig config = ConfigFile.forAsking(configs.only(terminal));
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("port", port);
        body.put("protocol", udp ? "udp" : "tcp");
        body.put("target", target());
        if (!allow.isEmpty()) {
            body.put(
                    "allow",
                    new Peers(config)
                            .parseAll(allow).stream().map(PublicKey::hex).toList());
        }
        return nodes.act(
                config,
                output,
                client -> client.post("/v1/publish", body, ApiClient.ANSWER_WITHIN),
                answer -> "published " + target + " as " + (udp ? "UDP port " : "port ") + port + " for "
                        + (allow.isEmpty() ? "everyone" : Readable.count(allow.size(), "key")));
    }

    private String target() throws UsageException {
        try {
            return HostPort.parse(target).toString();
        } catch (IllegalArgumentException wrong) {
            throw new UsageException("TARGET: " + wrong.getMessage());
        }
    }
}
