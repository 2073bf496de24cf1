package io.skywire.control.discovery;

import io.skywire.shared.transport.TransportId;
import java.util.List;

/// What became of a report: how many claims were taken, and which were not and why. One bad claim costs no good one.
public record ReportOutcome(int accepted, List<Refusal> refusals) {
    public ReportOutcome {
        refusals = List.copyOf(refusals);
    }

    /// One claim that was not taken.
    public record Refusal(TransportId transport, Reason reason, String detail) {}

    public enum Reason {
        /// The reporter is no edge of the transport.
        NOT_AN_EDGE,
        /// A signature of an edge is missing or wrong.
        UNPROVEN,
        /// A number is out of range.
        MALFORMED,
        /// The report holds more claims than [TransportRegistry#MAX_CLAIMS].
        TOO_MANY
    }
}
