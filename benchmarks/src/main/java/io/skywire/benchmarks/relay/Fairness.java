package io.skywire.benchmarks.relay;

import io.netty.channel.EventLoop;
import io.skywire.node.letters.LetterLayout;
import io.skywire.node.letters.Workspace;
import io.skywire.shared.key.PublicKey;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// 32 senders to one addressee that takes at most 32 MB/s: for each byte that the addressee takes, 31 senders offer one
/// and a half times their fair share of it, and one offers forty times its own. Offers follow what was taken and not a
/// clock, so that a machine that is busy changes how long it takes and nothing else. Jain's index over what the
/// addressee got of each.
final class Fairness {
    private static final int SENDERS = 32;
    private static final int LETTER = 1_400;
    private static final double MODEST = 1.5;
    private static final double GREEDY = 40;
    private static final int MOST_OWED = 512 * 1024;
    private static final int FIRST_OFFER = 64 * 1024;
    private static final long READ_NANOS = TimeUnit.MILLISECONDS.toNanos(8); // of 256 KiB each
    private static final long OFFER_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long WARM_UP_BYTES = 32 << 20;
    private static final long MEASURED_BYTES = 128 << 20;
    private static final Duration MOST = Duration.ofSeconds(90);
    private static final long SECONDS = 20;

    private final LoadClient[] senders = new LoadClient[SENDERS];
    private final double[] owed = new double[SENDERS];
    private final long[] got = new long[SENDERS];
    private final Map<Long, Integer> places = new HashMap<>();
    private byte[] letter = new byte[0];
    private volatile long taken;
    private long lastSeen;
    private long lastTaken = System.nanoTime();

    private Fairness() {}

    static Map<String, Object> measure(EventLoop loop, Workspace workspace, InetSocketAddress relay, PublicKey relayKey)
            throws Exception {
        return new Fairness().run(loop, workspace, relay, relayKey);
    }

    private Map<String, Object> run(EventLoop loop, Workspace workspace, InetSocketAddress relay, PublicKey relayKey)
            throws Exception {
        LoadClient sink =
                LoadClient.connect(loop, workspace, relay, relayKey, this::took).get(SECONDS, TimeUnit.SECONDS);
        letter = LetterLayout.letter(sink.key(), new byte[LETTER]);
        for (int i = 0; i < SENDERS; i++) {
            senders[i] = LoadClient.connect(loop, workspace, relay, relayKey, (frame, at, length) -> {})
                    .get(SECONDS, TimeUnit.SECONDS);
            places.put(fingerprint(senders[i].key().bytes(), 0), i);
            owed[i] = FIRST_OFFER;
        }
        loop.execute(() -> sink.channel().config().setAutoRead(false));
        var offering = loop.scheduleAtFixedRate(() -> offer(sink), OFFER_NANOS, OFFER_NANOS, TimeUnit.NANOSECONDS);
        var reading =
                loop.scheduleWithFixedDelay(() -> sink.channel().read(), READ_NANOS, READ_NANOS, TimeUnit.NANOSECONDS);
        var pinging = loop.scheduleAtFixedRate(sink::ping, 1, 1, TimeUnit.SECONDS);
        long end = System.nanoTime() + MOST.toNanos();
        awaitTaken(WARM_UP_BYTES, end);
        loop.submit(() -> Arrays.fill(got, 0)).get(SECONDS, TimeUnit.SECONDS);
        long from = taken;
        long began = System.nanoTime();
        awaitTaken(from + MEASURED_BYTES, end);
        double seconds = (System.nanoTime() - began) / 1e9;
        long[] result = loop.submit(() -> {
                    List.of(offering, reading, pinging).forEach(timer -> timer.cancel(false));
                    Arrays.stream(senders).forEach(sender -> sender.channel().close());
                    sink.channel().close();
                    return got.clone();
                })
                .get(SECONDS, TimeUnit.SECONDS);
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("jain", jain(result));
        figures.put("greedy_bytes", result[0]);
        figures.put("least_bytes", Arrays.stream(result).min().orElse(0));
        figures.put("megabytes_per_second", Arrays.stream(result).sum() / 1e6 / seconds);
        figures.put("shares", new ArrayList<>(Arrays.stream(result).boxed().toList()));
        return figures;
    }

    private void took(byte[] frame, int at, int length) {
        got[places.getOrDefault(fingerprint(frame, at + LetterLayout.KEY_OFFSET), 0)] += length;
        taken += length; // the loop is the only writer
        for (int i = 0; i < SENDERS; i++) {
            owed[i] = Math.min(MOST_OWED, owed[i] + length * (i == 0 ? GREEDY : MODEST) / SENDERS);
        }
    }

    /// What is owed goes out in turns of one letter each.
    private void offer(LoadClient sink) {
        boolean more = true;
        while (more) {
            more = false;
            for (int i = 0; i < SENDERS; i++) {
                if (owed[i] >= letter.length && senders[i].channel().isWritable()) {
                    senders[i].egress().send(sink.key(), letter, 0, letter.length);
                    owed[i] -= letter.length;
                    more = true;
                }
            }
        }
        for (LoadClient sender : senders) {
            sender.egress().flush();
        }
        if (System.nanoTime() - lastTaken > TimeUnit.MILLISECONDS.toNanos(500) && lastSeen == taken) {
            Arrays.fill(owed, FIRST_OFFER); // all that was under way was dropped
        }
        if (lastSeen != taken) {
            lastSeen = taken;
            lastTaken = System.nanoTime();
        }
    }

    private void awaitTaken(long bytes, long end) {
        while (taken < bytes && System.nanoTime() < end) {
            Stream.rest(Duration.ofMillis(20));
        }
    }

    private static double jain(long[] shares) {
        double sum = 0;
        double squares = 0;
        for (long share : shares) {
            sum += share;
            squares += (double) share * share;
        }
        return squares == 0 ? 0 : sum * sum / (shares.length * squares);
    }

    private static long fingerprint(byte[] bytes, int at) {
        long value = 0;
        for (int i = 1; i <= Long.BYTES; i++) {
            value = value << 8 | (bytes[at + i] & 0xff);
        }
        return value;
    }
}
