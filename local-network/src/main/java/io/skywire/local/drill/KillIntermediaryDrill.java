package io.skywire.local.drill;

import io.skywire.local.Experiment;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import io.skywire.local.TwoWays;
import io.skywire.local.WrongUse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Stops and kills the intermediary in use under running transfers, and looks at the bytes that arrive.
@Command(
        name = "kill-intermediary",
        description = "Stops, then kills, the middle intermediary in use during a transfer over three of them.")
public final class KillIntermediaryDrill extends Experiment {
    private static final int NETWORK_PORT = 7000;
    private static final int RATE = 64_000_000;
    private static final int CHUNK = (int) (RATE * PacedSource.EVERY.toNanos() / 1_000_000_000);
    private static final long LEAST = 4L * RATE;
    private static final Duration PREPARED = Duration.ofSeconds(120);
    private static final Duration FLOWS = Duration.ofSeconds(30);
    private static final Duration OBSERVED = Duration.ofMillis(500);
    private static final Duration SETTLES = Duration.ofSeconds(3);
    private static final Duration ENDS = Duration.ofSeconds(60);
    private static final Duration SILENT_OUTAGE = Duration.ofMillis(1000);
    private static final Duration KILLED_OUTAGE = Duration.ofMillis(100);

    @Option(names = "--bytes", description = "of each transfer (default: 1 GiB, at least 256 000 000)")
    private long bytes = 1L << 30;

