package io.skywire.node.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.QuicChannel;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The datagrams of one session, by flow. Confined to the session's event loop, but for what is sent: that waits,
/// bounded in bytes, until the loop takes it as one batch.
///
/// The far end of a flow hears of it by its first datagram and forgets it when it is quiet; nothing is agreed on.
final class Datagrams {
    /// What QUIC's short header, its tag and the frame's own header take of a datagram.
    static final int QUIC_BYTES = 44;

    private final PublicKey peer;
    private final QuicChannel quic;
    private final EventLoop loop;
    private final SessionContext context;
    private final Map<Integer, Begun> here = new HashMap<>();
    private final Map<Integer, Taken> there = new HashMap<>();
    private final ConcurrentLinkedQueue<ByteBuf> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingBytes = new AtomicInteger();
    private final AtomicBoolean drainPending = new AtomicBoolean();
    private @Nullable Future<?> sweeping;
    private int lastFlow;
    private boolean supported;
    private volatile boolean ended;
    private volatile int largest;

    /// A flow of the peer's.
    private record Taken(int port, IncomingDatagrams.Target target, LastUse lastUse) {}

    private static final class LastUse {
        private volatile long nanos = System.nanoTime();

        void now() {
            nanos = System.nanoTime();
        }
    }

    Datagrams(PublicKey peer, QuicChannel quic, SessionContext context) {
        this.peer = peer;
        this.quic = quic;
        this.loop = quic.parent().eventLoop();
        this.context = context;
    }

    /// The peer takes datagrams, and the session's have so many bytes.
    void supported(int datagramSize) {
        supported = true;
        largest = datagramSize - QUIC_BYTES - DatagramHeader.LENGTH;
    }

    /// A flow from here; none if the peer takes no datagrams or there are as many flows as are kept.
    Optional<DatagramFlow> begin(int port, DatagramFlow.Receiver receiver) {
        if (ended || !supported || here.size() >= context.settings().datagrams().begunHere()) {
            return Optional.empty();
        }
        Begun flow = new Begun(++lastFlow, port, receiver);
        here.put(flow.id, flow);
        return Optional.of(flow);
    }

    private final class Begun implements DatagramFlow {
        private final int id;
        private final int port;
        private final Receiver receiver;

        Begun(int id, int port, Receiver receiver) {
            this.id = id;
            this.port = port;
            this.receiver = receiver;
        }

        @Override
        public void send(ByteBuf datagram) {
            enqueue(new DatagramHeader(DatagramHeader.FORTH, id, port), datagram);
        }

        @Override
        public void close() {
            try {
                loop.execute(() -> here.remove(id));
            } catch (RejectedExecutionException ending) {
                // so is the flow
            }
        }
    }

    // --- out

    private void enqueue(DatagramHeader header, ByteBuf datagram) {
        try {
            int length = datagram.readableBytes();
            if (ended) {
                drop(FlowDrop.NO_SESSION);
            } else if (largest == 0) {
                drop(FlowDrop.NOT_SUPPORTED);
            } else if (length > largest) {
                drop(FlowDrop.TOO_LARGE);
            } else if (waitingBytes.addAndGet(length + DatagramHeader.LENGTH)
                    > context.settings().datagrams().waitingBytes()) {
                waitingBytes.addAndGet(-length - DatagramHeader.LENGTH);
                drop(FlowDrop.QUEUE_FULL);
            } else {
                waiting.add(header.before(datagram, quic.alloc()));
                if (drainPending.compareAndSet(false, true)) {
                    loop.execute(this::drain);
                }
            }
        } catch (RejectedExecutionException ending) {
            release();
        } finally {
            datagram.release();
        }
    }

