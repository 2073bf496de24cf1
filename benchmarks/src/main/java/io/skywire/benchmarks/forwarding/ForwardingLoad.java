package io.skywire.benchmarks.forwarding;

import io.skywire.benchmarks.relay.ProcessCpu;
import io.skywire.shared.noise.LinkCipher;
import io.skywire.shared.packet.PacketLayout;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.http.HttpClient;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.json.JsonMapper;

/// Sends packets through a node, a [BareLoop] and a plain pipe in turns, and prints one JSON object: for each, the
/// figures of every repetition.
///
/// `ForwardingLoad KEYS REPETITIONS NODE NODE PIPE_PID PIPE_PORT,… BARE_PID BARE_PORT,…`; KEYS is the directory of the
/// neighbours' key files, a NODE is `KEY PORT METRICS_PORT PID`, first the one with one loop, then the one with two.
/// Bare ports stand in the order of [LinkCipher]'s constants; the one after them tells
/// allocations.
final class ForwardingLoad {
    private static final int[] PAYLOADS = {64, 256, 1_400, 16_000};
    private static final int COMPARED = 1_400;
    private static final int NODE_ARGUMENTS = 4;
    private static final double WARM_UP_CPU_SECONDS = 0.6; // for each payload
    private static final Duration LONGEST_WARM_UP = Duration.ofSeconds(4);
    private static final Duration RAMP = Duration.ofMillis(300);
    private static final double WINDOW_CPU_SECONDS = 1;
    private static final Duration LONGEST_WINDOW = Duration.ofSeconds(6);
    private static final Duration DRAIN = Duration.ofMillis(50);
    private static final Duration RULES = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();

    private ForwardingLoad() {}

    /// What takes a stream: its processor time, and for a node its allocations.
    private interface Allocated {
        Allocated UNKNOWN = () -> 0;

        double bytes() throws IOException, InterruptedException;
    }

    /// One subject of the comparison.
    private record Subject(String name, ProcessCpu cpu, Allocated allocated, List<Stream> streams) {
        void run(int payload) {
            streams.forEach(stream -> stream.run(payload));
        }

        /// Until the process has used so much in all.
        void awaitCpu(double seconds, Duration limit) {
            long end = System.nanoTime() + limit.toNanos();
            while (cpu.seconds() < seconds && System.nanoTime() < end) {
                rest(DRAIN);
            }
        }

        void pause() {
            streams.forEach(Stream::pause);
            rest(DRAIN);
        }

        Stream.Count count() {
            long plain = 0;
            long wire = 0;
            long frames = 0;
            for (Stream stream : streams) {
                Stream.Count count = stream.count();
                plain += count.plain();
                wire += count.wire();
                frames += count.frames();
            }
            return new Stream.Count(plain, wire, frames);
        }
    }

    public static void main(String[] arguments) throws Exception {
        System.out.println(new JsonMapper().writeValueAsString(new ForwardingLoad().measure(arguments)));
        System.exit(0);
    }

    private Map<String, Object> measure(String[] arguments) throws Exception {
        Path keys = Path.of(arguments[0]);
        int repetitions = Integer.parseInt(arguments[1]);
        NodeUnderTest one = NodeUnderTest.of(arguments, 2);
        NodeUnderTest two = NodeUnderTest.of(arguments, 2 + NODE_ARGUMENTS);
        int next = 2 + 2 * NODE_ARGUMENTS;
        ProcessCpu pipeCpu = new ProcessCpu(Long.parseLong(arguments[next]));
        String[] pipePorts = arguments[next + 1].split(",", -1);
        ProcessCpu bareCpu = new ProcessCpu(Long.parseLong(arguments[next + 2]));
        String[] barePorts = arguments[next + 3].split(",", -1);

        Map<LinkCipher, Subject> nodes = new LinkedHashMap<>();
        Map<LinkCipher, Subject> bare = new LinkedHashMap<>();
        for (LinkCipher cipher : LinkCipher.values()) {
            Neighbour source = one.dial(keys, cipher + "-source", cipher);
            Neighbour sink = one.dial(keys, cipher + "-sink", cipher);
            nodes.put(cipher, of("node", one, List.of(Stream.between(source, sink))));
            bare.put(
                    cipher,
                    new Subject(
                            "bare",
                            bareCpu,
                            () -> BareLoop.askAllocated(loopback(barePorts[LinkCipher.values().length])),
                            List.of(through(barePorts[cipher.ordinal()], BareCipher.sealing(cipher.label())::apply))));
        }
        List<Subject> pipes = new ArrayList<>();
        for (String port : pipePorts) {
            pipes.add(new Subject("pipe", pipeCpu, Allocated.UNKNOWN, List.of(through(port, Stream.NOT_SEALED))));
        }
        List<Subject> pairs = pairs(keys, two);

        for (Subject node : nodes.values()) {
            awaitRules(node);
        }
        for (Subject pair : pairs) {
            awaitRules(pair);
        }
        warmUp(nodes, bare, pipes, pairs);

        List<Map<String, Object>> seen = new ArrayList<>();
        for (int repetition = 0; repetition < repetitions; repetition++) {
            for (int i = 0; i < pipes.size(); i++) {
                seen.add(figures(repetition, pipes.get(i), i, "none", 16_000));
            }
            for (LinkCipher cipher : LinkCipher.values()) {
                for (int payload : PAYLOADS) {
                    seen.add(figures(repetition, of(nodes, cipher), 0, cipher.label(), payload));
                    seen.add(figures(repetition, of(bare, cipher), 0, cipher.label(), payload));
                }
            }
            for (Subject pair : pairs) {
                seen.add(figures(repetition, pair, 0, LinkCipher.AES_256_GCM.label(), COMPARED));
            }
        }
        return Map.of("seen", seen);
    }

