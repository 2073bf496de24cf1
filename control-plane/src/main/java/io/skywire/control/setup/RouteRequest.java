package io.skywire.control.setup;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What an authenticated initiator asks for. The same (`initiator`, `id`) always gets the same answer.
///
/// `patience` is how long the initiator waits; [RouteSetups] bounds it.
public record RouteRequest(
        RequestId id, SessionUid session, PublicKey initiator, PublicKey destination, Duration patience, Wish wish) {

    /// Which routes will do.
    public sealed interface Wish {}

    /// Any route within these bounds; hops are transports. `maxHops` 0 stands for the finder's own limit.
    ///
    /// @param disjointFrom a route of the same initiator: no node between the ends is shared with it, or, where there
    /// is no such way, no transport
    public record Constraints(
            int minHops,
            int maxHops,
            Set<PublicKey> avoidNodes,
            Set<TransportId> avoidTransports,
            Optional<RouteUid> disjointFrom)
            implements Wish {
        public static final Constraints NONE = new Constraints(0, 0, Set.of(), Set.of(), Optional.empty());

        public Constraints {
            avoidNodes = Set.copyOf(avoidNodes);
            avoidTransports = Set.copyOf(avoidTransports);
        }
    }

    /// Source routing: exactly these nodes between the ends, in this order.
    public record ExplicitPath(List<PublicKey> via) implements Wish {
        public ExplicitPath {
            via = List.copyOf(via);
        }
    }

    boolean namesItsPath() {
        return wish instanceof ExplicitPath;
    }
}
