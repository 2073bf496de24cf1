package io.skywire.benchmarks;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.SignedRuleDelta;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What it costs to sign a delta for one node, and to verify and read it there: one signature whatever it holds.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class RuleDeltaBenchmark {
    /// Rules in the delta; a route adds two to a relay.
    @Param({"2", "64"})
    private int rules;

    private final KeyPair setupKey = KeyPair.generate(new Random(1));
    private final PublicKey node = KeyPair.generate(new Random(2)).publicKey();
    private final PublicKey peer = KeyPair.generate(new Random(3)).publicKey();
    private final Set<PublicKey> whitelist = Set.of(setupKey.publicKey());
    private RuleDelta delta = delta(1);
    private SignedRuleDelta signed = SignedRuleDelta.sign(delta, setupKey);

    @Setup
    public void prepare() {
        delta = delta(rules);
        signed = SignedRuleDelta.sign(delta, setupKey);
    }

    @Benchmark
    public SignedRuleDelta sign() {
        return SignedRuleDelta.sign(delta, setupKey);
    }

    @Benchmark
    public SignedRuleDelta.Verification verify() {
        return signed.verify(node, whitelist);
    }

    private RuleDelta delta(int count) {
        TransportId in = TransportId.between(node, peer, TransportType.TCP);
        TransportId out = TransportId.between(node, peer, TransportType.MESSAGING);
        List<Rule> relays = IntStream.rangeClosed(1, count)
                .<Rule>mapToObj(i -> new Rule.Relay(in, new RouteId(i), out, new RouteId(-i), Duration.ofSeconds(30)))
                .toList();
        return new RuleDelta(node, RuleDelta.Kind.INCREMENT, 1, 2, List.of(), relays, Instant.EPOCH);
    }
}
