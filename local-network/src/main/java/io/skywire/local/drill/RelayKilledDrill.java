package io.skywire.local.drill;

import java.time.Duration;
import picocli.CommandLine.Command;

/// A messaging server crashes under a running transfer.
@Command(name = "relay-killed", description = "Kills the messaging server in use during a transfer.")
public final class RelayKilledDrill extends RelayDrill {
    public RelayKilledDrill() {
        super(Signal.SIGKILL, Duration.ofSeconds(3));
    }
}
