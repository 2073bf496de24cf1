package io.skywire.node.messaging;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// What a mailbox has counted. Any thread.
final class MailboxCounters {
    private final LongAdder lettersIn = new LongAdder();
    private final LongAdder lettersOut = new LongAdder();
    private final LongAdder[] drops = adders(LocalDrop.values().length);
    private final LongAdder[] ends = adders(SessionEnd.values().length);

    void in() {
        lettersIn.increment();
    }

    void out() {
        lettersOut.increment();
    }

    void count(LocalDrop reason) {
        drops[reason.ordinal()].increment();
    }

    void count(SessionEnd reason) {
        ends[reason.ordinal()].increment();
    }

    LongAdder evictions() {
        return drops[LocalDrop.QUEUE_FULL.ordinal()];
    }

    long lettersIn() {
        return lettersIn.sum();
    }

    long lettersOut() {
        return lettersOut.sum();
    }

    Map<LocalDrop, Long> drops() {
        Map<LocalDrop, Long> counts = new EnumMap<>(LocalDrop.class);
        for (LocalDrop reason : LocalDrop.values()) {
            counts.put(reason, drops[reason.ordinal()].sum());
        }
        return counts;
    }

    Map<SessionEnd, Long> ends() {
        Map<SessionEnd, Long> counts = new EnumMap<>(SessionEnd.class);
        for (SessionEnd reason : SessionEnd.values()) {
            counts.put(reason, ends[reason.ordinal()].sum());
        }
        return counts;
    }

    private static LongAdder[] adders(int count) {
        LongAdder[] adders = new LongAdder[count];
        Arrays.setAll(adders, i -> new LongAdder());
        return adders;
    }
}
