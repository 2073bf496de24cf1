package io.skywire.node.rules;

import io.skywire.node.router.RoutingTable;
import java.util.List;

/// What became of one signed delta.
public sealed interface DeltaOutcome {
    /// The node is at `revision` now; rules in `refusals` are not in its table.
    record Applied(long revision, List<RoutingTable.Refusal> refusals) implements DeltaOutcome {}

    /// Nothing changed; the node stays at `revision`.
    record Refused(long revision, Reason reason, String detail) implements DeltaOutcome {}

    /// Why a delta changes nothing. Bounded, so that it labels a metric.
    enum Reason {
        UNLISTED_SIGNER,
        BAD_SIGNATURE,
        OTHER_NODE,
        OLD_REVISION,
        REVISION_GAP,
        MALFORMED
    }
}
