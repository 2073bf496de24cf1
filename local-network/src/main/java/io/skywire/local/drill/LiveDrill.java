package io.skywire.local.drill;

import io.skywire.local.Experiment;
import io.skywire.local.LiveNetwork;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/// A drill on a [LiveNetwork] under running transfers.
abstract class LiveDrill extends Experiment {
    private static final int FIRST_PORT = 7001;

    @Option(names = "--seed", description = "of the bytes that travel (default: drawn and told)")
    private Optional<Long> seed = Optional.empty();

    /// A transfer to be: who takes it and dials for it, and who has the bytes.
    record Wanted(String to, String from) {}

    abstract LiveNetwork.Wishes wishes();

    abstract List<Wanted> wanted();

    /// Breaks something; the transfers run, in the order of [#wanted]. Those that the drill has not finished are cut
    /// off.
    abstract Report drill(LiveNetwork network, List<Transfer> transfers, Progress progress);

    @Override
    protected final Report run(RunHome home, Progress progress) {
        long drawn = seed.orElseGet(System::nanoTime);
        progress.say("seed " + drawn);
        List<Transfer> transfers = new ArrayList<>();
        try (LiveNetwork network = LiveNetwork.start(home, wishes(), progress)) {
            try {
                for (Wanted one : wanted()) {
                    int number = transfers.size();
                    transfers.add(Transfer.begin(network, one.to(), one.from(), FIRST_PORT + number, drawn + number));
                }
                return drill(network, transfers, progress).put("seed", drawn);
            } finally {
                transfers.forEach(Transfer::close);
            }
        }
    }

    /// Ends the transfers in order and says how many did not bring every byte.
    static void finish(List<Transfer> transfers, Report report) {
        List<String> broken = new ArrayList<>();
        transfers.forEach(transfer -> transfer.finish().ifPresent(broken::add));
        report.put("transfers", transfers.size());
        report.exactly("transfers_broken", broken.size(), 0);
        broken.forEach(report::failed);
    }

    /// The longest time in which nothing of a transfer came, from that moment until now, for each.
    static List<Double> longestPauses(List<Transfer> transfers, long from) {
        long now = System.nanoTime();
        return transfers.stream()
                .map(transfer -> transfer.arrivals().longestPause(from, now).toNanos() / 1e6)
                .toList();
    }

    static void until(long begin, Duration after) {
        rest(after.minus(Duration.ofNanos(System.nanoTime() - begin)));
    }

    static void rest(Duration time) {
        if (time.isPositive()) {
            Patience.until(time, () -> false);
        }
    }

    /// Of the two ways between n1 and n4, the intermediary that carries more now.
    static String busier(LiveNetwork network) {
        long n2 = network.relayed("n2");
        long n3 = network.relayed("n3");
        rest(Duration.ofSeconds(1));
        long more2 = network.relayed("n2") - n2;
        long more3 = network.relayed("n3") - n3;
        if (more2 + more3 <= 0) {
            throw new NetworkFailure("neither n2 nor n3 carries anything");
        }
        return more2 >= more3 ? "n2" : "n3";
    }
}
