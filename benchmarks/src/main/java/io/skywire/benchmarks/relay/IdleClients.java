package io.skywire.benchmarks.relay;

import io.netty.channel.EventLoop;
import io.skywire.node.letters.Workspace;
import io.skywire.shared.key.PublicKey;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// Many clients that only say once a second that they live, and what the server's resident memory has grown by them:
/// heap with all its garbage, compiled code, buffers, everything.
final class IdleClients {
    private static final int AT_ONCE = 12;
    private static final Duration CONNECT = Duration.ofSeconds(240);
    private static final Duration HOLD = Duration.ofSeconds(10);
    private static final int PING_SLICES = 50;

    private IdleClients() {}

    static Map<String, Object> measure(
            EventLoop loop,
            Workspace workspace,
            InetSocketAddress relay,
            PublicKey relayKey,
            ProcessCpu process,
            int count)
            throws Exception {
        long before = process.residentBytes();
        List<LoadClient> clients = new ArrayList<>(); // on the loop only
        Semaphore slots = new Semaphore(AT_ONCE);
        CountDownLatch all = new CountDownLatch(count);
        AtomicInteger failed = new AtomicInteger();
        AtomicReference<String> why = new AtomicReference<>("");
        int[] slice = {0};
        var pinging = loop.scheduleAtFixedRate(
                () -> {
                    slice[0] = (slice[0] + 1) % PING_SLICES;
                    for (int i = slice[0]; i < clients.size(); i += PING_SLICES) {
                        clients.get(i).ping();
                    }
                },
                1_000 / PING_SLICES,
                1_000 / PING_SLICES,
                TimeUnit.MILLISECONDS);
        long began = System.nanoTime();
        for (int i = 0; i < count; i++) {
            if (!slots.tryAcquire(CONNECT.toSeconds(), TimeUnit.SECONDS)) {
                break;
            }
            LoadClient.connect(loop, workspace, relay, relayKey, (frame, at, length) -> {})
                    .whenComplete((client, failure) -> {
                        slots.release();
                        if (failure == null) {
                            clients.add(client);
                        } else {
                            failed.incrementAndGet();
                            why.set(String.valueOf(failure.getMessage()));
                        }
                        all.countDown();
                    });
        }
        boolean done = all.await(CONNECT.toSeconds(), TimeUnit.SECONDS);
        double seconds = (System.nanoTime() - began) / 1e9;
        double cpuBefore = process.seconds();
        Stream.rest(HOLD);
        double cpu = (process.seconds() - cpuBefore) / HOLD.toSeconds();
        long after = process.residentBytes();
        int held = loop.submit(() -> (int) clients.stream()
                        .filter(client -> client.channel().isActive())
                        .count())
                .get(20, TimeUnit.SECONDS);
        pinging.cancel(false);
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("held", held);
        figures.put("done", done);
        figures.put("failed", failed.get());
        figures.put("why", why.get());
        figures.put("connect_seconds", seconds);
        figures.put("resident_before", before);
        figures.put("resident_after", after);
        figures.put("bytes_per_client", held == 0 ? 0 : (after - before) / (double) held);
        figures.put("cpu_share_while_idle", cpu);
        return figures;
    }
}
