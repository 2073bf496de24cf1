package io.skywire.benchmarks.forwarding;

import io.skywire.shared.noise.LinkCipher;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.json.JsonMapper;

/// Sends packets of 1400 bytes at a fixed rate over many routes through one node.
///
/// `PacedLoad KEYS NODE MBIT ROUTES SECONDS`; KEYS is the directory with `load-source.key` and `load-sink.key`, NODE is
/// `KEY PORT METRICS_PORT PID`. Prints `linked`, then `running` when packets come through, and at the end one JSON
/// object.
final class PacedLoad {
    private static final int PAYLOAD = 1_400;
    private static final int PACKET = PacketLayout.HEADER_LENGTH + PAYLOAD;
    private static final int PACKETS = 23; // half a frame
    private static final int PREFIX = 2;
    private static final Duration RULES = Duration.ofSeconds(60);
    private static final Duration STEP = Duration.ofNanos(500_000);
    private static final Duration LIFE = Duration.ofMillis(50);
    private static final long MOST_BEHIND =
            4 << 20; // what was not sent in time because this process slept is not made up

    private final AtomicLong received = new AtomicLong();
    private final Neighbour source;
    private final int routes;
    private final byte[] plain = new byte[PACKETS * PACKET];
    private final byte[] sealed = new byte[0xffff];
    private int route;
    private final ByteBuffer out = ByteBuffer.allocateDirect(PREFIX + 0xffff);

    private PacedLoad(Neighbour source, int routes) {
        this.source = source;
        this.routes = routes;
    }

    public static void main(String[] arguments) throws Exception {
        Path keys = Path.of(arguments[0]);
        NodeUnderTest node = NodeUnderTest.of(arguments, 1);
        double bytesPerNano = Integer.parseInt(arguments[5]) / 8e3;
        int routes = Integer.parseInt(arguments[6]);
        Duration length = Duration.ofSeconds(Integer.parseInt(arguments[7]));
        Neighbour source = node.dial(keys, "load-source", LinkCipher.AES_256_GCM);
        Neighbour sink = node.dial(keys, "load-sink", LinkCipher.AES_256_GCM);
        PacedLoad load = new PacedLoad(source, routes);
        start(() -> load.receive(sink.channel()));
        start(() -> ignore(source.channel()));
        start(() -> {
            while (true) {
                sink.keepAlive();
                LockSupport.parkNanos(LIFE.toNanos());
            }
        });
        System.out.println("linked");
        load.awaitRules();
        System.out.println("running");
        System.out.println(new JsonMapper().writeValueAsString(load.run(bytesPerNano, length)));
        System.exit(0);
    }

    private void awaitRules() throws IOException {
        long deadline = System.nanoTime() + RULES.toNanos();
        while (received.get() < 50L * plain.length) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("no packet comes through the node: has it no rules?");
            }
            send();
            LockSupport.parkNanos(LIFE.toNanos() / 10);
        }
    }

    private Map<String, Object> run(double bytesPerNano, Duration length) throws IOException {
        long began = System.nanoTime();
        long before = received.get();
        double due = 0;
        long sent = 0;
        long last = began;
        while (true) {
            long now = System.nanoTime();
            if (now - began > length.toNanos()) {
                break;
            }
            due = Math.min(due + (now - last) * bytesPerNano, sent + MOST_BEHIND);
            last = now;
            if (sent < due) {
                sent += send();
            } else {
                LockSupport.parkNanos(STEP.toNanos());
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        long came = received.get() - before;
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("mbit_per_second", came * 8 / 1e6 / seconds);
        figures.put("sent_bytes", sent);
        figures.put("received_bytes", came);
        return figures;
    }

    /// One frame; its bytes on the wire.
    private int send() throws IOException {
        for (int at = 0; at < plain.length; at += PACKET) {
            PacketLayout.writeHeader(plain, at, PacketType.DATA, new RouteId(1 + route), PAYLOAD);
            route = (route + 1) % routes;
        }
        int length = source.sealing().seal(plain, 0, plain.length, sealed, 0);
        out.clear().putShort((short) length).put(sealed, 0, length).flip();
        while (out.hasRemaining()) {
            source.channel().write(out);
        }
        return PREFIX + length;
    }

    private void receive(SocketChannel channel) throws IOException {
        ByteBuffer in = ByteBuffer.allocateDirect(1 << 20);
        for (int length = channel.read(in); length >= 0; length = channel.read(in.clear())) {
            received.addAndGet(length);
        }
    }

    private static void ignore(SocketChannel channel) throws IOException {
        ByteBuffer in = ByteBuffer.allocateDirect(4_096);
        while (channel.read(in.clear()) >= 0) {
            // only life matters
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private static void start(Step step) {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                step.run();
            } catch (IOException broken) {
                System.err.println("the load ends: " + broken.getMessage());
                System.exit(1);
            }
        });
    }
}
