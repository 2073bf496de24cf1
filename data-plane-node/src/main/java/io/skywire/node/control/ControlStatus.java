package io.skywire.node.control;

import java.time.Instant;
import java.util.Optional;

/// How the node stands with the control plane at one moment.
public sealed interface ControlStatus {
    /// Both keys are proved and messages flow.
    record Connected(String endpoint, Instant since) implements ControlStatus {}

    /// No session; the node works with the rules it has and dials again by itself.
    record Away(Optional<String> lastError, Instant since) implements ControlStatus {}
}
