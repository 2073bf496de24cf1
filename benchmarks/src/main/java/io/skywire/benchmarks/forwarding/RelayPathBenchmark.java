package io.skywire.benchmarks.forwarding;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.skywire.node.transport.Ingress;
import io.skywire.node.wire.BadFrameException;
import io.skywire.node.wire.FrameBuilder;
import io.skywire.node.wire.PacketWalk;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.noise.CipherState;
import io.skywire.shared.noise.ForgedFrameException;
import io.skywire.shared.noise.LinkCipher;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.Rule;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/// The steps of a packet's way through a relay, one by one, in nanoseconds: take a frame apart, open and seal, look
/// up and forward, build a frame; and changing the rules beside it.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"})
public class RelayPathBenchmark {
    static final int BATCH = 512;

    /// A frame's plaintext, full of packets.
    @State(Scope.Thread)
    public static class Frame {
        @Param({"64", "1400"})
        int payload;

        byte[] plain = {};
        int packets;

        @Setup
        public void fill() {
            int length = PacketLayout.HEADER_LENGTH + payload;
            packets = 0xffef / length;
            plain = new byte[packets * length];
            for (int i = 0; i < packets; i++) {
                PacketLayout.writeHeader(plain, i * length, PacketType.DATA, new RouteId(1 + i % 16), payload);
            }
        }
    }

    /// One direction of a link.
    @State(Scope.Thread)
    public static class Cipher {
        @Param({"AES_256_GCM", "CHACHA20_POLY1305"})
        LinkCipher cipher = LinkCipher.AES_256_GCM;

        @Param({"64", "1400", "65000"})
        int bytes;

        byte[] plain = {};
        byte[] sealed = {};
        CipherState sealing = MemoryLink.of(KeyPair.generate(new Random(1)), cipher, new Random(2))
                .neighbours()
                .sealing();
        CipherState opening = sealing;

        @Setup
        public void shakeHands() {
            MemoryLink link = MemoryLink.of(KeyPair.generate(new Random(1)), cipher, new Random(2));
            sealing = link.neighbours().sealing();
            opening = link.ours().opening();
            plain = new byte[bytes];
            sealed = new byte[bytes + LinkCipher.TAG_LENGTH];
        }
    }

    /// Frames in the order in which they have to be opened.
    @State(Scope.Thread)
    public static class Sealed {
        byte[][] frames = {};

        @Setup(Level.Invocation)
        public void seal(Cipher link) {
            if (frames.length == 0) {
                frames = new byte[BATCH][link.bytes + LinkCipher.TAG_LENGTH];
            }
            for (byte[] frame : frames) {
                link.sealing.seal(link.plain, 0, link.bytes, frame, 0);
            }
        }
    }

    /// A relay with a table of rules.
    @State(Scope.Thread)
    public static class Table {
        @Param({"16", "10000"})
        int rules;

        byte[] packet = PacketLayout.packet(PacketType.DATA, new RouteId(1), new byte[64]);
        MemoryRelay relay = new MemoryRelay(LinkCipher.AES_256_GCM, 1);
        Ingress ingress = relay.ingress();
        int next;

        @Setup
        public void fill() {
            relay = new MemoryRelay(LinkCipher.AES_256_GCM, rules);
            ingress = relay.ingress();
        }

        /// A packet of some route: the relay has rewritten the one before.
        byte[] packet() {
            next = (next + 7919) % rules;
            PacketLayout.rewriteRouteId(packet, 0, 1 + next);
            return packet;
        }
    }

    /// Takes the plaintext of a full frame apart.
    @Benchmark
    public void codec(Frame frame, Blackhole sink) throws BadFrameException {
        new PacketWalk(PacketLayout.MAX_PAYLOAD)
                .walk(frame.plain, frame.plain.length, (array, offset, length) -> sink.consume(offset));
    }

    @Benchmark
    public int seal(Cipher link) {
        return link.sealing.seal(link.plain, 0, link.bytes, link.sealed, 0);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int open(Cipher link, Sealed sealed) throws ForgedFrameException {
        int sum = 0;
        for (byte[] frame : sealed.frames) {
            sum += link.opening.open(frame, 0, frame.length, link.plain, 0);
        }
        return sum;
    }

    /// One small packet: its rule, its new number, its place in the egress link's frame, and its share of sealing that.
    @Benchmark
    public void lookupAndForward(Table table) {
        byte[] packet = table.packet();
        table.ingress.packet(packet, 0, packet.length);
        table.ingress.endOfRead();
    }

    /// One small packet, one of many in a read of the socket.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void lookupAndForwardInBatches(Table table) {
        for (int i = 0; i < BATCH; i++) {
            byte[] packet = table.packet();
            table.ingress.packet(packet, 0, packet.length);
        }
        table.ingress.endOfRead();
    }

    /// A delta of one rule less and the same rule again, beside all others.
    @Benchmark
    public int ruleApply(Table table) {
        Rule rule = table.relay.firstRule();
        return table.relay
                        .router()
                        .table()
                        .apply(List.of(rule.key()), List.of())
                        .size()
                + table.relay.router().table().apply(List.of(), List.of(rule)).size();
    }

    /// A full frame from its packets to sealed bytes.
    @Benchmark
    public void frameBuilder(Frame frame, Builder builder) {
        int length = frame.plain.length / frame.packets;
        for (int i = 0; i < frame.packets; i++) {
            builder.frame.append(frame.plain, i * length, length);
        }
        builder.frame.sealInto(builder.wire.clear());
    }

    /// The way out of a link.
    @State(Scope.Thread)
    public static class Builder {
        final FrameBuilder frame =
                new FrameBuilder(MemoryLink.of(KeyPair.generate(new Random(1)), LinkCipher.AES_256_GCM, new Random(2))
                        .ours()
                        .sealing());
        final ByteBuf wire = Unpooled.directBuffer(1 << 17);
    }
}