    private void drain() {
        drainPending.set(false);
        for (ByteBuf next = waiting.poll(); next != null; next = waiting.poll()) {
            waitingBytes.addAndGet(-next.readableBytes());
            if (ended) {
                next.release();
                drop(FlowDrop.NO_SESSION);
                continue;
            }
            quic.write(next).addListener((ChannelFuture written) -> {
                if (written.isSuccess()) {
                    context.datagrams().sent();
                } else {
                    // The path may carry less than the session's size for a while, as in the handshake.
                    drop(quic.isActive() ? FlowDrop.TOO_LARGE : FlowDrop.NO_SESSION);
                }
            });
        }
        quic.flush();
    }

    // --- in

    void received(ByteBuf datagram) {
        try {
            if (datagram.readableBytes() < DatagramHeader.LENGTH) {
                drop(FlowDrop.MALFORMED);
                return;
            }
            DatagramHeader header = DatagramHeader.read(datagram);
            switch (header.kind()) {
                case DatagramHeader.FORTH -> forth(header, datagram);
                case DatagramHeader.BACK -> back(header, datagram);
                default -> drop(FlowDrop.MALFORMED);
            }
        } finally {
            datagram.release();
        }
    }

    private void back(DatagramHeader header, ByteBuf datagram) {
        Begun flow = here.get(header.flow());
        if (flow == null) {
            drop(FlowDrop.NO_SESSION);
        } else if (flow.port != header.port()) {
            drop(FlowDrop.MALFORMED);
        } else {
            context.datagrams().received();
            flow.receiver.received(datagram.retain());
        }
    }

    private void forth(DatagramHeader header, ByteBuf datagram) {
        Taken known = there.get(header.flow());
        if (known == null) {
            known = take(header);
        }
        if (known == null) {
            return;
        }
        if (known.port() != header.port()) {
            drop(FlowDrop.MALFORMED);
            return;
        }
        known.lastUse().now();
        context.datagrams().received();
        known.target().received(datagram.retain());
    }

    private @Nullable Taken take(DatagramHeader header) {
        if (there.size() >= context.settings().datagrams().begunThere()) {
            drop(FlowDrop.TOO_MANY_FLOWS);
            return null;
        }
        LastUse lastUse = new LastUse();
        DatagramHeader answers = new DatagramHeader(DatagramHeader.BACK, header.flow(), header.port());
        return switch (context.incomingDatagrams().begun(peer, header.port(), bytes -> {
            lastUse.now();
            enqueue(answers, bytes);
        })) {
            case IncomingDatagrams.Verdict.Drop dropped -> {
                drop(dropped.reason());
                yield null;
            }
            case IncomingDatagrams.Verdict.Take taken -> {
                Taken flow = new Taken(header.port(), taken.target(), lastUse);
                there.put(header.flow(), flow);
                if (sweeping == null) {
                    long pause =
                            Math.max(1, context.settings().datagrams().idle().toMillis() / 4);
                    sweeping = loop.scheduleWithFixedDelay(this::sweep, pause, pause, TimeUnit.MILLISECONDS);
                }
                yield flow;
            }
        };
    }

    private void sweep() {
        long now = System.nanoTime();
        Duration idle = context.settings().datagrams().idle();
        for (Iterator<Taken> all = there.values().iterator(); all.hasNext(); ) {
            Taken flow = all.next();
            if (now - flow.lastUse().nanos > idle.toNanos()) {
                all.remove();
                flow.target().ended();
            }
        }
        Future<?> running = sweeping;
        if (there.isEmpty() && running != null) {
            running.cancel(false);
            sweeping = null;
        }
    }

    // --- the end

    void end() {
        if (ended) {
            return;
        }
        ended = true;
        release();
        Future<?> running = sweeping;
        if (running != null) {
            running.cancel(false);
        }
        there.values().forEach(flow -> flow.target().ended());
        there.clear();
        here.values().forEach(flow -> flow.receiver.ended());
        here.clear();
    }

    private void release() {
        for (ByteBuf next = waiting.poll(); next != null; next = waiting.poll()) {
            next.release();
        }
    }

    private void drop(FlowDrop reason) {
        context.datagrams().dropped(reason);
    }
}
