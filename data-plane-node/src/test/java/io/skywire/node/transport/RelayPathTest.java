package io.skywire.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.skywire.node.router.QuietEnds;
import io.skywire.node.router.Router;
import io.skywire.node.wire.FrameBuilder;
import io.skywire.node.wire.FrameReader;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.LinkCipher;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The way of packets through a node, from the bytes of one socket to those of another, with a cipher that only copies:
/// the JDK's own make new objects for every nonce, and would hide what the product adds.
class RelayPathTest {
    private static final int ROUTES = 16;
    private static final int AWAY = 1_000;
    private static final int FRAMES = 4_000;

    private final ResourceLeakDetector.Level leaks = ResourceLeakDetector.getLevel();
    private final Random random = new Random(0xa110cL);
    private final KeyPair us = KeyPair.generate(random);
    private final EmbeddedChannel timers = new EmbeddedChannel();
    private final EmbeddedChannel socket = new EmbeddedChannel();
    private final QuietEnds ends = new QuietEnds();
    private final Router router =
            new Router(new Router.Settings(100), ends, ends, timers.eventLoop(), System::nanoTime, random);
    private final FrameReader reader = new FrameReader(RelayPathTest::open, PacketLayout.MAX_PAYLOAD);
    private Ingress ingress;
    private long framesOut;
    private long bytesOut;

    @BeforeEach
    void wire() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED); // as in a node that runs
        socket.config().setOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT);
        RingArrays arrays = new RingArrays(4 << 20);
        Out in = new Out(new EmbeddedChannel(), arrays);
        Out out = new Out(socket, arrays);
        router.up(in);
        router.up(out);
        for (int id = 1; id <= ROUTES; id++) {
            router.table()
                    .apply(
                            List.of(),
                            List.of(new Rule.Relay(
                                    in.id(), new RouteId(id), out.id(), new RouteId(AWAY + id), Duration.ofHours(1))));
        }
        ingress = router.open(in);
    }

    @AfterEach
    void release() {
        socket.finishAndReleaseAll();
        timers.finishAndReleaseAll();
        ResourceLeakDetector.setLevel(leaks);
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 1_400})
    void allocatesNothingForAPacketThatIsRelayed(int payload) throws Exception {
        ByteBuf frame = PooledByteBufAllocator.DEFAULT.directBuffer();
        int packets = fill(frame, payload);
        // Netty keeps what it reuses with threads of its own kind, such as those of event loops.
        FutureTask<Long> passing = new FutureTask<>(() -> allocatedBy(frame));
        new FastThreadLocalThread(passing).start();
        long allocated = passing.get(60, TimeUnit.SECONDS);
        frame.release();

        assertThat(framesOut).isEqualTo(2L * FRAMES);
        assertThat(bytesOut).isEqualTo(2L * FRAMES * packets * (PacketLayout.HEADER_LENGTH + payload));
        assertThat(allocated)
                .as("bytes for %d packets of %d in %d frames", (long) FRAMES * packets, payload, FRAMES)
                .isLessThanOrEqualTo((long) FRAMES * packets);
    }

    private long allocatedBy(ByteBuf frame) throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < FRAMES; i++) {
            pass(frame);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < FRAMES; i++) {
            pass(frame);
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private void pass(ByteBuf frame) throws Exception {
        frame.readerIndex(0);
        reader.read(frame, ingress::packet);
        ingress.endOfRead();
        for (ByteBuf sent = socket.readOutbound(); sent != null; sent = socket.readOutbound()) {
            framesOut++;
            bytesOut += sent.readableBytes() - 2 - LinkCipher.TAG_LENGTH;
            sent.release();
        }
    }

    private static int fill(ByteBuf frame, int payload) {
        FrameBuilder neighbour = new FrameBuilder(RelayPathTest::seal);
        byte[] bytes = new byte[payload];
        int length = PacketLayout.HEADER_LENGTH + payload;
        while (neighbour.fits(length)) {
            RouteId route = new RouteId(1 + neighbour.packets() % ROUTES);
            neighbour.append(PacketLayout.packet(PacketType.DATA, route, bytes), 0, length);
        }
        int packets = neighbour.packets();
        neighbour.sealInto(frame);
        return packets;
    }

    private static int seal(byte[] plain, int offset, int length, byte[] target, int targetOffset) {
        System.arraycopy(plain, offset, target, targetOffset, length);
        return length + LinkCipher.TAG_LENGTH;
    }

    private static int open(byte[] sealed, int offset, int length, byte[] target, int targetOffset) {
        System.arraycopy(sealed, offset, target, targetOffset, length - LinkCipher.TAG_LENGTH);
        return length - LinkCipher.TAG_LENGTH;
    }

    /// The way out of a link, without the link's life.
    private final class Out implements Transport {
        private final KeyPair neighbour = KeyPair.generate(random);
        private final SignedTransport signed = SignedTransport.signedByBoth(
                TransportEntry.between(us.publicKey(), neighbour.publicKey(), TransportType.TCP), us, neighbour);
        private final Egress egress;

        Out(EmbeddedChannel channel, RingArrays arrays) {
            this.egress = new Egress(channel, new FrameBuilder(RelayPathTest::seal), TcpSettings.defaults(), arrays);
        }

        @Override
        public SignedTransport signed() {
            return signed;
        }

        @Override
        public PublicKey remote() {
            return neighbour.publicKey();
        }

        @Override
        public int maxPayload() {
            return PacketLayout.MAX_PAYLOAD;
        }

        @Override
        public void send(byte[] packet, int offset, int length) {
            egress.send(packet, offset, length);
        }

        @Override
        public void flush() {
            egress.flush();
        }

        @Override
        public TransportSnapshot snapshot() {
            throw new IllegalStateException("nobody asks for its counters");
        }

        @Override
        public void close(String reason) {}
    }
}
