package io.skywire.control.platform;

import java.time.Instant;

/// Whether this replica reaches its database.
public sealed interface DatabaseReach {
    record Reached() implements DatabaseReach {}

    /// @param since when it last answered
    /// @param reason for people; holds no secret
    record Away(Instant since, String reason) implements DatabaseReach {}
}
