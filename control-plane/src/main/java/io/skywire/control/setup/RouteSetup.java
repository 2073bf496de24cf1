package io.skywire.control.setup;

import io.skywire.control.blame.RouteFault;
import io.skywire.control.setup.SetupState.Probe;
import io.skywire.control.setup.SetupState.Remedy;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// One route setup as a state machine: the same events at the same instants give the same effects. Immutable; whoever
/// drives it runs the effects in order and feeds back what they answer (`docs/protocol/route-setup.md`).
/// ```
/// REQUESTED ──Planned──► PLANNED ──Installed──► INSTALLING ──all acks──► PROBING ──answered──► ACTIVE
///     ▲  └─NoPlan─► FAILED   └──────────────────────┴────────────────────────┴──► ROLLING_BACK ──► FAILED
///     └───────────────────────────── another plan, other numbers ────────────────────────┘
/// ```
/// Events that a state does not wait for change nothing: late acknowledgements, answers of an earlier plan. What
/// happens to a route after the answer is [ActiveRoute]'s.
record RouteSetup(
        RouteRequest request,
        Instant deadline,
        SetupLimits limits,
        SetupState state,
        Tries tries,
        SetupTimes times,
        Instant since) {

    /// What has been tried and what is avoided from now on. `silent`: who is avoided only because it said nothing in
    /// its whole time; if there is no way without them, they are asked again. `earlier` is the failure of the last
    /// plan.
    record Tries(
            int plans,
            int renumberings,
            Set<PublicKey> avoidNodes,
            Set<TransportId> avoidTransports,
            Set<PublicKey> silent,
            Haste haste,
            Optional<SetupFailure> earlier) {
        static final Tries NONE = new Tries(0, 0, Set.of(), Set.of(), Set.of(), Haste.NONE, Optional.empty());
    }

    /// Who is avoided only because it was slower than usual. If there is no way without them, they get their whole
    /// time, and from then on everybody does. `rounds`: how many plans were left so; they do not count as tried.
    record Haste(Set<PublicKey> slow, Patience patience, int rounds) {
        static final Haste NONE = new Haste(Set.of(), Patience.USUAL, 0);

        enum Patience {
            USUAL,
            WHOLE
        }
    }

    record Step(RouteSetup next, List<SetupEffect> effects) {}

    static Step begin(RouteRequest request, Instant deadline, SetupLimits limits, Instant now) {
        RouteSetup setup =
                new RouteSetup(request, deadline, limits, new SetupState.Requested(), Tries.NONE, SetupTimes.NONE, now);
        return new Step(setup, List.of(new SetupEffect.Find(Set.of(), Set.of())));
    }

    /// When a [SetupEvent.Tick] is due, if nothing else happens before.
    Optional<Instant> wakeAt() {
        return switch (state) {
            case SetupState.Installing installing -> Optional.of(installing.wakeAt());
            case SetupState.Probing probing -> Optional.of(probing.until());
            case SetupState.Requested requested -> Optional.empty();
            case SetupState.Planned planned -> Optional.empty();
            case SetupState.Active active -> Optional.empty();
            case SetupState.RollingBack rollingBack -> Optional.empty();
            case SetupState.Failed failed -> Optional.empty();
        };
    }

    Step on(SetupEvent event, Instant now) {
        return switch (state) {
            case SetupState.Requested requested -> requested(event, now);
            case SetupState.Planned planned -> planned(planned, event, now);
            case SetupState.Installing installing -> installing(installing, event, now);
            case SetupState.Probing probing -> probing(probing, event, now);
            case SetupState.Active active -> active(active, event, now);
            case SetupState.RollingBack rollingBack -> rollingBack(rollingBack, event, now);
            case SetupState.Failed failed -> stay();
        };
    }

    private Step requested(SetupEvent event, Instant now) {
        return switch (event) {
            case SetupEvent.Planned found -> countingPlan().plannedOrAbsent(found, now);
            case SetupEvent.NoPlan none -> {
                if (now.isBefore(deadline) && !tries.haste().slow().isEmpty()) {
                    yield overAgain(tries.haste().slow(), tries.silent(), now);
                }
                if (now.isBefore(deadline) && !tries.silent().isEmpty()) {
                    yield overAgain(tries.silent(), Set.of(), now);
                }
                yield conclude(tries.earlier().orElse(none.why()), now);
            }
            case SetupEvent.WriteFailed failed -> conclude(unavailable(failed), now);
            default -> stay();
        };
    }

    /// There is no way without these, who were slow or silent: rather slowly than not at all.
    private Step overAgain(Set<PublicKey> nodes, Set<PublicKey> stillSilent, Instant now) {
        Set<PublicKey> avoid = new HashSet<>(tries.avoidNodes());
        avoid.removeAll(nodes);
        Tries next = new Tries(
                tries.plans(),
                tries.renumberings(),
                Set.copyOf(avoid),
                tries.avoidTransports(),
                stillSilent,
                new Haste(Set.of(), Haste.Patience.WHOLE, tries.haste().rounds()),
                tries.earlier());
        return again(next, new SetupEffect.Find(next.avoidNodes(), next.avoidTransports()), now);
    }

    /// Nothing is written for a plan that cannot be acknowledged in full.
    private Step plannedOrAbsent(SetupEvent.Planned found, Instant now) {
        if (found.absent().isEmpty()) {
            return new Step(
                    entering(new SetupState.Planned(found.plan()), now),
                    List.of(new SetupEffect.Install(found.plan(), tries.plans())));
        }
        Placement placement = found.plan().placement();
        PublicKey first = placement.nodes().stream()
                .filter(found.absent()::contains)
                .findFirst()
                .orElseThrow();
        SetupFailure failure = at(placement, first, FailureReason.SILENT, "has no session with the control plane", "");
        Set<PublicKey> avoidable = new HashSet<>(placement.intermediaries());
        avoidable.retainAll(found.absent());
        boolean endIsAbsent = avoidable.size() < found.absent().size();
        return afterwards(failure, endIsAbsent ? new Remedy.GiveUp() : new Remedy.OtherWay(avoidable, Set.of()), now);
    }

    private Step planned(SetupState.Planned planned, SetupEvent event, Instant now) {
        return switch (event) {
            case SetupEvent.Installed installed ->
                new Step(
                        entering(
                                new SetupState.Installing(
                                        planned.plan(),
                                        installed.revisions(),
                                        due(planned.plan(), installed.usual(), now),
                                        Probe.OPEN,
                                        atMost(now.plus(limits.nodeTimeout()))),
                                now),
                        List.of());
            case SetupEvent.NumberTaken taken -> {
                SetupFailure failure =
                        SetupFailure.everywhere(FailureReason.UNAVAILABLE, "no free route numbers found");
                yield afterwards(failure, new Remedy.OtherNumbers(planned.plan().way()), now);
            }
            case SetupEvent.WriteFailed failed ->
                rollBack(planned.plan(), unavailable(failed), Optional.empty(), new Remedy.GiveUp(), now);
            default -> stay();
        };
    }

    /// Haste helps only where another plan can follow, and only with nodes that can be gone around.
    private Map<PublicKey, Instant> due(RoutePlan plan, Map<PublicKey, Duration> usual, Instant now) {
        if (request.namesItsPath()
                || tries.plans() >= limits.plans()
                || tries.haste().rounds() >= limits.plans() - 1
                || tries.haste().patience() == Haste.Patience.WHOLE) {
            return Map.of();
        }
        Map<PublicKey, Instant> due = new HashMap<>();
        for (PublicKey node : plan.placement().intermediaries()) {
            Duration time = usual.getOrDefault(node, limits.nodeTimeout());
            if (time.compareTo(limits.nodeTimeout()) < 0) {
                due.put(node, now.plus(time));
            }
        }
        return due;
    }

    private Step installing(SetupState.Installing at, SetupEvent event, Instant now) {
        RoutePlan plan = at.plan();
        return switch (event) {
            case SetupEvent.Acknowledged ack -> {
                Long needed = at.awaited().get(ack.node());
                if (needed == null || ack.revision() < needed) {
                    yield stay();
                }
                Map<PublicKey, Long> awaited = new HashMap<>(at.awaited());
                awaited.remove(ack.node());
                if (!awaited.isEmpty()) {
                    yield keep(at.awaiting(awaited));
                }
                RouteSetup probing =
                        entering(new SetupState.Probing(plan, atMost(now.plus(limits.probeTimeout()))), now);
                yield switch (at.probe()) {
                    case OPEN -> new Step(probing, List.of());
                    case ANSWERED -> probing.activate(plan, now);
                    // It gave up before all rules were there: that says nothing about the links.
                    case UNANSWERED -> probing.unanswered(plan, "the initiator gave up", Optional.empty(), now);
                };
            }
            case SetupEvent.Moving moving ->
                at.awaited().containsKey(moving.node()) ? keep(at.moving(moving.node(), afterMove(now))) : stay();
            case SetupEvent.Probed probed ->
                probed.route().equals(plan.uid()) ? keep(at.probed(Probe.ANSWERED)) : stay();
            // Not yet the probe's failure: some node may not hold its rules so far, and is then to blame.
            case SetupEvent.ProbeUnanswered probe ->
                probe.route().equals(plan.uid()) ? keep(at.probed(Probe.UNANSWERED)) : stay();
            case SetupEvent.Tick tick -> {
                Set<PublicKey> overdue = at.overdue(now);
                if (overdue.isEmpty()) {
                    yield stay();
                }
                yield now.isBefore(at.until()) ? slow(at, overdue, now) : silent(at, now);
            }
            case SetupEvent.DeltaRefused refused -> {
                Long needed = at.awaited().get(refused.node());
                yield needed == null || refused.revision() < needed
                        ? stay()
                        : refusedBy(plan, refused.node(), "refused its rules", refused.detail(), now);
            }
            default -> underWay(plan, event, now);
        };
    }

    /// A node that moves has its whole time again from then on; all of them together twice that time at most.
    private Instant afterMove(Instant now) {
        Instant again = now.plus(limits.nodeTimeout());
        Instant atMost = since.plus(limits.nodeTimeout().multipliedBy(2));
        return atMost(again.isBefore(atMost) ? again : atMost);
    }

    private Step probing(SetupState.Probing at, SetupEvent event, Instant now) {
        RoutePlan plan = at.plan();
        return switch (event) {
            case SetupEvent.Probed probed -> probed.route().equals(plan.uid()) ? activate(plan, now) : stay();
            case SetupEvent.ProbeUnanswered probe ->
                probe.route().equals(plan.uid())
                        ? unanswered(plan, probe.detail(), attribution(plan).probeUnanswered(), now)
                        : stay();
            case SetupEvent.Tick tick ->
                now.isBefore(at.until())
                        ? stay()
                        : unanswered(
                                plan,
                                "no report of the initiator in time",
                                hadTime(limits.probeTimeout(), now)
                                        ? attribution(plan).probeUnanswered()
                                        : Optional.empty(),
                                now);
            default -> underWay(plan, event, now);
        };
    }

    /// What ends a plan in either of the two states in which nodes may hold its rules.
    private Step underWay(RoutePlan plan, SetupEvent event, Instant now) {
        Placement placement = plan.placement();
        return switch (event) {
            case SetupEvent.RuleRefused refused ->
                refused.route().equals(plan.uid()) ? ruleRefused(plan, refused, now) : stay();
            case SetupEvent.RuleExpired expired ->
                expired.route().equals(plan.uid())
                        ? refusedBy(plan, expired.node(), "let its rule expire", "", now)
                        : stay();
            case SetupEvent.TransportLost lost ->
                placement.transports().contains(lost.transport()) ? lost(plan, lost.transport(), now) : stay();
            case SetupEvent.CloseAsked close ->
                close.route().equals(plan.uid()) && placement.isEnd(close.by())
                        ? rollBack(
                                plan,
                                at(placement, close.by(), FailureReason.REFUSED, "closed the route", close.detail()),
                                Optional.empty(),
                                new Remedy.GiveUp(),
                                now)
                        : stay();
            default -> stay();
        };
    }

    private Step lost(RoutePlan plan, TransportId transport, Instant now) {
        int place = plan.placement().transports().indexOf(transport);
        SetupFailure failure = new SetupFailure(
                FailureReason.NO_ROUTE,
                OptionalInt.of(place),
                "the link behind hop " + place + " went down during the setup",
                "transport " + transport + " went down during the setup");
        return rollBack(
                plan,
                failure,
                attribution(plan).lost(transport),
                new Remedy.OtherWay(Set.of(), Set.of(transport)),
                now);
    }

    private Step ruleRefused(RoutePlan plan, SetupEvent.RuleRefused refused, Instant now) {
        return switch (refused.refusal()) {
            case KEY_TAKEN ->
                rollBack(
                        plan,
                        at(
                                plan.placement(),
                                refused.node(),
                                FailureReason.REFUSED,
                                "already has a rule with the same number",
                                refused.detail()),
                        attribution(plan).numberTaken(refused.node()),
                        new Remedy.OtherNumbers(plan.way()),
                        now);
            case NO_SUCH_TRANSPORT -> {
                SetupFailure failure = at(
                        plan.placement(),
                        refused.node(),
                        FailureReason.REFUSED,
                        "does not have the transport",
                        refused.detail());
                Set<TransportId> named = refused.rule() instanceof RuleKey.Ingress ingress
                        ? Set.of(ingress.transport())
                        : touching(plan.placement(), refused.node());
                yield rollBack(
                        plan,
                        failure,
                        attribution(plan).noSuchTransport(named),
                        new Remedy.OtherWay(Set.of(), named),
                        now);
            }
            case OTHER -> refusedBy(plan, refused.node(), "refused a rule", refused.detail(), now);
        };
    }

    private Step active(SetupState.Active active, SetupEvent event, Instant now) {
        Placement placement = active.placement();
        return switch (event) {
            case SetupEvent.Activated activated -> {
                RouteSetup next = entering(active, now);
                yield new Step(
                        next,
                        List.of(new SetupEffect.Answer(new SetupOutcome.Established(
                                placement.route(), placement.hops(), tries.plans(), next.times))));
            }
            case SetupEvent.WriteFailed failed -> {
                RouteSetup next =
                        entering(new SetupState.RollingBack(placement, unavailable(failed), new Remedy.GiveUp()), now);
                yield new Step(next, List.of(takeBack(placement, failed.detail(), Optional.empty())));
            }
            default -> stay();
        };
    }

    private Step rollingBack(SetupState.RollingBack at, SetupEvent event, Instant now) {
        return switch (event) {
            case SetupEvent.TakenBack taken -> afterwards(at.failure(), at.remedy(), now);
            // The ledger still has the route, unfinished: whoever sweeps it later takes it back.
            case SetupEvent.WriteFailed failed -> {
                SetupFailure failure = unavailable(failed);
                RouteSetup next = entering(new SetupState.Failed(failure), now);
                yield new Step(next, List.of(new SetupEffect.Answer(outcome(failure, next.times))));
            }
            default -> stay();
        };
    }

    /// Where a failed plan leads, once no rule of it is left in the ledger.
    private Step afterwards(SetupFailure failure, Remedy remedy, Instant now) {
        boolean late = !now.isBefore(deadline);
        return switch (remedy) {
            case Remedy.GiveUp giveUp -> conclude(failure, now);
            case Remedy.OtherNumbers numbers ->
                late || tries.renumberings() >= limits.renumberings()
                        ? conclude(failure, now)
                        : again(renumbering(failure), new SetupEffect.Renumber(numbers.way()), now);
            case Remedy.OtherWay way -> {
                if (late || request.namesItsPath() || tries.plans() >= limits.plans()) {
                    yield conclude(failure, now);
                }
                yield search(failure, way.avoidNodes(), way.avoidTransports(), tries.silent(), now);
            }
            case Remedy.AroundSilent around -> {
                if (late || request.namesItsPath() || tries.plans() >= limits.plans()) {
                    yield conclude(failure, now);
                }
                Set<PublicKey> node = Set.of(around.node());
                yield search(failure, node, Set.of(), union(tries.silent(), node), now);
            }
            case Remedy.Around around -> late ? conclude(failure, now) : around(failure, around.slow(), now);
        };
    }

    /// Who hurries tries more, and not less: a plan that was left before its whole time does not count.
    private Step around(SetupFailure failure, Set<PublicKey> slow, Instant now) {
        Tries next = new Tries(
                tries.plans() - 1,
                tries.renumberings(),
                union(tries.avoidNodes(), slow),
                tries.avoidTransports(),
                tries.silent(),
                new Haste(
                        union(tries.haste().slow(), slow),
                        tries.haste().patience(),
                        tries.haste().rounds() + 1),
                Optional.of(failure));
        return again(next, new SetupEffect.Find(next.avoidNodes(), next.avoidTransports()), now);
    }

    private Step search(
            SetupFailure failure,
            Set<PublicKey> nodes,
            Set<TransportId> transports,
            Set<PublicKey> silent,
            Instant now) {
        Tries next = new Tries(
                tries.plans(),
                tries.renumberings(),
                union(tries.avoidNodes(), nodes),
                union(tries.avoidTransports(), transports),
                silent,
                tries.haste(),
                Optional.of(failure));
        return again(next, new SetupEffect.Find(next.avoidNodes(), next.avoidTransports()), now);
    }

    /// The numbers were to blame, not the plan: it does not count as another one.
    private Tries renumbering(SetupFailure failure) {
        return new Tries(
                tries.plans() - 1,
                tries.renumberings() + 1,
                tries.avoidNodes(),
                tries.avoidTransports(),
                tries.silent(),
                tries.haste(),
                Optional.of(failure));
    }

    private Step again(Tries next, SetupEffect effect, Instant now) {
        return new Step(trying(next).entering(new SetupState.Requested(), now), List.of(effect));
    }

    private Step activate(RoutePlan plan, Instant now) {
        RouteSetup next = entering(new SetupState.Active(plan.placement()), now);
        return new Step(next, List.of(new SetupEffect.Activate(plan.placement(), next.times)));
    }

    /// Nobody goes around an end. One that hung on a control plane that has died is back on another in seconds, so it
    /// is asked again, as is a node that no way leads around.
    private Step silent(SetupState.Installing at, Instant now) {
        Placement placement = at.plan().placement();
        PublicKey first = placement.nodes().stream()
                .filter(at.awaited()::containsKey)
                .findFirst()
                .orElseThrow();
        return rollBack(
                at.plan(),
                at(placement, first, FailureReason.SILENT, "did not acknowledge its rules in time", ""),
                hadTime(limits.nodeTimeout(), now)
                        ? attribution(at.plan()).silent(at.awaited().keySet())
                        : Optional.empty(),
                placement.isEnd(first) ? new Remedy.OtherWay(Set.of(), Set.of()) : new Remedy.AroundSilent(first),
                now);
    }

    /// Slower than usual, so another way is tried. Who is to blame shows when the whole node timeout is over.
    private Step slow(SetupState.Installing at, Set<PublicKey> overdue, Instant now) {
        Placement placement = at.plan().placement();
        PublicKey first =
                placement.nodes().stream().filter(overdue::contains).findFirst().orElseThrow();
        Map<PublicKey, Long> revisions = new HashMap<>(at.awaited());
        revisions.keySet().retainAll(overdue);
        Instant whole = since.plus(limits.nodeTimeout());
        Optional<Suspicion> suspicion = whole.isAfter(deadline)
                ? Optional.empty()
                : attribution(at.plan()).silent(overdue).map(fault -> new Suspicion(fault, revisions, whole));
        SetupFailure failure =
                at(placement, first, FailureReason.SILENT, "did not acknowledge its rules in its usual time", "");
        return new Step(
                entering(new SetupState.RollingBack(placement, failure, new Remedy.Around(overdue)), now),
                List.of(new SetupEffect.TakeBack(
                        placement, RouteState.ROLLING_BACK, failure.recorded(), Optional.empty(), suspicion)));
    }

    private Step unanswered(RoutePlan plan, String detail, Optional<RouteFault> fault, Instant now) {
        Placement placement = plan.placement();
        SetupFailure failure = new SetupFailure(
                FailureReason.PROBE_UNANSWERED,
                OptionalInt.empty(),
                "all hops agreed, but no data came through",
                "no data came through: " + detail);
        Remedy remedy = placement.intermediaries().isEmpty()
                ? new Remedy.OtherWay(Set.of(), Set.copyOf(placement.transports()))
                : new Remedy.OtherWay(placement.intermediaries(), Set.of());
        return rollBack(plan, failure, fault, remedy, now);
    }

    private Step refusedBy(RoutePlan plan, PublicKey node, String what, String detail, Instant now) {
        Placement placement = plan.placement();
        return rollBack(
                plan,
                at(placement, node, FailureReason.REFUSED, what, detail),
                attribution(plan).refused(node),
                avoiding(placement, node),
                now);
    }

    /// The delta may have reached every node of the plan, whatever was heard of it: all get removals.
    private Step rollBack(
            RoutePlan plan, SetupFailure failure, Optional<RouteFault> fault, Remedy remedy, Instant now) {
        return new Step(
                entering(new SetupState.RollingBack(plan.placement(), failure, remedy), now),
                List.of(takeBack(plan.placement(), failure.recorded(), fault)));
    }

    private static SetupEffect takeBack(Placement placement, String reason, Optional<RouteFault> fault) {
        return new SetupEffect.TakeBack(placement, RouteState.ROLLING_BACK, reason, fault, Optional.empty());
    }

    private static Attribution attribution(RoutePlan plan) {
        return new Attribution(plan.placement());
    }

    /// Whether others had as long as they may take. A request with little patience waits less, and could otherwise make
    /// anybody look silent.
    private boolean hadTime(Duration due, Instant now) {
        return !now.isBefore(since.plus(due));
    }

    private Step conclude(SetupFailure failure, Instant now) {
        RouteSetup next = entering(new SetupState.Failed(failure), now);
        return new Step(next, List.of(new SetupEffect.Conclude(failure, next.times)));
    }

    static SetupOutcome outcome(SetupFailure failure, SetupTimes times) {
        return new SetupOutcome.Failed(failure.reason(), failure.hop(), failure.told(), times);
    }

    /// Blames a node by its place. Its key, and what it says in its own words, are told only to who named the path.
    private SetupFailure at(Placement placement, PublicKey node, FailureReason reason, String what, String detail) {
        int place = placement.placeOf(node);
        String words = detail.isEmpty() ? "" : ": " + detail;
        String recorded = "hop " + place + " (" + node.hex() + ") " + what + words;
        return new SetupFailure(
                reason,
                OptionalInt.of(place),
                request.namesItsPath() ? recorded : "hop " + place + " " + what,
                recorded);
    }

    private static Remedy avoiding(Placement placement, PublicKey node) {
        return placement.isEnd(node) ? new Remedy.GiveUp() : new Remedy.OtherWay(Set.of(node), Set.of());
    }

    private static Set<TransportId> touching(Placement placement, PublicKey node) {
        int place = placement.placeOf(node);
        Set<TransportId> touching = new HashSet<>();
        if (place > 0) {
            touching.add(placement.transports().get(place - 1));
        }
        if (place < placement.hops()) {
            touching.add(placement.transports().get(place));
        }
        return touching;
    }

    private static SetupFailure unavailable(SetupEvent.WriteFailed failed) {
        return new SetupFailure(
                FailureReason.UNAVAILABLE,
                OptionalInt.empty(),
                "the control plane cannot write its ledger now",
                failed.detail());
    }

    private Instant atMost(Instant instant) {
        return instant.isBefore(deadline) ? instant : deadline;
    }

    private RouteSetup countingPlan() {
        return trying(new Tries(
                tries.plans() + 1,
                tries.renumberings(),
                tries.avoidNodes(),
                tries.avoidTransports(),
                tries.silent(),
                tries.haste(),
                tries.earlier()));
    }

    private RouteSetup trying(Tries next) {
        return new RouteSetup(request, deadline, limits, state, next, times, since);
    }

    /// The next state; the time spent in this one is booked to its phase.
    private RouteSetup entering(SetupState next, Instant now) {
        Duration spent = Duration.between(since, now);
        SetupTimes booked = switch (state) {
            case SetupState.Requested requested -> times.plusFind(spent);
            case SetupState.Planned planned -> times.plusWrite(spent);
            case SetupState.Installing installing -> times.plusInstall(spent);
            case SetupState.Probing probing -> times.plusProbe(spent);
            case SetupState.RollingBack rollingBack -> times.plusWrite(spent);
            case SetupState.Active active -> times.plusWrite(spent);
            case SetupState.Failed failed -> times;
        };
        return new RouteSetup(request, deadline, limits, next, tries, booked, now);
    }

    private Step keep(SetupState same) {
        return new Step(new RouteSetup(request, deadline, limits, same, tries, times, since), List.of());
    }

    private Step stay() {
        return new Step(this, List.of());
    }

    private static <T> Set<T> union(Set<T> one, Set<T> other) {
        Set<T> both = new HashSet<>(one);
        both.addAll(other);
        return Set.copyOf(both);
    }
}
