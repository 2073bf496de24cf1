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

/// One connection that sends as fast as it can, through something, to another connection of this process that counts.
final class Stream {
    private static final Duration WARM_UP = Duration.ofSeconds(4);
    private static final Duration WINDOW = Duration.ofSeconds(2);
    private static final int WINDOWS = 3;
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
        LoadClient sink = LoadClient.connect(
                        loop, workspace, relay, relayKey, (frame, at, length) -> count.add(1, length))
                .get(SECONDS, TimeUnit.SECONDS);
        byte[] letter = LetterLayout.letter(sink.key(), new byte[payload]);
        Pump pump = new Pump(sink.key(), letter);
        LoadClient source =
                LoadClient.connect(loop, workspace, relay, relayKey, pump).get(SECONDS, TimeUnit.SECONDS);
        return new Stream(
                cpu,
                count,
                () -> loop.execute(() -> pump.writable(source)),
                () -> loop.execute(() -> {
                    pump.stopped = true;
                    source.channel().close();
                    sink.channel().close();
                }));
    }

    /// Keeps the source's socket full.
    private static final class Pump implements LoadClient.Arrivals {
        private final PublicKey to;
        private final byte[] letter;
        private boolean stopped;
        private boolean pumping;

        Pump(PublicKey to, byte[] letter) {
            this.to = to;
            this.letter = letter;
        }

        @Override
        public void letter(byte[] frame, int at, int length) {}

        @Override
        public void writable(LoadClient source) {
            if (pumping) {
                return;
            }
            pumping = true;
            int perRound = 4 * CHUNK / letter.length + 1;
            for (int sent = 0; sent < perRound && source.channel().isWritable() && !stopped; sent++) {
                source.egress().send(to, letter, 0, letter.length);
            }
            source.egress().flush();
            pumping = false;
            if (!stopped && source.channel().isWritable() && source.channel().isActive()) {
                source.channel().eventLoop().execute(() -> writable(source)); // the sink has its turn first
            }
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
                bytes.release();
            }
        });
        return new Stream(
                cpu,
                count,
                () -> loop.execute(() -> pump.pump(source)),
                () -> loop.execute(() -> {
                    pump.stopped = true;
                    source.close();
                    sink.close();
                }));
    }

    private static final class RawPump extends ChannelInboundHandlerAdapter {
        private final ByteBuf piece;
        private boolean stopped;
        private boolean pumping;

        RawPump(ByteBuf piece) {
            this.piece = piece;
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            pump(ctx.channel());
        }

        void pump(Channel source) {
            if (pumping) {
                return;
            }
            pumping = true;
            for (int sent = 0; sent < 4 && source.isWritable() && !stopped; sent++) {
                source.write(piece.retainedDuplicate(), source.voidPromise());
            }
            source.flush();
            pumping = false;
            if (!stopped && source.isWritable() && source.isActive()) {
                source.eventLoop().execute(() -> pump(source));
            }
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
        start.run();
        rest(WARM_UP);
        List<Figures> windows = new ArrayList<>();
        for (int i = 0; i < WINDOWS; i++) {
            long bytes = count.bytes;
            long letters = count.letters;
            double spent = cpu.seconds();
            long began = System.nanoTime();
            rest(WINDOW);
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