    @Option(names = "--seed", description = "of the bytes that travel (default: drawn and told)")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--without-standby",
            description = "the nodes' sessions keep no second route: the drill must not hold")
    private boolean withoutStandby;

    private enum Signal {
        SIGSTOP,
        SIGKILL
    }

    /// What one transfer showed.
    private record Run(
            Map<String, Object> figures, double outageMillis, long lost, boolean whole, List<String> missed) {}

    @Override
    protected Report run(RunHome home, Progress progress) {
        if (bytes < LEAST) {
            throw new WrongUse("--bytes is at least " + LEAST + ", so that there is a middle to speak of");
        }
        long drawn = seed.orElseGet(System::nanoTime);
        progress.say("seed " + drawn);
        Random random = new Random(drawn);
        TwoWays.Sessions sessions = withoutStandby ? TwoWays.Sessions.WITHOUT_STANDBY : TwoWays.Sessions.WITH_STANDBY;
        try (TwoWays network = TwoWays.start(home, sessions, progress)) {
            Run silent = transfer(network, Signal.SIGSTOP, NETWORK_PORT, random, progress);
            Run killed = transfer(network, Signal.SIGKILL, NETWORK_PORT + 1, random, progress);
            Report report = new Report()
                    .atMost("outage_ms", silent.outageMillis(), SILENT_OUTAGE.toMillis())
                    .put("outage_ms_silent", silent.outageMillis())
                    .atMost("outage_ms_killed", killed.outageMillis(), KILLED_OUTAGE.toMillis())
                    .exactly("lost_bytes", silent.lost() + killed.lost(), 0L)
                    .exactly("sha256_match", silent.whole() && killed.whole(), true)
                    .put("bytes_per_transfer", bytes)
                    .put("runs", List.of(silent.figures(), killed.figures()))
                    .put("seed", drawn);
            silent.missed().forEach(report::failed);
            killed.missed().forEach(report::failed);
            return report;
        }
    }

    private Run transfer(TwoWays network, Signal signal, int port, Random random, Progress progress) {
        List<String> missed = new ArrayList<>();
        try (PacedSource source = new PacedSource(new Random(random.nextLong()), CHUNK, bytes)) {
            network.publish(port, source.port());
            network.connect(port).close(); // there is a session from now on
            awaitStandby(network, missed, progress);
            try (TimedSink sink = new TimedSink(network.connect(port))) {
                return transfer(network, signal, source, sink, missed, progress);
            }
        } catch (IOException broken) {
            throw new NetworkFailure("the SOCKS door broke a connection: " + broken.getMessage());
        }
    }

    private void awaitStandby(TwoWays network, List<String> missed, Progress progress) {
        progress.say("wait for a standby route");
        Duration limit = withoutStandby ? Duration.ZERO : PREPARED;
        if (!Patience.until(
                limit,
                () -> network.session()
                        .map(session -> session.path("standby").isString())
                        .orElse(false))) {
            missed.add("the session had no standby route within " + limit.toSeconds() + " s");
        }
    }

    private Run transfer(
            TwoWays network,
            Signal signal,
            PacedSource source,
            TimedSink sink,
            List<String> missed,
            Progress progress) {
        if (!Patience.until(FLOWS, () -> sink.bytes() > bytes / 4)) {
            throw new NetworkFailure("only " + sink.bytes() + " bytes arrived within " + FLOWS.toSeconds() + " s");
        }
        long begin = System.nanoTime();
        Map<String, Long> relayedBefore = relayed(network);
        long arrivedBefore = sink.bytes();
        Patience.until(FLOWS, () -> sink.bytes() > bytes / 2);
        long arrived = sink.bytes() - arrivedBefore;
        Map<String, Long> relayed = new LinkedHashMap<>();
        relayed(network).forEach((node, now) -> relayed.put(node, now - relayedBefore.getOrDefault(node, 0L)));
        String inUse = TwoWays.MIDDLES.stream()
                .max((one, other) -> Long.compare(relayed.getOrDefault(one, 0L), relayed.getOrDefault(other, 0L)))
                .orElseThrow();
        String alternative = TwoWays.MIDDLES.stream()
                .filter(name -> !name.equals(inUse))
                .findFirst()
                .orElseThrow();
        if (relayed.getOrDefault(inUse, 0L) < arrived) {
            missed.add(inUse + " relayed " + relayed.get(inUse) + " of the " + arrived
                    + " bytes that arrived before the signal: it was not in use");
        }
        Patience.until(OBSERVED, () -> false);

        progress.say(signal + " to " + inUse);
        long otherBefore = network.relayed(alternative);
        long arrivedAtEvent = sink.bytes();
        long event = System.nanoTime();
        switch (signal) {
            case SIGSTOP -> network.freeze(inUse);
            case SIGKILL -> network.kill(inUse);
        }
        Patience.until(SETTLES, () -> false);
        boolean finished = sink.awaitEnd(ENDS);
        long end = System.nanoTime();
        finished &= source.awaitEnd(Duration.ofSeconds(1));
        sink.close();
        source.close();
        finished &= sink.awaitEnd(ENDS);
        long lost = bytes - sink.bytes();
        boolean whole = finished && lost == 0 && source.sha256Sent().equals(sink.sha256Come());
        long carried = network.relayed(alternative) - otherBefore;

        Arrivals arrivals = sink.arrivals();
        Duration usual = arrivals.usualPause(begin, event);
        Duration longest =
                arrivals.longestPause(event, Math.min(end, arrivals.last().orElse(end)));
        if (!finished || lost > 0) {
            longest = Duration.ofNanos(end - event); // it never came back
        }
        double outage = Math.max(0, millis(longest.minus(usual)));
        sink.broken().ifPresent(why -> missed.add("the transfer broke after " + signal + ": " + why));
        long afterwards = sink.bytes() - arrivedAtEvent;
        if (carried < afterwards / 2) {
            missed.add(alternative + " carried " + carried + " of the " + afterwards
                    + " bytes that arrived after the signal: the session did not go over to it");
        }
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("signal", signal.name());
        figures.put("node", inUse);
        figures.put("went_over_to", alternative);
        figures.put("outage_ms", outage);
        figures.put("longest_pause_ms", millis(longest));
        figures.put("usual_pause_ms", millis(usual));
        figures.put("longest_pause_before_ms", millis(arrivals.longestPause(begin, event)));
        figures.put("lost_bytes", lost);
        figures.put("sha256_match", whole);
        figures.put("bytes_after_signal", afterwards);
        figures.put("bytes_over_alternative", carried);
        network.session().ifPresent(session -> {
            figures.put("switches", session.path("switches").asLong(0));
            figures.put("last_switch", session.path("last_switch").asString("none"));
        });
        if (signal == Signal.SIGSTOP) {
            network.thaw(inUse);
        }
        return new Run(figures, outage, lost, whole, missed);
    }

    private static Map<String, Long> relayed(TwoWays network) {
        Map<String, Long> relayed = new LinkedHashMap<>();
        TwoWays.MIDDLES.forEach(node -> relayed.put(node, network.relayed(node)));
        return relayed;
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}
