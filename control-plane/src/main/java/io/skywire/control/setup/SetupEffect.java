package io.skywire.control.setup;

import io.skywire.control.blame.RouteFault;
import io.skywire.control.routefinder.Route;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.util.Optional;
import java.util.Set;

/// What [RouteSetup] wants done. Each line says which event answers it.
sealed interface SetupEffect {
    /// Search a way, besides what the request avoids: `Planned` or `NoPlan`.
    record Find(Set<PublicKey> avoidNodes, Set<TransportId> avoidTransports) implements SetupEffect {
        public Find {
            avoidNodes = Set.copyOf(avoidNodes);
            avoidTransports = Set.copyOf(avoidTransports);
        }
    }

    /// Give the same way other numbers: `Planned`.
    record Renumber(Route way) implements SetupEffect {}

    /// Write ledger and rules in one transaction: `Installed`, `NumberTaken` or `WriteFailed`.
    record Install(RoutePlan plan, int plans) implements SetupEffect {}

    /// Write removals for every node of the route, in one transaction, and tell whose fault it is: `TakenBack` or
    /// `WriteFailed`. A suspicion is told later, if it turns out to be true.
    record TakeBack(
            Placement placement,
            RouteState state,
            String reason,
            Optional<RouteFault> fault,
            Optional<Suspicion> suspicion)
            implements SetupEffect {}

    /// Write that the route is active: `Activated` or `WriteFailed`.
    record Activate(Placement placement, SetupTimes times) implements SetupEffect {}

    /// Write the failure, then answer with it. Ends the setup.
    record Conclude(SetupFailure failure, SetupTimes times) implements SetupEffect {}

    /// Answer. Ends the setup.
    record Answer(SetupOutcome outcome) implements SetupEffect {}
}
