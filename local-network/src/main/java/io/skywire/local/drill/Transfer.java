package io.skywire.local.drill;

import io.skywire.local.LiveNetwork;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;

/// One transfer that runs while a drill goes on: random bytes at a steady pace from one node, taken through the SOCKS5
/// door of another, which dialled.
final class Transfer implements AutoCloseable {
    private static final Duration FLOWS = Duration.ofSeconds(30);
    private static final Duration ENDS = Duration.ofSeconds(60);

    private final String name;
    private final PacedSource source;
    private final TimedSink sink;

    private Transfer(String name, PacedSource source, TimedSink sink) {
        this.name = name;
        this.source = source;
        this.sink = sink;
    }

    /// Returns when the first bytes have come.
    ///
    /// @throws NetworkFailure if none come within half a minute
    static Transfer begin(LiveNetwork network, String to, String from, int networkPort, long seed) {
        PacedSource source = new PacedSource(new Random(seed));
        try {
            network.publish(from, networkPort, source.port());
            TimedSink sink = new TimedSink(network.connect(to, from, networkPort));
            Transfer transfer = new Transfer(to + "<-" + from, source, sink);
            if (!Patience.until(FLOWS, () -> sink.bytes() > 0)) {
                transfer.close();
                throw new NetworkFailure(transfer.name + ": nothing arrived within " + FLOWS.toSeconds() + " s");
            }
            return transfer;
        } catch (RuntimeException failure) {
            source.close();
            throw failure;
        }
    }

    String name() {
        return name;
    }

    /// Bytes that have come.
    long bytes() {
        return sink.bytes();
    }

    /// Whether something comes within `limit` from now on.
    boolean flows(Duration limit) {
        long before = sink.bytes();
        return Patience.until(
                        limit, () -> sink.bytes() > before || sink.broken().isPresent())
                && sink.broken().isEmpty();
    }

    Arrivals arrivals() {
        return sink.arrivals();
    }

    /// Ends it in order. Nothing: every byte that was sent came; else what is wrong.
    Optional<String> finish() {
        source.stop();
        boolean ended = sink.awaitEnd(ENDS);
        sink.close();
        ended &= sink.awaitEnd(ENDS);
        if (!ended) {
            return Optional.of(name + " did not end");
        }
        if (sink.broken().isPresent()) {
            return Optional.of(name + " broke after " + sink.bytes() + " bytes: "
                    + sink.broken().get());
        }
        if (sink.bytes() != source.bytes()) {
            return Optional.of(name + " lost " + (source.bytes() - sink.bytes()) + " of " + source.bytes() + " bytes");
        }
        return source.sha256Sent().equals(sink.sha256Come())
                ? Optional.empty()
                : Optional.of(name + " brought other bytes than were sent");
    }

    @Override
    public void close() {
        source.close();
        sink.close();
    }
}
