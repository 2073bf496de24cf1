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
import java.util.concurrent.atomic.AtomicBoolean;

/// 32 senders to one addressee that takes 32 MB/s: 31 offer one and a half times their fair share, one offers forty
/// times its own. Jain's index over what the addressee got of each.
final class Fairness {
    private static final int SENDERS = 32;
    private static final int LETTER = 1_400;
    private static final long TURN_MILLIS = 5;
    private static final int TAKES_PER_TURN = 160_000; // 32 MB/s
    private static final double MODEST = 1.5;
    private static final double GREEDY = 40;
    private static final Duration WARM_UP = Duration.ofSeconds(3);
    private static final Duration WINDOW = Duration.ofSeconds(5);
    private static final long SECONDS = 20;

    private Fairness() {}

    static Map<String, Object> measure(EventLoop loop, Workspace workspace, InetSocketAddress relay, PublicKey relayKey)
            throws Exception {
        Map<Long, Integer> places = new HashMap<>(); // on the loop only, from here on
        long[] got = new long[SENDERS];
        AtomicBoolean counting = new AtomicBoolean();
        LoadClient sink = LoadClient.connect(loop, workspace, relay, relayKey, (frame, at, length) -> {
                    if (counting.get()) {
                        got[places.getOrDefault(fingerprint(frame, at + LetterLayout.KEY_OFFSET), 0)] += length;
                    }
                })
                .get(SECONDS, TimeUnit.SECONDS);
        List<LoadClient> senders = new ArrayList<>();
        for (int i = 0; i < SENDERS; i++) {
            LoadClient sender = LoadClient.connect(loop, workspace, relay, relayKey, (frame, at, length) -> {})
                    .get(SECONDS, TimeUnit.SECONDS);
            senders.add(sender);
            places.put(fingerprint(sender.key().bytes(), 0), i);
        }
        byte[] letter = LetterLayout.letter(sink.key(), new byte[LETTER]);
        double fair = (double) TAKES_PER_TURN / SENDERS / letter.length;
        double[] owed = new double[SENDERS];
        loop.execute(() -> sink.channel().config().setAutoRead(false));
        var sending = loop.scheduleAtFixedRate(
                () -> {
                    for (int i = 0; i < SENDERS; i++) {
                        owed[i] = Math.min(owed[i], GREEDY * fair) + fair * (i == 0 ? GREEDY : MODEST);
                        LoadClient sender = senders.get(i);
                        for (; owed[i] >= 1 && sender.channel().isWritable(); owed[i]--) {
                            sender.egress().send(sink.key(), letter, 0, letter.length);
                        }
                        sender.egress().flush();
                    }
                },
                TURN_MILLIS,
                TURN_MILLIS,
                TimeUnit.MILLISECONDS);
        // One read takes 256 KiB at most, so the pace is set by how often.
        long readEvery = TimeUnit.MILLISECONDS.toNanos(TURN_MILLIS) * (256 * 1024) / TAKES_PER_TURN;
        var reading = loop.scheduleAtFixedRate(() -> sink.channel().read(), readEvery, readEvery, TimeUnit.NANOSECONDS);
        var pinging = loop.scheduleAtFixedRate(sink::ping, 1, 1, TimeUnit.SECONDS);
        Stream.rest(WARM_UP);
        loop.submit(() -> counting.set(true)).get(SECONDS, TimeUnit.SECONDS);
        Stream.rest(WINDOW);
        long[] result = loop.submit(() -> {
                    sending.cancel(false);
                    reading.cancel(false);
                    pinging.cancel(false);
                    senders.forEach(sender -> sender.channel().close());
                    sink.channel().close();
                    return got.clone();
                })
                .get(SECONDS, TimeUnit.SECONDS);
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("jain", jain(result));
        figures.put("greedy_bytes", result[0]);
        figures.put("least_bytes", Arrays.stream(result).min().orElse(0));
        figures.put("megabytes_per_second", Arrays.stream(result).sum() / 1e6 / WINDOW.toSeconds());
        return figures;
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
