package io.skywire.benchmarks;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What identity costs on one core: a signature, its verification, a key agreement, a key from its bytes, and the name
/// of a transport.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class SignatureBenchmark {
    private final KeyPair pair = KeyPair.generate(new Random(1));
    private final PublicKey peer = KeyPair.generate(new Random(2)).publicKey();
    private final byte[] keyBytes = peer.bytes();
    private final byte[] payload = new byte[256];
    private final Signature signature = pair.sign(payload);

    @Benchmark
    public Signature sign() {
        return pair.sign(payload);
    }

    @Benchmark
    public boolean verify() {
        return pair.publicKey().verifies(signature, payload);
    }

    @Benchmark
    public byte[] agree() {
        return pair.agree(peer);
    }

    @Benchmark
    public PublicKey readKey() {
        return PublicKey.of(keyBytes);
    }

    @Benchmark
    public TransportId transportId() {
        return TransportId.between(pair.publicKey(), peer, TransportType.TCP);
    }
}
