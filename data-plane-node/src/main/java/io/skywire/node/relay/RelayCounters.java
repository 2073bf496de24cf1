package io.skywire.node.relay;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/// What a server has counted since it started. Any thread; totals never fall.
public final class RelayCounters {
    private final LongAdder letters = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder opened = new LongAdder();
    private final LongAdder[] drops = adders(DropReason.values().length);
    private final LongAdder[] refusals = adders(Refusal.values().length);
    private final LongAdder[] ends = adders(EndReason.values().length);

    /// Letters that went on to an addressee's session.
    public long letters() {
        return letters.sum();
    }

    /// Bytes of those letters, heads included.
    public long bytes() {
        return bytes.sum();
    }

    /// Sessions that were opened.
    public long opened() {
        return opened.sum();
    }

    public long dropped(DropReason reason) {
        return drops[reason.ordinal()].sum();
    }

    public long refused(Refusal reason) {
        return refusals[reason.ordinal()].sum();
    }

    public long ended(EndReason reason) {
        return ends[reason.ordinal()].sum();
    }

    void relayed(int count, long length) {
        letters.add(count);
        bytes.add(length);
    }

    void countOpened() {
        opened.increment();
    }

    void count(DropReason reason) {
        drops[reason.ordinal()].increment();
    }

    void count(Refusal reason) {
        refusals[reason.ordinal()].increment();
    }

    void count(EndReason reason) {
        ends[reason.ordinal()].increment();
    }

    /// The counter itself, for who counts in a loop.
    LongAdder evictions() {
        return drops[DropReason.EVICTED.ordinal()];
    }

    private static LongAdder[] adders(int count) {
        LongAdder[] adders = new LongAdder[count];
        Arrays.setAll(adders, i -> new LongAdder());
        return adders;
    }
}
