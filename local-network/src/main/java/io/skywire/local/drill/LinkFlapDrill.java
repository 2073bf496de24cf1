package io.skywire.local.drill;

import io.skywire.local.Clocks;
import io.skywire.local.LiveNetwork;
import io.skywire.local.LiveNetwork.Wire;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// A link of a route goes down and up every few seconds under running transfers, by a reset and in silence in turns.
@Command(
        name = "link-flap",
        description = "A link goes down and up every few seconds; transfers go on and routes do not flap with it.")
final class LinkFlapDrill extends LiveDrill {
    private static final Duration WARM_UP = Duration.ofSeconds(6);
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final int STALLS = 1; // a busy machine may look like a stall once

    @Option(
            names = "--for",
            converter = SecondsConverter.class,
            description = "how long the link flaps (default: ${DEFAULT-VALUE})")
    private Duration flapping = Duration.ofSeconds(40);

    @Option(names = "--down", converter = SecondsConverter.class, description = "for how long each time")
    private Duration down = Duration.ofSeconds(2);

    @Option(names = "--up", converter = SecondsConverter.class, description = "for how long in between")
    private Duration up = Duration.ofSeconds(3);

    @Option(names = "--no-way-left", hidden = true, description = "the other way is cut as well: must fail")
    private boolean noWayLeft;

    @Override
    LiveNetwork.Wishes wishes() {
        return new LiveNetwork.Wishes(LiveNetwork.Wires.CUTTABLE, Map.of(), Clocks.RIGHT);
    }

    @Override
    List<Wanted> wanted() {
        return List.of(new Wanted("n1", "n4"), new Wanted("n4", "n1"), new Wanted("n1", "n6"));
    }

    @Override
    Report drill(LiveNetwork network, List<Transfer> transfers, Progress progress) {
        rest(WARM_UP);
        String inUse = busier(network);
        String other = inUse.equals("n2") ? "n3" : "n2";
        Set<String> over = Set.of(transport(network, "n1", inUse), transport(network, "n4", inUse));
        RouteWatch watch = new RouteWatch(network, Set.of("n1", "n4"));
        if (noWayLeft) {
            network.link("n1", other, Wire.CUT);
        }
        long begin = System.nanoTime();
        int flaps = 0;
        while (System.nanoTime() - begin < flapping.toNanos()) {
            boolean silent = flaps % 2 == 1;
            watch.goesDown(over);
            network.link("n1", inUse, silent ? Wire.SILENCE : Wire.CUT);
            look(watch, noWayLeft ? flapping : down);
            network.link("n1", inUse, silent ? Wire.SPEAK : Wire.MEND);
            look(watch, up);
            flaps++;
        }
        List<Double> pauses = longestPauses(transfers, begin);
        if (noWayLeft) {
            network.link("n1", other, Wire.MEND);
        }
        progress.say("the link is left alone");
        Reconciled reconciled = Reconciled.watch(network);
        watch.look();

        Report report = new Report();
        finish(transfers, report);
        int allowed = watch.count().allowed() + STALLS * transfers.size();
        report.atMost("switches", watch.count().switches(), allowed).put("switches_allowed", allowed);
        reconciled.tell(report);
        if (watch.count().allowed() == 0) {
            report.failed("no session used the link when it went down: nothing was tried");
        }
        return report.put("flaps", flaps).put("flapped", "n1-" + inUse).put("longest_pauses_ms", pauses);
    }

    private static void look(RouteWatch watch, Duration time) {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < time.toNanos()) {
            watch.look();
            rest(LOOK);
        }
    }

    private static String transport(LiveNetwork network, String end, String middle) {
        return TransportId.between(network.key(end), network.key(middle), TransportType.TCP)
                .toString();
    }
}
