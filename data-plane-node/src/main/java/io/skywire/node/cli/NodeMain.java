package io.skywire.node.cli;

import io.skywire.node.Gateway;
import io.skywire.node.MessagingServer;
import io.skywire.node.Node;
import io.skywire.node.NodeStartException;
import io.skywire.node.api.StatusView;
import io.skywire.node.config.GatewayConfig;
import io.skywire.node.config.NodeConfig;
import io.skywire.node.config.RelayConfig;
import io.skywire.node.loops.DirectMemory;
import io.skywire.node.loops.EventLoops;
import java.security.SecureRandom;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/// `skywire node …`: the program.
@Command(
        name = "skywire node",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Runs a Skywire node, a messaging server or a gateway, or asks a running node.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it held",
            "1:it did not hold, or was refused",
            "2:wrong use, or a bad config",
            "3:no node runs, or the machine lacks something"
        })
public final class NodeMain {
    private NodeMain() {}

    public static void main(String[] args) {
        EventLoops.withoutLeakDetection();
        System.exit(commandLine(Terminal.ofProcess(new SecureRandom()), NodeMain::start)
                .execute(args));
    }

    private static NodeStarter.Running start(NodeConfig config) throws NodeStarter.StartFailedException {
        DirectMemory.limit(config.directMemoryMib());
        try {
            Node node = Node.start(config, NodeVersion.current());
            return new NodeStarter.Running() {
                @Override
                public StatusView status() {
                    return node.status();
                }

                @Override
                public void close() {
                    node.close();
                }
            };
        } catch (NodeStartException refused) {
            throw new NodeStarter.StartFailedException(String.valueOf(refused.getMessage()), refused);
        }
    }

    private static RelayStarter.Running startRelay(RelayConfig config) throws NodeStarter.StartFailedException {
        try {
            MessagingServer server = MessagingServer.start(config);
            return new RelayStarter.Running() {
                @Override
                public String readyLine() {
                    return server.readyLine();
                }

                @Override
                public void close() {
                    server.close();
                }
            };
        } catch (NodeStartException refused) {
            throw new NodeStarter.StartFailedException(String.valueOf(refused.getMessage()), refused);
        }
    }

    private static GatewayStarter.Running startGateway(GatewayConfig config) throws NodeStarter.StartFailedException {
        try {
            Gateway gateway = Gateway.start(config);
            return new GatewayStarter.Running() {
                @Override
                public String readyLine() {
                    return gateway.readyLine();
                }

                @Override
                public void close() {
                    gateway.close();
                }
            };
        } catch (NodeStartException refused) {
            throw new NodeStarter.StartFailedException(String.valueOf(refused.getMessage()), refused);
        }
    }

    /// The whole command line around any terminal and any way to start a node.
    public static CommandLine commandLine(Terminal terminal, NodeStarter starter) {
        NodeQuestions nodes = new NodeQuestions(terminal);
        CommandLine command = new CommandLine(new NodeMain())
                .addSubcommand(new RunCommand(terminal, starter))
                .addSubcommand(new RelayCommand(terminal, NodeMain::startRelay))
                .addSubcommand(new GatewayCommand(terminal, NodeMain::startGateway))
                .addSubcommand(new KeygenCommand(terminal))
                .addSubcommand(
                        "status", described(ViewCommand.status(nodes), "Shows the node: who, since when, how well."))
                .addSubcommand("transports", described(ViewCommand.transports(nodes), "Lists the links that are up."))
                .addSubcommand("routes", routes(terminal, nodes))
                .addSubcommand("rules", described(ViewCommand.rules(nodes), "Lists the rule table."))
                .addSubcommand("sessions", described(ViewCommand.sessions(nodes), "Lists the sessions with peers."))
                .addSubcommand(
                        "published", described(ViewCommand.published(nodes), "Lists what is offered to the network."))
                .addSubcommand(new DialCommand(terminal, nodes))
                .addSubcommand(new HangupCommand(terminal, nodes))
                .addSubcommand(new PublishCommand(terminal, nodes))
                .addSubcommand(new UnpublishCommand(terminal, nodes))
                .addSubcommand(new TraceCommand(terminal, nodes))
                .addSubcommand(new DoctorCommand(terminal));
        command.getCommandSpec().version(NodeVersion.current());
        command.getSubcommands().values().forEach(each -> each.getCommandSpec().version(NodeVersion.current()));
        return command.setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(terminal.out())
                .setErr(terminal.err())
                .setExecutionExceptionHandler(new Failures(terminal));
    }

    private static CommandLine routes(Terminal terminal, NodeQuestions nodes) {
        return new CommandLine(described(ViewCommand.routes(nodes), "Lists the routes that end here."))
                .addSubcommand(new ExplainCommand(terminal, nodes));
    }

    private static CommandSpec described(ViewCommand view, String description) {
        CommandSpec spec = CommandSpec.forAnnotatedObject(view);
        spec.usageMessage().description(description);
        return spec;
    }
}
