package io.skywire.benchmarks.forwarding;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.skywire.shared.noise.LinkCipher;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;

/// The product's relay path beside the bare one, in one JVM, in turns, on one thread: how much of the bare one's
/// speed is left. A machine that is busy slows both; processor time is counted and no clock.
///
/// `RelayGate ROUNDS` prints one JSON object: the rates of every round, in gigabytes per second of processor time.
final class RelayGate {
    private static final int PAYLOAD = 1_400;
    private static final int PIECES = 64; // of 256 KiB
    private static final double WARM_UP_SECONDS = 1.5;
    private static final double ROUND_SECONDS = 0.5;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /// One of the two, and what is sealed for it.
    private record Subject(String name, Consumer<ByteBuf> relay, SealedFrames frames, List<Double> rates) {}

    public static void main(String[] arguments) {
        int rounds = Integer.parseInt(arguments[0]);
        String label = LinkCipher.AES_256_GCM.label();
        try (MemoryRelay product = new MemoryRelay(LinkCipher.AES_256_GCM, SealedFrames.ROUTES)) {
            BareRelay bare = new BareRelay(label);
            RelayGate gate = new RelayGate();
            List<Subject> subjects = List.of(
                    new Subject(
                            "product",
                            product::read,
                            new SealedFrames(product.sealer(), PAYLOAD, PIECES),
                            new ArrayList<>()),
                    new Subject(
                            "bare",
                            bare::read,
                            new SealedFrames(BareCipher.sealing(label)::apply, PAYLOAD, PIECES),
                            new ArrayList<>()));
            subjects.forEach(subject -> gate.rate(subject, WARM_UP_SECONDS));
            for (int round = 0; round < rounds; round++) {
                subjects.forEach(subject -> subject.rates().add(gate.rate(subject, ROUND_SECONDS)));
            }
            if (product.packets() == 0) {
                throw new IllegalStateException("nothing was forwarded");
            }
            Map<String, Object> figures = new LinkedHashMap<>();
            subjects.forEach(subject -> figures.put(subject.name(), subject.rates()));
            System.out.println(new JsonMapper().writeValueAsString(figures));
        }
        System.exit(0);
    }

    private double rate(Subject subject, double seconds) {
        long bytes = 0;
        long nanos = 0;
        while (nanos < seconds * 1e9) {
            List<ByteBuf> pieces = subject.frames().next();
            long before = threads.getCurrentThreadCpuTime();
            pieces.forEach(subject.relay());
            nanos += threads.getCurrentThreadCpuTime() - before;
            bytes += subject.frames().bytes();
        }
        return bytes / (double) nanos;
    }
}
