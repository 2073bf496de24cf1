package io.skywire.node.control;

import io.skywire.shared.key.PublicKey;
import java.time.Instant;
import java.util.Optional;

/// How the node stands with the control plane at one moment.
public sealed interface ControlStatus {
    /// Both keys are proved and messages flow.
    ///
    /// @param endpoint the control plane's address, or `gateway KEY`
    /// @param gateway through which the session goes; none: directly
    record Connected(String endpoint, Optional<PublicKey> gateway, Instant since) implements ControlStatus {
        public ControlWay way() {
            return gateway.isPresent() ? ControlWay.MESSAGING : ControlWay.DIRECT;
        }
    }

    /// No session; the node works with the rules it has and dials again by itself.
    record Away(Optional<String> lastError, Instant since) implements ControlStatus {}
}
