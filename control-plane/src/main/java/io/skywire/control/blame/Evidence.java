package io.skywire.control.blame;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// One thing that speaks against one subject. `id` is its row, 0 before it has one.
record Evidence(
        long id,
        Subject subject,
        Optional<PublicKey> accuser,
        FaultKind kind,
        double weight,
        Instant at,
        RouteUid route) {
    /// The order in which it counts, the same on every replica.
    static final Comparator<Evidence> IN_ORDER =
            Comparator.comparing(Evidence::at).thenComparing(Evidence::id);

    static List<Evidence> of(RouteFault fault, Instant at) {
        double weight = fault.kind().weightOfEach(fault.suspects().size());
        return fault.suspects().stream()
                .map(suspect -> new Evidence(0, suspect, fault.accuser(), fault.kind(), weight, at, fault.route()))
                .toList();
    }
}
