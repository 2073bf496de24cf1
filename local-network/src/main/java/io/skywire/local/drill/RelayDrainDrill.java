package io.skywire.local.drill;

import java.time.Duration;
import picocli.CommandLine.Command;

/// A messaging server is asked to end under a running transfer, as at an update, and tells its clients to move.
@Command(name = "relay-drain", description = "Asks the messaging server in use to end during a transfer.")
public final class RelayDrainDrill extends RelayDrill {
    @Override
    Blow blow() {
        return new Blow(Signal.SIGTERM, Duration.ofMillis(200));
    }
}
