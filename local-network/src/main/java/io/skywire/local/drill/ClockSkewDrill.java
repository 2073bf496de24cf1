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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
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
    private static final Duration BETWEEN_DIALS = Duration.ofSeconds(1);

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
        return new LiveNetwork.Wishes(LiveNetwork.Wires.CUTTABLE, LEASE, new Clocks(CONTROL_PLANE, NODES));
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
        int looks = 0;
        int lost = 0;
        progress.say("setups, and a look at all leases twice a second");
        Dialling dialling = Dialling.begin(network);
        while (System.nanoTime() - begin < watched.toNanos() || dialling.attempts() < DIALS.size()) {
            lost += Math.max(0, network.links() - network.ask("/all-transports").size());
            looks++;
            rest(LOOK);
        }
        List<String> unreached = dialling.end();
        unreached.forEach(report::failed);
        Reconciled reconciled = Reconciled.watch(network);
        finish(transfers, report);
        report.put("setups", dialling.attempts()).exactly("setups_failed", unreached.size(), 0);
        report.put("lease_looks", looks).exactly("leases_lost", lost, 0);
        reconciled.tell(report);
        Map<String, String> offsets = new LinkedHashMap<>();
        offsets.put("control plane", CONTROL_PLANE.toString());
        network.living()
                .forEach(node -> offsets.put(
                        node, NODES.getOrDefault(node, Duration.ZERO).toString()));
        return report.put("clock_offsets", offsets);
    }

    /// Dials one pair after the other on a thread of its own: starting the command takes longer than a look. Every dial
    /// ends by its own deadline, so [#end] and waiting for a whole round do as well.
    private static final class Dialling {
        private final LiveNetwork network;
        private final List<String> unreached = new CopyOnWriteArrayList<>();
        private final AtomicInteger attempts = new AtomicInteger();
        private final AtomicBoolean over = new AtomicBoolean();
        private final Thread thread;

        private Dialling(LiveNetwork network) {
            this.network = network;
            this.thread = Thread.ofVirtual().name("drill-dials").unstarted(this::dial);
        }

        static Dialling begin(LiveNetwork network) {
            Dialling dialling = new Dialling(network);
            dialling.thread.start();
            return dialling;
        }

        private void dial() {
            while (!over.get()) {
                Wanted dial = DIALS.get(attempts.get() % DIALS.size());
                String why;
                try {
                    why = network.dial(dial.to(), dial.from());
                } catch (RuntimeException failure) {
                    why = failure.toString();
                }
                if (!why.isEmpty()) {
                    unreached.add(dial.to() + " does not reach " + dial.from() + ": " + why);
                }
                attempts.incrementAndGet();
                rest(BETWEEN_DIALS);
            }
        }

        int attempts() {
            return attempts.get();
        }

        /// Waits for the last dial; what went wrong.
        List<String> end() {
            over.set(true);
            try {
                thread.join();
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            }
            return List.copyOf(unreached);
        }
    }
}
