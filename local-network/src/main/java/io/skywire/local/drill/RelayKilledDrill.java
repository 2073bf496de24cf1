package io.skywire.local.drill;

import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// A messaging server crashes under a running transfer.
@Command(name = "relay-killed", description = "Kills the messaging server in use during a transfer.")
public final class RelayKilledDrill extends RelayDrill {
    private static final Duration TOLD = Duration.ofSeconds(3);

    /// A client calls a server dead after 2.5 s of silence at most, then the ends of the transfer notice what was lost.
    private static final Duration UNTOLD = Duration.ofSeconds(5);

    @Option(
            names = "--silent",
            description = "stops it (SIGSTOP) instead: its connections stay open, and only its silence tells")
    private boolean silent;

    @Override
    Blow blow() {
        return silent ? new Blow(Signal.SIGSTOP, UNTOLD) : new Blow(Signal.SIGKILL, TOLD);
    }
}
