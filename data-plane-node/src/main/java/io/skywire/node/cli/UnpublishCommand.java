package io.skywire.node.cli;

import io.skywire.node.api.ApiException;
import io.skywire.node.config.ConfigException;
import io.skywire.node.config.ConfigFile;
import io.skywire.node.config.NodeConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Withdraws an offer.
@Command(
        name = "unpublish",
        mixinStandardHelpOptions = true,
        description = "Withdraws what is published as PORT; open connections go on.")
final class UnpublishCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final NodeQuestions nodes;

    @Parameters(paramLabel = "PORT", description = "The port number in the network.")
    private int port;

    @Option(names = "--udp", description = "The offer is one for UDP. Default: TCP.")
    private boolean udp;

    @Mixin
    private Configs configs = new Configs();

    @Mixin
    private Output output = new Output();

    UnpublishCommand(Terminal terminal, NodeQuestions nodes) {
        this.terminal = terminal;
        this.nodes = nodes;
    }

    @Override
    public Integer call() throws UsageException, ConfigException, ApiException, InterruptedException {
        NodeConfig config = ConfigFile.forAsking(configs.only(terminal));
        return nodes.act(
                config,
                output,
                client -> client.delete((udp ? "/v1/publish/udp/" : "/v1/publish/") + port),
                answer -> (udp ? "UDP port " : "port ") + port + " is no longer published");
    }
}
