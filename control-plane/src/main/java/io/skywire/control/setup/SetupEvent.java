package io.skywire.control.setup;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/// What a running setup can hear of. The first group answers effects, the second comes from the network.
sealed interface SetupEvent {
    /// A way was found and numbered; these of its nodes have no session.
    record Planned(RoutePlan plan, Set<PublicKey> absent) implements SetupEvent {}

    record NoPlan(SetupFailure why) implements SetupEvent {}

    /// Rules and ledger are committed; each node must reach its revision. `usual`: how long to wait for a node, where
    /// that is known.
    record Installed(Map<PublicKey, Long> revisions, Map<PublicKey, Duration> usual) implements SetupEvent {
        Installed(Map<PublicKey, Long> revisions) {
            this(revisions, Map.of());
        }
    }

    /// The ledger already holds a live rule with one of the plan's numbers; nothing was written.
    record NumberTaken() implements SetupEvent {}

    /// Nobody knows whether the last write was committed.
    record WriteFailed(String detail) implements SetupEvent {}

    record Activated() implements SetupEvent {}

    record TakenBack() implements SetupEvent {}

    // --- from the network

    record Acknowledged(PublicKey node, long revision) implements SetupEvent {}

    /// A node lost its session before it acknowledged; its next one brings it the same rules.
    record Moving(PublicKey node) implements SetupEvent {}

    record RuleRefused(PublicKey node, RouteUid route, RuleKey rule, Refusal refusal, String detail)
            implements SetupEvent {}

    /// A node refused a whole delta up to `revision` and will get no other before something changes.
    record DeltaRefused(PublicKey node, long revision, String detail) implements SetupEvent {}

    record Probed(RouteUid route) implements SetupEvent {}

    record ProbeUnanswered(RouteUid route, String detail) implements SetupEvent {}

    record TransportLost(TransportId transport) implements SetupEvent {}

    record RuleExpired(PublicKey node, RouteUid route) implements SetupEvent {}

    record CloseAsked(PublicKey by, RouteUid route, String detail) implements SetupEvent {}

    /// Neither end has had a session for so long that nobody will tell how the route ended.
    record Orphaned(RouteUid route) implements SetupEvent {}

    /// Time has passed.
    record Tick() implements SetupEvent {}

    /// What a node's refusal calls for.
    enum Refusal {
        KEY_TAKEN,
        NO_SUCH_TRANSPORT,
        OTHER
    }
}
