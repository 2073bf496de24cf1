package io.skywire.local.bench;

import io.skywire.local.WrongUse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/// `./skywire bench NAME`: each benchmark is a subcommand, an [io.skywire.local.Experiment].
@Command(
        name = "bench",
        description = "Runs one benchmark and its comparison in the same run.",
        synopsisSubcommandLabel = "NAME",
        subcommands = {
            EndToEndBench.class,
            FairnessBench.class,
            FootprintBench.class,
            ForwardingBench.class,
            GateBench.class,
            MicroBench.class,
            AgentsBench.class,
            LossyBench.class,
            PeersBench.class,
            RegistrationBench.class,
            RejoinBench.class,
            RelayBench.class,
            RouteApiBench.class,
            RouteFinderBench.class,
            SetupBench.class
        },
        mixinStandardHelpOptions = true)
public final class BenchCommand implements Callable<Integer> {
    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        String there = spec == null ? "" : String.join(", ", spec.subcommands().keySet());
        String asked = arguments.isEmpty() ? "name one" : "there is no bench '" + arguments.getFirst() + "'";
        throw new WrongUse(asked + "; there " + (there.isEmpty() ? "is none yet" : "are: " + there));
    }
}
