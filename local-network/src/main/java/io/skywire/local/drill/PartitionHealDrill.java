package io.skywire.local.drill;

import io.skywire.local.Clocks;
import io.skywire.local.LiveNetwork;
import io.skywire.local.LiveNetwork.Wire;
import io.skywire.local.Patience;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Cuts n5 and n6 off from everybody else, the control plane included, and mends it. No connection is reset: packets
/// are swallowed, as by a cable that was pulled out.
@Command(
        name = "partition-heal",
        description = "The network falls into two halves, the control plane in one; transfers inside each go on.")
final class PartitionHealDrill extends LiveDrill {
    private static final Duration WARM_UP = Duration.ofSeconds(4);

    /// The longest pause between two attempts to dial, and one attempt that was under way into the void.
    private static final Duration LINKS_BACK_WITHIN = Duration.ofSeconds(20);

    private static final Duration FLOWS = Duration.ofSeconds(5);

    /// Shorter than the partition: what the cut-off half told runs out.
    private static final Map<String, String> LEASE =
            Map.of("skywire.discovery.lease", "10s", "skywire.discovery.heartbeat", "3s");

    @Option(
            names = "--for",
            converter = SecondsConverter.class,
            description = "how long the halves are apart (default: ${DEFAULT-VALUE})")
    private Duration apart = Duration.ofSeconds(30);

    @Option(names = "--leave-cut", hidden = true, description = "one agent's way is not mended: must fail")
    private boolean leaveCut;

    @Override
    LiveNetwork.Wishes wishes() {
        return new LiveNetwork.Wishes(LiveNetwork.Wires.CUTTABLE, LEASE, Clocks.RIGHT);
    }

    @Override
    List<Wanted> wanted() {
        return List.of(new Wanted("n1", "n4"), new Wanted("n5", "n6"));
    }

    @Override
    Report drill(LiveNetwork network, List<Transfer> transfers, Progress progress) {
        rest(WARM_UP);
        long begin = System.nanoTime();
        progress.say("n5 and n6 are cut off");
        apply(network, Wire.SILENCE);
        until(begin, apart);
        long flowing =
                transfers.stream().filter(transfer -> transfer.flows(FLOWS)).count();
        List<Double> pauses = longestPauses(transfers, begin);

        progress.say("they are back");
        long healed = System.nanoTime();
        if (leaveCut) {
            network.link("n1", "n5", Wire.SPEAK);
            network.controlWay("n5", Wire.SPEAK);
        } else {
            apply(network, Wire.SPEAK);
        }
        Reconciled reconciled = Reconciled.watch(network);
        boolean listed = Patience.until(
                LINKS_BACK_WITHIN.multipliedBy(2),
                () -> network.ask("/all-transports").size() == network.links());
        Duration linksBack = Duration.ofNanos(System.nanoTime() - healed);
        String across = network.dial("n4", "n6");

        Report report = new Report();
        report.exactly("transfers_flowing_apart", flowing, (long) transfers.size());
        finish(transfers, report);
        reconciled.tell(report);
        report.atMost("links_back_seconds", linksBack.toMillis() / 1e3, LINKS_BACK_WITHIN.toSeconds());
        if (!listed) {
            report.failed("not all links are listed again");
        }
        report.exactly("route_across_after", across.isEmpty(), true);
        if (!across.isEmpty()) {
            report.failed("n4 does not reach n6 afterwards: " + across);
        }
        return report.put("apart_seconds", apart.toSeconds()).put("longest_pauses_ms", pauses);
    }

    private static void apply(LiveNetwork network, Wire wire) {
        network.link("n1", "n5", wire);
        network.controlWay("n5", wire);
        network.controlWay("n6", wire);
    }
}
