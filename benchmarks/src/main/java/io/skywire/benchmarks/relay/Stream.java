package io.skywire.benchmarks.relay;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.skywire.node.letters.LetterLayout;
import io.skywire.node.letters.Workspace;
import io.skywire.node.loops.EventLoops;
import io.skywire.shared.key.PublicKey;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// One connection that sends as fast as it can, through something, to another connection of this process that counts.
final class Stream {
    private static final double WARM_UP_CPU_SECONDS = 4;
    private static final Duration MOST_WARM_UP = Duration.ofSeconds(30);
    private static final long UNDER_WAY = 1 << 20;
    private static final long STALLED_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final Duration WINDOW = Duration.ofSeconds(2);
    private static final int WINDOWS = 3;
    private static final int PARTS = 10;
    private static final int CHUNK = 64 * 1024;
    private static final long SECONDS = 20;

    private final ProcessCpu cpu;
    private final Runnable start;
    private final Runnable stop;
    private final Count count;

    /// What has arrived. Written on the loop, read anywhere.
    private static final class Count {
        private volatile long bytes;
        private volatile long letters;

        @SuppressWarnings("NonAtomicOperationOnVolatileField") // the loop is the only writer
        void add(long moreLetters, long moreBytes) {
            letters += moreLetters;
            bytes += moreBytes;
        }
    }

