package io.skywire.node.relay;

import java.util.concurrent.TimeUnit;

/// What one key may still send: a second's worth at most is saved up. Not thread-safe.
final class SendRate {
    private static final double SECOND = TimeUnit.SECONDS.toNanos(1);

    private final RelaySettings.Rate rate;
    private double letters;
    private double bytes;
    private long at;

    SendRate(RelaySettings.Rate rate, long nanos) {
        this.rate = rate;
        this.letters = rate.letters();
        this.bytes = rate.bytes();
        this.at = nanos;
    }

    boolean takes(int length, long nanos) {
        double passed = Math.max(0, nanos - at) / SECOND;
        at = nanos;
        letters = Math.min(rate.letters(), letters + passed * rate.letters());
        bytes = Math.min(rate.bytes(), bytes + passed * rate.bytes());
        if (letters < 1 || bytes < length) {
            return false;
        }
        letters -= 1;
        bytes -= length;
        return true;
    }
}