    private Subject of(String name, NodeUnderTest node, List<Stream> streams) {
        return new Subject(name, node.cpu(), () -> node.allocatedBytes(http), streams);
    }

    private static Subject of(Map<LinkCipher, Subject> subjects, LinkCipher cipher) {
        Subject subject = subjects.get(cipher);
        if (subject == null) {
            throw new IllegalStateException("no subject for " + cipher);
        }
        return subject;
    }

    /// Two pairs of links on a node with two loops, each on one loop, and two whose packets cross. A node gives its
    /// links to its loops in turns, so the order of the dials decides.
    private List<Subject> pairs(Path keys, NodeUnderTest node) throws Exception {
        LinkCipher cipher = LinkCipher.AES_256_GCM;
        Neighbour keptSource = node.dial(keys, "kept-0-source", cipher);
        Neighbour keptSource1 = node.dial(keys, "kept-1-source", cipher);
        Neighbour keptSink = node.dial(keys, "kept-0-sink", cipher);
        Neighbour keptSink1 = node.dial(keys, "kept-1-sink", cipher);
        Neighbour crossedSource = node.dial(keys, "crossed-0-source", cipher);
        Neighbour crossedSink = node.dial(keys, "crossed-0-sink", cipher);
        Neighbour crossedSink1 = node.dial(keys, "crossed-1-sink", cipher);
        Neighbour crossedSource1 = node.dial(keys, "crossed-1-source", cipher);
        Stream kept = Stream.between(keptSource, keptSink);
        return List.of(
                of("one_pair", node, List.of(kept)),
                of("two_pairs", node, List.of(kept, Stream.between(keptSource1, keptSink1))),
                of(
                        "two_pairs_crossed",
                        node,
                        List.of(
                                Stream.between(crossedSource, crossedSink),
                                Stream.between(crossedSource1, crossedSink1))));
    }

    private static Stream through(String port, Sealer sealer) throws IOException {
        SocketChannel source = connect(port);
        SocketChannel sink = connect(port);
        return Stream.start(source, sink, sealer, () -> {});
    }

    private static SocketChannel connect(String port) throws IOException {
        SocketChannel channel = SocketChannel.open(loopback(port));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return channel;
    }

    static InetSocketAddress loopback(String port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
    }

    /// Packets come out only once the node has rules for all routes; the first that do say so.
    private static void awaitRules(Subject subject) {
        long deadline = System.nanoTime() + RULES.toNanos();
        subject.run(COMPARED);
        for (Stream stream : subject.streams()) {
            long before = stream.count().frames();
            while (stream.count().frames() < before + 100) {
                if (System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException("no packet comes through the node: has it no rules?");
                }
                rest(DRAIN);
            }
        }
        subject.pause();
    }

    private static void warmUp(
            Map<LinkCipher, Subject> nodes, Map<LinkCipher, Subject> bare, List<Subject> pipes, List<Subject> pairs) {
        List<Subject> all = new ArrayList<>(pipes);
        all.addAll(pairs);
        all.addAll(nodes.values());
        all.addAll(bare.values());
        for (Subject subject : all) {
            for (int payload : PAYLOADS) {
                subject.run(payload);
                subject.awaitCpu(subject.cpu().seconds() + WARM_UP_CPU_SECONDS, LONGEST_WARM_UP);
            }
            subject.pause();
        }
    }

    private static Map<String, Object> figures(int repetition, Subject subject, int variant, String cipher, int payload)
            throws IOException, InterruptedException {
        subject.run(payload);
        rest(RAMP);
        double allocatedBefore = subject.allocated().bytes();
        Stream.Count wider = subject.count();
        double cpuBefore = subject.cpu().seconds();
        Stream.Count before = subject.count();
        long began = System.nanoTime();
        subject.awaitCpu(cpuBefore + WINDOW_CPU_SECONDS, LONGEST_WINDOW);
        Stream.Count after = subject.count();
        double cpu = Math.max(0.01, subject.cpu().seconds() - cpuBefore);
        double seconds = (System.nanoTime() - began) / 1e9;
        Stream.Count widerAfter = subject.count();
        double allocated = subject.allocated().bytes() - allocatedBefore;
        subject.pause();
        int packet = PacketLayout.HEADER_LENGTH + payload;
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("subject", subject.name());
        figures.put("variant", variant);
        figures.put("cipher", cipher);
        figures.put("payload", payload);
        figures.put("repetition", repetition);
        figures.put("cpu_seconds", cpu);
        figures.put("gbytes_per_core_second", (after.wire() - before.wire()) / 1e9 / cpu);
        figures.put("packets_per_core_second", (after.plain() - before.plain()) / (double) packet / cpu);
        figures.put("gbytes_per_second", (after.wire() - before.wire()) / 1e9 / seconds);
        figures.put(
                "packets_per_frame",
                (after.plain() - before.plain()) / (double) packet / Math.max(1, after.frames() - before.frames()));
        figures.put("allocated_bytes_per_frame", allocated / Math.max(1, widerAfter.frames() - wider.frames()));
        figures.put(
                "lost_bytes", subject.streams().stream().mapToLong(Stream::lost).sum());
        return figures;
    }

    private static void rest(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
