package io.skywire.control.setup;

import io.skywire.shared.rule.RouteUid;
import java.util.OptionalInt;

/// The answer to a [RouteRequest], with the time that each phase took.
public sealed interface SetupOutcome {
    SetupTimes times();

    /// Data has passed through `route` in both directions. `hops` counts transports, `plans` what was tried.
    record Established(RouteUid route, int hops, int plans, SetupTimes times) implements SetupOutcome {}

    /// Nothing is left of the setup. `hop` is the place that is to blame, 0 for the initiator.
    record Failed(FailureReason reason, OptionalInt hop, String detail, SetupTimes times) implements SetupOutcome {}
}
