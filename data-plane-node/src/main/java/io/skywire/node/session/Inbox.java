package io.skywire.node.session;

import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// What routes brought for the sessions of one event loop and the loop has not read yet. One per loop, however many
/// [overlays][Overlay] it has: sessions share the loop's time, not each overlay's.
///
/// [#receive] and [#endOfRead] are safe for any thread, the rest is the loop's. Bounded in packets and in bytes; drops
/// what comes too fast: QUIC takes that as loss and slows down.
final class Inbox {
    private static final int MAX_PACKETS = 16_384;
    private static final long MAX_BYTES = 16L << 20;
    private static final int BATCH = 64;

    private final EventLoop loop;
    private final Counters counters;
    private final ConcurrentLinkedQueue<Arrival> arrived = new ConcurrentLinkedQueue<>();
    private final Turns<Arrival> turns = new Turns<>(Arrival::bytes);
    private final AtomicInteger packets = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicBoolean pending = new AtomicBoolean();
    private final List<Overlay> touched = new ArrayList<>();

    /// A datagram for a session; the overlay reads it.
    record Arrival(Overlay overlay, Turns.Turn<Arrival> turn, DatagramPacket datagram) {
        int bytes() {
            return datagram.content().readableBytes();
        }
    }

    Inbox(EventLoop loop, Counters counters) {
        this.loop = loop;
        this.counters = counters;
    }

    EventLoop loop() {
        return loop;
    }

    /// The datagram's buffer belongs to the inbox from now on; it is read after [#endOfRead].
    void receive(Arrival arrival) {
        boolean isFull = packets.get() >= MAX_PACKETS || bytes.get() + arrival.bytes() > MAX_BYTES;
        if (isFull || !arrival.overlay().isOpen()) {
            arrival.datagram().release();
            counters.droppedInbound.increment();
            return;
        }
        packets.incrementAndGet();
        bytes.addAndGet(arrival.bytes());
        arrived.add(arrival);
    }

    /// What came so far is read soon, as one batch.
    void endOfRead() {
        if (packets.get() > 0 && pending.compareAndSet(false, true)) {
            loop.execute(this::read);
        }
    }

    private void read() {
        pending.set(false);
        for (Arrival next = arrived.poll(); next != null; next = arrived.poll()) {
            turns.arrived(next.turn(), next);
        }
        for (int i = 0; i < BATCH; i++) {
            Arrival next = turns.next();
            if (next == null) {
                break;
            }
            packets.decrementAndGet();
            bytes.addAndGet(-next.bytes());
            next.overlay().read(next.datagram());
            if (!touched.contains(next.overlay())) {
                touched.add(next.overlay());
            }
        }
        touched.forEach(Overlay::readComplete);
        touched.clear();
        endOfRead();
    }

    /// A datagram of so many bytes has left that session.
    void sent(Turns.Turn<Arrival> turn, int length) {
        turns.sent(turn, length);
    }
}
