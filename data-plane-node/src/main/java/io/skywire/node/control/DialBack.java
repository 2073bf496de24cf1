package io.skywire.node.control;

import java.time.Duration;
import java.util.List;

/// What the control plane answers when this node asks to be dialled.
public sealed interface DialBack {
    /// @param seen where this node's session comes from, without a port
    /// @param addresses one for each that was asked for, in their order
    record Told(String seen, List<Dialled> addresses) implements DialBack {
        public Told {
            addresses = List.copyOf(addresses);
        }
    }

    /// Asked too often.
    record TooSoon(Duration retryAfter) implements DialBack {}

    /// There is no answer: no session, an older control plane, or it took too long.
    record Unanswered(String why) implements DialBack {}

    /// @param asked as this node named it
    /// @param target what was dialled for it, `host:port`; empty: nothing
    /// @param detail for people
    record Dialled(String asked, String target, Outcome outcome, String detail) {}

    enum Outcome {
        /// This node's key was proved there.
        REACHABLE,
        /// Nobody listens there, or a firewall says no.
        REFUSED,
        TIMED_OUT,
        /// Somebody listens there who does not hold this node's key.
        OTHER_KEY,
        /// The control plane dials no such address.
        FORBIDDEN,
        /// The control plane has too much to dial now.
        BUSY
    }
}
