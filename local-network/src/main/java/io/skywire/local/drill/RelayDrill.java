package io.skywire.local.drill;

import io.skywire.local.Experiment;
import io.skywire.local.NetworkFailure;
import io.skywire.local.NodesApart;
import io.skywire.local.Patience;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import picocli.CommandLine.Option;

/// Ends the messaging server in use under a running transfer, and looks at the bytes that arrive.
abstract class RelayDrill extends Experiment {
    private static final int SERVERS = 3;
    private static final int NETWORK_PORT = 7000;
    private static final Duration BEFORE = Duration.ofSeconds(5);
    private static final Duration WARM_UP = Duration.ofSeconds(4);
    private static final Duration AFTER = Duration.ofSeconds(10);
    private static final Duration FLOWS = Duration.ofSeconds(30);
    private static final Duration ENDS = Duration.ofSeconds(60);

    @Option(names = "--seed", description = "of the bytes that travel (default: drawn and told)")
    private Optional<Long> seed = Optional.empty();

    /// What ends the server.
    enum Signal {
        SIGKILL,
        SIGTERM,
        /// Its process stands still: connections stay open, and nothing comes.
        SIGSTOP
    }

    /// What is done to the server, and how long the transfer may stand still because of it.
    record Blow(Signal signal, Duration mostOutage) {}

    /// Asked once, after the options were read.
    abstract Blow blow();

    @Override
    protected Report run(RunHome home, Progress progress) {
        Blow blow = blow();
        long drawn = seed.orElseGet(System::nanoTime);
        progress.say("seed " + drawn);
        try (NodesApart network = NodesApart.start(home, SERVERS, progress);
                PacedSource source = new PacedSource(new Random(drawn))) {
            network.publish(NETWORK_PORT, source.port());
            try (TimedSink sink = new TimedSink(network.connect(NETWORK_PORT))) {
                return drill(blow, network, source, sink, progress).put("seed", drawn);
            }
        }
    }

    private Report drill(Blow blow, NodesApart network, PacedSource source, TimedSink sink, Progress progress) {
        if (!Patience.until(FLOWS, () -> sink.bytes() > 0)) {
            throw new NetworkFailure("nothing arrived within " + FLOWS.toSeconds() + " s");
        }
        rest(WARM_UP);
        PublicKey inUse = network.serverInUse();
        long carriedBefore = network.carried(inUse);
        long bytesBefore = sink.bytes();
        long begin = System.nanoTime();
        rest(BEFORE);
        long carried = network.carried(inUse) - carriedBefore;
        long arrived = sink.bytes() - bytesBefore;

        Signal signal = blow.signal();
        progress.say(signal + " to messaging server " + inUse.shortHex());
        long event = System.nanoTime();
        switch (signal) {
            case SIGKILL -> network.kill(inUse);
            case SIGTERM -> network.terminate(inUse);
            case SIGSTOP -> network.freeze(inUse);
        }
        boolean ends = signal != Signal.SIGSTOP;
        boolean ended = ends && Patience.until(ENDS, () -> !network.runs(inUse));
        long endedAt = System.nanoTime();
        rest(AFTER);
        long end = System.nanoTime();
        Optional<PublicKey> after = serverInUse(network, progress);

        progress.say("the rest of the transfer");
        source.stop();
        boolean finished = sink.awaitEnd(ENDS);
        sink.close();
        finished &= sink.awaitEnd(ENDS);

        if (!ends) {
            network.kill(inUse); // nothing else ends a process that stands still
        }

        Arrivals arrivals = sink.arrivals();
        Duration usual = arrivals.usualPause(begin, event);
        Duration longest = arrivals.longestPause(event, end);
        Report report = new Report()
                .atMost(
                        "outage_ms",
                        outageMillis(longest, usual),
                        blow.mostOutage().toMillis())
                .exactly("lost_bytes", source.bytes() - sink.bytes(), 0L)
                .exactly("sha256_match", finished && source.sha256Sent().equals(sink.sha256Come()), true)
                .put("bytes", sink.bytes())
                .put("longest_pause_ms", millis(longest))
                .put("usual_pause_ms", millis(usual))
                .put("longest_pause_before_ms", millis(arrivals.longestPause(begin, event)))
                .put("ended_by", signal.name())
                .put("server_in_use_before", inUse.hex());
        if (ended) {
            report.put("server_ended_after_ms", millis(Duration.ofNanos(endedAt - event)));
        } else if (ends) {
            report.failed("the server still runs " + ENDS.toSeconds() + " s after " + signal);
        }
        if (carried < arrived || arrived == 0) {
            report.failed("the server that was ended carried " + carried + " of the " + arrived
                    + " bytes that arrived before: it was not in use");
        }
        sink.broken().ifPresent(why -> report.failed("the transfer broke: " + why));
        report.put("server_in_use_after", after.map(PublicKey::hex).orElse("none"));
        if (after.isEmpty() || after.get().equals(inUse)) {
            report.failed("the two nodes did not move to another server");
        }
        return report;
    }

    private static Optional<PublicKey> serverInUse(NodesApart network, Progress progress) {
        try {
            return Optional.of(network.serverInUse());
        } catch (NetworkFailure nowhere) {
            progress.say(String.valueOf(nowhere.getMessage()));
            return Optional.empty();
        }
    }

    /// How much longer than usual nothing arrived.
    static double outageMillis(Duration longest, Duration usual) {
        return Math.max(0, millis(longest.minus(usual)));
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }

    private static void rest(Duration time) {
        Patience.until(time, () -> false);
    }
}
