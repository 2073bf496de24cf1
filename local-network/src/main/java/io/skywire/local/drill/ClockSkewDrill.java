package io.skywire.local.drill;

import io.skywire.local.Clocks;
import io.skywire.local.LiveNetwork;
import io.skywire.local.LiveNetwork.Wire;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Nodes and the control plane whose clocks are off by minutes up to a day.
@Command(
        name = "clock-skew",
        description =
                "Clocks are off by minutes up to a day; setups, leases, signatures and sessions work all the same.")
final class ClockSkewDrill extends LiveDrill {
    private static final Duration CONTROL_PLANE = Duration.ofHours(1);
    private static final Map<String, Duration> NODES = Map.of(
            "n1", Duration.ofHours(2),
            "n2", Duration.ofMinutes(-30),
            "n3", Duration.ofMinutes(7),
            "n5", Duration.ofHours(-26),
            "n6", Duration.ofMinutes(90));
    private static final Map<String, String> LEASE =
            Map.of("skywire.discovery.lease", "10s", "skywire.discovery.heartbeat", "3s");
    private static final Duration LISTED = Duration.ofSeconds(30);
    private static final Duration LOOK = Duration.ofMillis(500);

    /// Who dials whom, round after round.
    private static final List<Wanted> DIALS = List.of(
            new Wanted("n4", "n5"),
            new Wanted("n6", "n1"),
            new Wanted("n2", "n6"),
            new Wanted("n5", "n3"),
            new Wanted("n3", "n2"));

    @Option(
            names = "--for",
            converter = SecondsConverter.class,
            description = "how long leases are watched (default: ${DEFAULT-VALUE})")
    private Duration watched = Duration.ofSeconds(35);

    @Option(names = "--silence-an-agent", hidden = true, description = "n6 renews nothing: must fail")
    private boolean silence;

    @Override
    LiveNetwork.Wishes wishes() {
        return new LiveNetwork.Wishes(
                LiveNetwork.Wires.CUTTABLE, LEASE, new Clocks(CONTROL_PLANE, NODES));
    }

    @Override
    List<Wanted> wanted() {
        return List.of(new Wanted("n1", "n4"), new Wanted("n6", "n1"));
    }

    @Override
    Report drill(LiveNetwork network, List<Transfer> transfers, Progress progress) {
        Report report = new Report();
        if (!Patience.until(LISTED, () -> network.ask("/all-transports").size() == network.links())) {
            throw new NetworkFailure("not all links are listed after " + LISTED.toSeconds() + " s");
        }
        if (silence) {
            network.controlWay("n6", Wire.SILENCE);
        }
        long begin = System.nanoTime();
        int setups = 0;
        int failed = 0;
        int looks = 0;
        int lost = 0;
        progress.say("setups, and a look at all leases twice a second");
        while (System.nanoTime() - begin < watched.toNanos()) {
            if (looks % 4 == 0) {
                Wanted dial = DIALS.get(setups % DIALS.size());
                String why = network.dial(dial.to(), dial.from());
                setups++;
                if (!why.isEmpty()) {
                    failed++;
                    report.failed(dial.to() + " does not reach " + dial.from() + ": " + why);
                }
            }
            lost += Math.max(0, network.links() - network.ask("/all-transports").size());
            looks++;
            rest(LOOK);
        }
        Reconciled reconciled = Reconciled.watch(network);
        finish(transfers, report);
        report.put("setups", setups).exactly("setups_failed", failed, 0);
        report.put("lease_looks", looks).exactly("leases_lost", lost, 0);
        reconciled.tell(report);
        Map<String, String> offsets = new LinkedHashMap<>();
        offsets.put("control plane", CONTROL_PLANE.toString());
        network.living()
                .forEach(node -> offsets.put(
                        node, NODES.getOrDefault(node, Duration.ZERO).toString()));
        return report.put("clock_offsets", offsets);
    }
}
