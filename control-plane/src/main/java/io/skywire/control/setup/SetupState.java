package io.skywire.control.setup;

import io.skywire.control.routefinder.Route;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/// The states of [RouteSetup], each with what it needs to know and no more.
sealed interface SetupState {
    RouteState name();

    record Requested() implements SetupState {
        @Override
        public RouteState name() {
            return RouteState.REQUESTED;
        }
    }

    record Planned(RoutePlan plan) implements SetupState {
        @Override
        public RouteState name() {
            return RouteState.PLANNED;
        }
    }

    /// `awaited`: nodes that have not yet said that they are at their revision.
    record Installing(RoutePlan plan, Map<PublicKey, Long> awaited, Probe probe, Instant until) implements SetupState {
        public Installing {
            awaited = Map.copyOf(awaited);
        }

        @Override
        public RouteState name() {
            return RouteState.INSTALLING;
        }
    }

    record Probing(RoutePlan plan, Instant until) implements SetupState {
        @Override
        public RouteState name() {
            return RouteState.PROBING;
        }
    }

    record Active(Placement placement) implements SetupState {
        @Override
        public RouteState name() {
            return RouteState.ACTIVE;
        }
    }

    record RollingBack(Placement placement, SetupFailure failure, Remedy remedy) implements SetupState {
        @Override
        public RouteState name() {
            return RouteState.ROLLING_BACK;
        }
    }

    record Failed(SetupFailure failure) implements SetupState {
        @Override
        public RouteState name() {
            return RouteState.FAILED;
        }
    }

    enum Probe {
        OPEN,
        ANSWERED,
        UNANSWERED
    }

    /// What may help after a failure.
    sealed interface Remedy {
        record GiveUp() implements Remedy {}

        /// The same way with other numbers.
        record OtherNumbers(Route way) implements Remedy {}

        /// Another way, without these.
        record OtherWay(Set<PublicKey> avoidNodes, Set<TransportId> avoidTransports) implements Remedy {}
    }
}
