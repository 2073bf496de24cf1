package io.skywire.node.cli;

import io.skywire.node.api.ApiClient;
import io.skywire.node.api.ApiException;
import io.skywire.node.config.ConfigException;
import io.skywire.node.config.ConfigFile;
import io.skywire.node.config.NodeConfig;
import io.skywire.shared.key.PublicKey;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Ends a session.
@Command(
        name = "hangup",
        mixinStandardHelpOptions = true,
        description = "Ends the session with PEER and tears its routes down.")
final class HangupCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final NodeQuestions nodes;

    @Parameters(paramLabel = "PEER", description = "An alias, a key in hex, or NAME.sky.")
    private String peer = "";

    @Mixin
    private Configs configs = new Configs();

    @Mixin
    private Output output = new Output();

    HangupCommand(Terminal terminal, NodeQuestions nodes) {
        this.terminal = terminal;
        this.nodes = nodes;
    }

    @Override
    public Integer call() throws UsageException, ConfigException, ApiException, InterruptedException {
        NodeConfig config = ConfigFile.forAsking(configs.only(terminal));
        Peers peers = new Peers(config);
        PublicKey key = peers.parse(peer);
        return nodes.act(
                config,
                output,
                client -> client.post("/v1/hangup", Map.of("peer", key.hex()), ApiClient.ANSWER_WITHIN),
                answer -> "session " + answer.path("session").asString("") + " with " + peers.show(key) + " is closed");
    }
}
