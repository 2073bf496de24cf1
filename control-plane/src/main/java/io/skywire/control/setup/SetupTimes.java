package io.skywire.control.setup;

import java.time.Duration;

/// Where the time of a setup went, summed over its plans: searching, writing the ledger, waiting for the nodes, waiting
/// for the probe.
public record SetupTimes(Duration find, Duration write, Duration install, Duration probe) {
    public static final SetupTimes NONE = new SetupTimes(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

    SetupTimes plusFind(Duration more) {
        return new SetupTimes(find.plus(more), write, install, probe);
    }

    SetupTimes plusWrite(Duration more) {
        return new SetupTimes(find, write.plus(more), install, probe);
    }

    SetupTimes plusInstall(Duration more) {
        return new SetupTimes(find, write, install.plus(more), probe);
    }

    SetupTimes plusProbe(Duration more) {
        return new SetupTimes(find, write, install, probe.plus(more));
    }
}