    /// What one window saw, by the processor time of the process in the middle.
    record Figures(double gigabytesPerCpuSecond, double lettersPerCpuSecond, double gigabytesPerSecond) {
        Map<String, Object> asMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("gigabytes_per_cpu_second", gigabytesPerCpuSecond);
            map.put("letters_per_cpu_second", lettersPerCpuSecond);
            map.put("gigabytes_per_second", gigabytesPerSecond);
            return map;
        }
    }

    private Stream(ProcessCpu cpu, Count count, Runnable start, Runnable stop) {
        this.cpu = cpu;
        this.count = count;
        this.start = start;
        this.stop = stop;
    }

    /// Letters of `payload` bytes each, in frames as full as they get, sealed and opened at both ends.
    static Stream throughRelay(
            EventLoop loop,
            Workspace workspace,
            InetSocketAddress relay,
            PublicKey relayKey,
            ProcessCpu cpu,
            int payload)
            throws Exception {
        Count count = new Count();
        Pump pump = new Pump();
        LoadClient sink = LoadClient.connect(loop, workspace, relay, relayKey, (frame, at, length) -> {
                    count.add(1, length);
                    pump.arrived(length);
                })
                .get(SECONDS, TimeUnit.SECONDS);
        LoadClient source =
                LoadClient.connect(loop, workspace, relay, relayKey, pump).get(SECONDS, TimeUnit.SECONDS);
        pump.connect(source, sink.key(), LetterLayout.letter(sink.key(), new byte[payload]));
        // The sink sends nothing else, and a silent client is dead.
        var pinging = loop.scheduleAtFixedRate(sink::ping, 1, 1, TimeUnit.SECONDS);
        return new Stream(
                cpu,
                count,
                () -> loop.execute(pump::pump),
                () -> loop.execute(() -> {
                    pump.stopped = true;
                    pinging.cancel(false);
                    source.channel().close();
                    sink.channel().close();
                }));
    }

    /// Keeps so many bytes under way between source and sink, as a transport with congestion control does: a server
    /// drops what its addressee does not take, and dropping is not what is measured here.
    private static final class Pump implements LoadClient.Arrivals {
        private byte[] letter = new byte[0];
        private @Nullable PublicKey to;
        private @Nullable LoadClient source;
        private long sent;
        private long received;
        private long progressAt = System.nanoTime();
        private boolean stopped;
        private boolean scheduled;

        void connect(LoadClient from, PublicKey addressee, byte[] whole) {
            letter = whole;
            to = addressee;
            source = from;
        }

        @Override
        public void letter(byte[] frame, int at, int length) {}

        @Override
        public void writable(LoadClient client) {
            pumpLater();
        }

        void arrived(int length) {
            received += length;
            progressAt = System.nanoTime();
            pumpLater();
        }

        private void pumpLater() {
            LoadClient from = source;
            if (!scheduled && !stopped && from != null) {
                scheduled = true;
                from.channel().eventLoop().execute(this::pump); // once for all letters of a read
            }
        }

        void pump() {
            scheduled = false;
            LoadClient from = source;
            PublicKey addressee = to;
            if (stopped || from == null || addressee == null) {
                return;
            }
            if (System.nanoTime() - progressAt > STALLED_NANOS) {
                sent = received; // what was under way has been dropped
                progressAt = System.nanoTime();
            }
            while (sent - received + letter.length <= UNDER_WAY
                    && from.channel().isWritable()) {
                from.egress().send(addressee, letter, 0, letter.length);
                sent += letter.length;
            }
            from.egress().flush();
        }
    }

    /// The same bytes in the same pieces, sealed by nobody.
    static Stream throughPipe(EventLoop loop, InetSocketAddress pipe, ProcessCpu cpu) throws Exception {
        Count count = new Count();
        byte[] piece = new byte[CHUNK];
        RawPump pump = new RawPump(Unpooled.unreleasableBuffer(
                Unpooled.directBuffer(CHUNK).writeBytes(piece).asReadOnly()));
        Channel source = connect(loop, pipe, pump);
        Channel sink = connect(loop, pipe, new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ByteBuf bytes = (ByteBuf) message;
                count.add(0, bytes.readableBytes());
                pump.arrived(bytes.readableBytes());
                bytes.release();
            }
        });
        return new Stream(
                cpu,
                count,
                () -> loop.execute(() -> {
                    pump.source = source;
                    pump.pump();
                }),
                () -> loop.execute(() -> {
                    pump.stopped = true;
                    source.close();
                    sink.close();
                }));
    }

    /// The same bytes under way as through a server, no more.
    private static final class RawPump extends ChannelInboundHandlerAdapter {
        private final ByteBuf piece;
        private @Nullable Channel source;
        private long sent;
        private long received;
        private boolean stopped;
        private boolean scheduled;

        RawPump(ByteBuf piece) {
            this.piece = piece;
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            pumpLater();
        }

        void arrived(int length) {
            received += length;
            pumpLater();
        }

        private void pumpLater() {
            Channel from = source;
            if (!scheduled && !stopped && from != null) {
                scheduled = true;
                from.eventLoop().execute(this::pump);
            }
        }

        void pump() {
            scheduled = false;
            Channel from = source;
            if (stopped || from == null) {
                return;
            }
            while (sent - received + CHUNK <= UNDER_WAY && from.isWritable()) {
                from.write(piece.retainedDuplicate(), from.voidPromise());
                sent += CHUNK;
            }
            from.flush();
        }
    }

    private static Channel connect(EventLoop loop, InetSocketAddress address, ChannelInboundHandlerAdapter handler) {
        FixedRecvByteBufAllocator reads = new FixedRecvByteBufAllocator(4 * CHUNK);
        reads.maxMessagesPerRead(1);
        return new Bootstrap()
                .group(loop)
                .channel(EventLoops.socketChannel(loop))
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.RECVBUF_ALLOCATOR, reads)
                .handler(handler)
                .connect(address)
                .syncUninterruptibly()
                .channel();
    }

    /// The median window, after a warm-up.
    Figures measure() {
        double cold = cpu.seconds();
        long end = System.nanoTime() + MOST_WARM_UP.toNanos();
        while (cpu.seconds() - cold < WARM_UP_CPU_SECONDS && System.nanoTime() < end) {
            start.run(); // again and again: a stalled pump goes on
            rest(Duration.ofMillis(100));
        }
        List<Figures> windows = new ArrayList<>();
        for (int i = 0; i < WINDOWS; i++) {
            long bytes = count.bytes;
            long letters = count.letters;
            double spent = cpu.seconds();
            long began = System.nanoTime();
            for (int part = 0; part < PARTS; part++) {
                start.run();
                rest(WINDOW.dividedBy(PARTS));
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            double cpuSeconds = Math.max(0.01, cpu.seconds() - spent);
            windows.add(new Figures(
                    (count.bytes - bytes) / 1e9 / cpuSeconds,
                    (count.letters - letters) / cpuSeconds,
                    (count.bytes - bytes) / 1e9 / seconds));
        }
        stop.run();
        rest(Duration.ofMillis(200));
        windows.sort(Comparator.comparingDouble(Figures::gigabytesPerCpuSecond));
        return windows.get(WINDOWS / 2);
    }

    static void rest(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
