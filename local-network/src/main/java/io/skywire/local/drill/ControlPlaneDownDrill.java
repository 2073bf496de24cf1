package io.skywire.local.drill;

import io.skywire.local.Clocks;
import io.skywire.local.LiveNetwork;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.WrongUse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Kills the control plane under running transfers; meanwhile an intermediary dies for good and another restarts.
@Command(
        name = "control-plane-down",
        description = "Transfers, a killed intermediary and a restarted agent while every control plane is gone.")
final class ControlPlaneDownDrill extends LiveDrill {
    private static final String ONLY_WAY = "n5";
    private static final Duration WARM_UP = Duration.ofSeconds(5);
    private static final Duration SHORTEST = Duration.ofSeconds(12);
    private static final Duration FLOWS_AGAIN = Duration.ofSeconds(30);

    @Option(
            names = "--for",
            converter = SecondsConverter.class,
            description = "how long the control plane is away (default: ${DEFAULT-VALUE})")
    private Duration away = Duration.ofSeconds(120);

    @Option(names = "--spare-intermediary", hidden = true, description = "kills none: for development, never holds")
    private boolean spare;

    @Option(names = "--forget-rules", hidden = true, description = "the restarted agent's rules are deleted: must fail")
    private boolean forget;

    @Override
    LiveNetwork.Wishes wishes() {
        if (away.compareTo(SHORTEST) < 0) {
            throw new WrongUse("--for: at least " + SHORTEST.toSeconds() + "s");
        }
        return new LiveNetwork.Wishes(LiveNetwork.Wires.WHOLE, Map.of(), Clocks.RIGHT);
    }

    @Override
    List<Wanted> wanted() {
        return List.of(new Wanted("n1", "n4"), new Wanted("n4", "n1"), new Wanted("n1", "n6"));
    }

    @Override
    Report drill(LiveNetwork network, List<Transfer> transfers, Progress progress) {
        Transfer single = transfers.get(2);
        rest(WARM_UP);
        Report report = new Report();
        progress.say("SIGKILL to the control plane");
        long begin = System.nanoTime();
        network.crashControlPlane();

        until(begin, away.dividedBy(6));
        String inUse = busier(network);
        if (spare) {
            report.put("intermediary_killed", "none");
            report.failed("--spare-intermediary: no intermediary was killed");
        } else {
            progress.say("SIGKILL to " + inUse + ", which carries a transfer");
            network.crash(inUse);
            report.put("intermediary_killed", inUse);
        }

        until(begin, away.dividedBy(3));
        progress.say("SIGKILL to " + ONLY_WAY + ", and its start");
        long killed = System.nanoTime();
        network.crash(ONLY_WAY);
        if (forget) {
            network.forgetRules(ONLY_WAY);
        }
        network.restart(ONLY_WAY);
        long back = System.nanoTime();
        boolean flows = single.flows(FLOWS_AGAIN);
        long since = System.nanoTime();
        long carriedBefore = flows ? network.relayed(ONLY_WAY) : 0;
        long cameBefore = single.bytes();
        until(begin, away);
        long carried = flows ? network.relayed(ONLY_WAY) - carriedBefore : 0;
        long came = single.bytes() - cameBefore;
        long rules = network.read(ONLY_WAY, "/v1/status")
                .path("rules_kept")
                .path("restored")
                .asLong(0);

        List<Double> pauses = longestPauses(transfers, begin);
        progress.say("the control plane comes back");
        network.returnControlPlane();
        Reconciled reconciled = Reconciled.watch(network);

        progress.say("the rest of the transfers");
        finish(transfers, report);
        report.exactly("agent_restarted_forwards", rules > 0 && carried > 0 && came > 0, true);
        reconciled.tell(report);
        return report.put("away_seconds", away.toSeconds())
                .put("agent_restarted_rules", rules)
                .put("agent_restarted_carried_bytes", carried)
                .put("agent_ready_ms", (back - killed) / 1e6)
                .put("flows_after_restart_ms", (since - killed) / 1e6)
                .put("longest_pauses_ms", pauses);
    }
}
