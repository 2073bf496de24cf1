package io.skywire.control.setup;

import io.skywire.control.routefinder.Route;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

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

    /// `awaited`: nodes that have not yet said that they are at their revision. `due`: when those of them that can be
    /// gone around have had their usual time.
    record Installing(
            RoutePlan plan, Map<PublicKey, Long> awaited, Map<PublicKey, Instant> due, Probe probe, Instant until)
            implements SetupState {
        public Installing {
            awaited = Map.copyOf(awaited);
            due = Map.copyOf(due);
        }

        /// The usual times count once somebody has acknowledged: before, it may be the control plane that is slow.
        private boolean isHeard() {
            return awaited.size() < plan.placement().nodes().size();
        }

        Instant wakeAt() {
            return isHeard()
                    ? awaited.keySet().stream()
                            .map(node -> due.getOrDefault(node, until))
                            .min(Comparator.naturalOrder())
                            .filter(first -> first.isBefore(until))
                            .orElse(until)
                    : until;
        }

        /// Who has had its time.
        Set<PublicKey> overdue(Instant now) {
            if (!now.isBefore(until)) {
                return awaited.keySet();
            }
            return isHeard()
                    ? awaited.keySet().stream()
                            .filter(node -> !now.isBefore(due.getOrDefault(node, until)))
                            .collect(Collectors.toUnmodifiableSet())
                    : Set.of();
        }

        Installing probed(Probe outcome) {
            return new Installing(plan, awaited, due, outcome, until);
        }

        /// That node is on its way to its next session: it is not slow, and all have until `later`.
        Installing moving(PublicKey node, Instant later) {
            Map<PublicKey, Instant> others = new HashMap<>(due);
            others.remove(node);
            return new Installing(plan, awaited, others, probe, later.isAfter(until) ? later : until);
        }

        Installing awaiting(Map<PublicKey, Long> left) {
            return new Installing(plan, left, due, probe, until);
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

        /// Another way around these, who are slower than usual; over them if there is none.
        record Around(Set<PublicKey> slow) implements Remedy {}

        /// Another way around this one, who said nothing in its whole time; over it again if there is none.
        record AroundSilent(PublicKey node) implements Remedy {}

        /// Another way, without these.
        record OtherWay(Set<PublicKey> avoidNodes, Set<TransportId> avoidTransports) implements Remedy {}
    }
}
