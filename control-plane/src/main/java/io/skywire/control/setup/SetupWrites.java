package io.skywire.control.setup;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.platform.GroupCommit;
import io.skywire.control.platform.Replicas;
import io.skywire.control.rules.RuleKeyTakenException;
import io.skywire.control.rules.RuleLedger;
import io.skywire.control.setup.SetupLedger.NewPlan;
import io.skywire.control.setup.SetupLedger.Proven;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// Writes plans into ledger and rules, and that routes are active: those of many setups together. What fails for one
/// setup of a group, as a number that a node has already, fails for no other. Returns after the commit; safe for any
/// thread; without the database every call throws `DataAccessException` or `TransactionException`.
///
/// A plan whose setup has given up waiting may still be entered: its owner is alive then, so it is taken back by the
/// sweep after its deadline, unless the request's row is there already with its failure.
@Component
final class SetupWrites implements DisposableBean {
    private static final GroupCommit.Limits LIMITS = new GroupCommit.Limits(8192, 64);

    private final SetupLedger ledger;
    private final RuleLedger rules;
    private final AckTimes times;
    private final Replicas replicas;
    private final InstantSource clock;
    private final TransactionTemplate transaction;
    private final GroupCommit<NewPlan, Entry> entries;
    private final GroupCommit<Proven, Boolean> activations;

    SetupWrites(
            SetupLedger ledger,
            RuleLedger rules,
            AckTimes times,
            Replicas replicas,
            InstantSource clock,
            PlatformTransactionManager transactions,
            MeterRegistry meters) {
        this.ledger = ledger;
        this.rules = rules;
        this.times = times;
        this.replicas = replicas;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
        this.entries = new GroupCommit<>("route-plans", LIMITS, meters, this::enterAll);
        this.activations = new GroupCommit<>("route-activations", LIMITS, meters, this::activateAll);
    }

    sealed interface Entry {}

    /// @param revisions what each node must reach to hold its rules
    record Entered(Map<PublicKey, Long> revisions) implements Entry {}

    /// A node has a live rule with one of the numbers; nothing was written.
    record NumberTaken() implements Entry {}

    /// The request is in the ledger and belongs to somebody else, or is over; nothing was written.
    record NotOurs() implements Entry {}

    /// Enters the first plan of a request.
    Entry enter(NewPlan plan) {
        return entries.submit(plan);
    }

    /// Enters another plan instead of the one before, which was taken back.
    Entry replace(RoutePlan plan, int plans, RouteUid before) {
        try {
            return Objects.requireNonNull(transaction.execute(
                    status -> ledger.replace(plan, plans, before, replicas.self(), clock.instant())
                            ? new Entered(install(Map.of(plan.uid(), plan.rules())))
                            : new NotOurs()));
        } catch (RuleKeyTakenException taken) {
            return new NumberTaken();
        }
    }

    /// False if the route was taken back in the meantime.
    boolean activate(Proven route) {
        return activations.submit(route);
    }

    List<Entry> enterAll(List<NewPlan> group) {
        try {
            return Objects.requireNonNull(transaction.execute(status -> {
                Set<RouteUid> entered = ledger.enter(group, replicas.self(), clock.instant());
                Map<RouteUid, Map<PublicKey, List<Rule>>> wanted = new HashMap<>();
                group.stream()
                        .map(NewPlan::plan)
                        .filter(plan -> entered.contains(plan.uid()))
                        .forEach(plan -> wanted.put(plan.uid(), plan.rules()));
                Map<PublicKey, Long> raised = wanted.isEmpty() ? Map.of() : install(wanted);
                return group.stream()
                        .map(NewPlan::plan)
                        .map(plan -> entered.contains(plan.uid()) ? entered(plan, raised) : new NotOurs())
                        .toList();
            }));
        } catch (RuleKeyTakenException taken) {
            if (group.size() == 1) {
                return List.of(new NumberTaken());
            }
            // Each is tried alone then.
            throw new DuplicateKeyException("one of the group has a number that is taken", taken);
        }
    }

    private Map<PublicKey, Long> install(Map<RouteUid, Map<PublicKey, List<Rule>>> wanted) {
        Map<PublicKey, Long> raised = rules.install(wanted);
        // Before the commit: the first acknowledgement may arrive before this thread goes on.
        raised.forEach((node, revision) -> times.asked(node, revision, clock.instant()));
        return raised;
    }

    private static Entry entered(RoutePlan plan, Map<PublicKey, Long> raised) {
        Map<PublicKey, Long> revisions = new HashMap<>();
        plan.rules().keySet().forEach(node -> revisions.put(node, Objects.requireNonNull(raised.get(node))));
        return new Entered(revisions);
    }

    List<Boolean> activateAll(List<Proven> group) {
        Set<RouteUid> active = ledger.activate(group, replicas.self(), clock.instant());
        return group.stream().map(one -> active.contains(one.route())).toList();
    }

    @Override
    public void destroy() {
        entries.close();
        activations.close();
    }
}
