package io.skywire.node.session;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// How many datagrams of applications went which way, and how many were thrown away and why. Safe for any thread.
public final class DatagramCounts {
    private final LongAdder sent = new LongAdder();
    private final LongAdder received = new LongAdder();
    private final Map<FlowDrop, LongAdder> drops = new EnumMap<>(FlowDrop.class);

    public DatagramCounts() {
        for (FlowDrop reason : FlowDrop.values()) {
            drops.put(reason, new LongAdder());
        }
    }

    public void dropped(FlowDrop reason) {
        LongAdder count = drops.get(reason);
        if (count != null) {
            count.increment();
        }
    }

    void sent() {
        sent.increment();
    }

    void received() {
        received.increment();
    }

    /// Given to QUIC, which may still lose them.
    public long sentSoFar() {
        return sent.sum();
    }

    /// Taken from QUIC and passed on.
    public long receivedSoFar() {
        return received.sum();
    }

    public long droppedSoFar(FlowDrop reason) {
        LongAdder count = drops.get(reason);
        return count == null ? 0 : count.sum();
    }
}
