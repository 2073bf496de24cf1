package io.skywire.local.drill;

import io.skywire.local.WrongUse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/// `./skywire drill NAME`: each drill is a subcommand, an [io.skywire.local.Experiment].
@Command(
        name = "drill",
        description = "Breaks something on purpose in a running network and measures.",
        synopsisSubcommandLabel = "NAME",
        subcommands = {
            StaleLinksDrill.class,
            RelayKilledDrill.class,
            RelayDrainDrill.class,
            DatabaseRestartDrill.class,
            SoakDrill.class,
            ControlPlaneDownDrill.class,
            KillIntermediaryDrill.class,
            LinkFlapDrill.class,
            PartitionHealDrill.class,
            ClockSkewDrill.class,
            ReplicaCrashDrill.class,
            DashboardsDrill.class,
            UpgradeDrill.class,
            OlderBuildDrill.class,
            RestoreDrill.class,
        },
        mixinStandardHelpOptions = true)
public final class DrillCommand implements Callable<Integer> {
    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        String there = spec == null ? "" : String.join(", ", spec.subcommands().keySet());
        String asked = arguments.isEmpty() ? "name one" : "there is no drill '" + arguments.getFirst() + "'";
        throw new WrongUse(asked + "; there " + (there.isEmpty() ? "is none yet" : "are: " + there));
    }
}
