package io.skywire.shared.time;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.InstantSource;

/// The machine's clock, or one that is off by a fixed time: drills give processes wrong clocks.
public final class MachineClock {
    /// An ISO-8601 duration, such as `PT2H` or `-PT5M`; none: the right time.
    public static final String OFFSET = "skywire.clock.offset";

    private MachineClock() {}

    /// What the system property [#OFFSET] asks for.
    ///
    /// @throws IllegalArgumentException if it is no duration
    public static InstantSource ofThisProcess() {
        String offset = System.getProperty(OFFSET, "PT0S");
        try {
            return offBy(Duration.parse(offset));
        } catch (DateTimeException malformed) {
            throw new IllegalArgumentException(OFFSET + ": '" + offset + "' is no duration like PT2H", malformed);
        }
    }

    public static InstantSource offBy(Duration offset) {
        return offset.isZero()
                ? InstantSource.system()
                : () -> InstantSource.system().instant().plus(offset);
    }
}
