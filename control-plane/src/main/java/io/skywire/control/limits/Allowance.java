package io.skywire.control.limits;

import java.time.Duration;
import org.springframework.boot.convert.DurationStyle;

/// So many at once, and as many again, evenly, in each period. Written `600/1m`.
record Allowance(long count, Duration period) {
    Allowance {
        if (count < 1 || !period.isPositive() || period.toNanos() / count < 1) {
            throw new IllegalArgumentException(
                    "an allowance is a count above zero and a period, at most one in a nanosecond: " + count + "/"
                            + period);
        }
    }

    /// Spring's binder finds it by its name, and only if it is public.
    public static Allowance valueOf(String text) {
        String[] parts = text.strip().split("/", -1);
        if (parts.length != 2) {
            throw new IllegalArgumentException("an allowance is COUNT/PERIOD, for example 600/1m, not '" + text + "'");
        }
        return new Allowance(Long.parseLong(parts[0].strip()), DurationStyle.SIMPLE.parse(parts[1].strip()));
    }
}
