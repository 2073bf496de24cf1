package io.skywire.node.rules;

import io.skywire.node.router.RoutingTable;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.RuleTableDigest;
import io.skywire.shared.rule.SignedRuleDelta;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides whether a signed delta may change the table, and keeps the revision the table is at.
///
/// Checked in this order: signer in the whitelist, signature, shape, node, revision. Whatever fails changes nothing, is
/// counted by reason and logged once per reason. Deltas are applied one at a time. What was applied goes to a
/// [RuleMemory], from which [#restore()] takes it after a restart, with the same checks.
public final class RuleKeeper {
    private static final Logger log = LoggerFactory.getLogger(RuleKeeper.class);

    private final PublicKey node;
    private final Set<PublicKey> whitelist;
    private final RoutingTable table;
    private final InstantSource clock;
    private final RuleMemory memory;
    private final Map<DeltaOutcome.Reason, Long> refusals = new EnumMap<>(DeltaOutcome.Reason.class);
    private long revision;
    private Optional<Instant> appliedAt = Optional.empty();
    private Restored restored = Restored.NOTHING;

    /// Without a memory.
    public RuleKeeper(PublicKey node, Set<PublicKey> whitelist, RoutingTable table, InstantSource clock) {
        this(node, whitelist, table, clock, RuleMemory.NONE);
    }

    public RuleKeeper(
            PublicKey node, Set<PublicKey> whitelist, RoutingTable table, InstantSource clock, RuleMemory memory) {
        this.node = node;
        this.whitelist = Set.copyOf(whitelist);
        this.table = table;
        this.clock = clock;
        this.memory = memory;
        for (DeltaOutcome.Reason reason : DeltaOutcome.Reason.values()) {
            refusals.put(reason, 0L);
        }
    }

    public synchronized DeltaOutcome apply(SignedRuleDelta signed) {
        return switch (check(signed, revision)) {
            case Checked.Bad bad -> refuse(bad.reason(), bad.detail());
            case Checked.Good good -> {
                RuleDelta delta = good.delta();
                List<RoutingTable.Refusal> refused = switch (delta.kind()) {
                    case SNAPSHOT -> table.replace(delta.upserts());
                    case INCREMENT -> table.apply(delta.removals(), delta.upserts());
                };
                revision = delta.revision();
                appliedAt = Optional.of(clock.instant());
                memory.add(new RuleMemory.Entry.Applied(signed, delta.kind()));
                List<RuleKey> missing = refused.stream()
                        .filter(refusal -> refusal.reason() != RoutingTable.Refusal.Reason.KEY_TAKEN)
                        .map(RoutingTable.Refusal::rule)
                        .toList();
                if (!missing.isEmpty()) {
                    memory.add(new RuleMemory.Entry.Gone(missing));
                }
                tell(delta, refused);
                yield new DeltaOutcome.Applied(revision, refused);
            }
        };
    }

    /// A route's id only where the route ends: a relay does not know it. The control plane's log has node and revision
    /// beside it, so whoever may read that log finds the route of a relay's line too.
    private static void tell(RuleDelta delta, List<RoutingTable.Refusal> refused) {
        Set<RuleKey> absent = new HashSet<>();
        refused.forEach(refusal -> absent.add(refusal.rule()));
        Set<RouteUid> ending = new LinkedHashSet<>();
        delta.upserts().stream()
                .filter(rule -> !absent.contains(rule.key()))
                .forEach(rule -> routeOf(rule).ifPresent(ending::add));
        ending.forEach(route -> log.atInfo()
                .addKeyValue("route_id", route)
                .addKeyValue("revision", delta.revision())
                .log("the rules of a route that ends here are installed"));
        log.atDebug()
                .addKeyValue("revision", delta.revision())
                .addKeyValue("kind", delta.kind())
                .addKeyValue("added", delta.upserts().size())
                .addKeyValue("removed", delta.removals().size())
                .addKeyValue("refused", refused.size())
                .log("a rule delta is applied");
    }

    private static Optional<RouteUid> routeOf(Rule rule) {
        return switch (rule) {
            case Rule.Forward forward -> Optional.of(forward.route());
            case Rule.Consume consume -> Optional.of(consume.route());
            case Rule.Relay relay -> Optional.empty();
        };
    }

    /// What became of the question whether a delta may follow on what is there.
    private sealed interface Checked {
        record Good(RuleDelta delta) implements Checked {}

        record Bad(DeltaOutcome.Reason reason, String detail) implements Checked {}
    }

    private Checked check(SignedRuleDelta signed, long at) {
        return switch (signed.verify(node, whitelist)) {
            case SignedRuleDelta.Verification.Refused refused ->
                new Checked.Bad(
                        switch (refused.refusal()) {
                            case UNLISTED_SIGNER -> DeltaOutcome.Reason.UNLISTED_SIGNER;
                            case BAD_SIGNATURE -> DeltaOutcome.Reason.BAD_SIGNATURE;
                            case OTHER_NODE -> DeltaOutcome.Reason.OTHER_NODE;
                            case MALFORMED -> DeltaOutcome.Reason.MALFORMED;
                        },
                        refused.detail());
            case SignedRuleDelta.Verification.Trusted trusted -> follows(trusted.delta(), at);
        };
    }

    private static Checked follows(RuleDelta delta, long at) {
        if (delta.revision() < at || (delta.revision() == at && at > 0)) {
            return new Checked.Bad(
                    DeltaOutcome.Reason.OLD_REVISION,
                    "the delta leads to revision " + delta.revision() + ", this node is at " + at);
        }
        if (delta.kind() == RuleDelta.Kind.INCREMENT && delta.baseRevision() != at) {
            return new Checked.Bad(
                    DeltaOutcome.Reason.REVISION_GAP,
                    "the delta starts from revision " + delta.baseRevision() + ", this node is at " + at);
        }
        return new Checked.Good(delta);
    }

    private DeltaOutcome refuse(DeltaOutcome.Reason reason, String detail) {
        if (refusals.merge(reason, 1L, Long::sum) == 1) {
            log.warn("refused a rule delta: reason={} detail=\"{}\" (logged once, then counted)", reason, detail);
        }
        return new DeltaOutcome.Refused(revision, reason, detail);
    }

    /// What came back from the memory at the start.
    ///
    /// @param rules in the table
    /// @param revision at which they stood; 0: nothing came back
    public record Restored(int rules, long revision) {
        static final Restored NOTHING = new Restored(0, 0);
    }

    /// Before the first delta and before links come up: fills the table from the memory. Every delta in it passes the
    /// checks of [#apply]; the first that does not is refused, and so is all behind it. Their links need not be up.
    /// Idle timeouts begin anew.
    public synchronized Restored restore() {
        Map<RuleKey, Rule> rules = new LinkedHashMap<>();
        int held = 0;
        for (RuleMemory.Entry entry : memory.read()) {
            if (!follow(entry, rules)) {
                log.warn("the rules on disk end at revision {}: what follows there is not believed", revision);
                break;
            }
            held++;
        }
        memory.holds(held);
        if (revision > 0) {
            List<RoutingTable.Refusal> refused = table.restore(List.copyOf(rules.values()));
            restored = new Restored(table.size(), revision);
            log.info("{} rules are back from disk, at revision {}", restored.rules(), revision);
            if (!refused.isEmpty()) {
                log.warn("{} rules on disk are not back, the first because {}", refused.size(), refused.getFirst());
            }
        }
        return restored;
    }

    private boolean follow(RuleMemory.Entry entry, Map<RuleKey, Rule> rules) {
        return switch (entry) {
            case RuleMemory.Entry.Gone gone -> {
                gone.rules().forEach(rules::remove);
                yield true;
            }
            case RuleMemory.Entry.Applied applied ->
                switch (check(applied.signed(), revision)) {
                    case Checked.Bad bad -> {
                        refuse(bad.reason(), bad.detail());
                        yield false;
                    }
                    case Checked.Good good -> {
                        take(good.delta(), rules);
                        yield true;
                    }
                };
        };
    }

    private void take(RuleDelta delta, Map<RuleKey, Rule> rules) {
        switch (delta.kind()) {
            case SNAPSHOT -> rules.clear();
            case INCREMENT -> delta.removals().forEach(rules::remove);
        }
        delta.upserts().forEach(rule -> rules.putIfAbsent(rule.key(), rule)); // a key that was taken stayed so
        revision = delta.revision();
        Instant now = clock.instant();
        appliedAt = Optional.of(delta.signedAt().isAfter(now) ? now : delta.signedAt());
    }

    /// These rules idled out of the table.
    public void expired(List<RuleKey> rules) {
        memory.add(new RuleMemory.Entry.Gone(rules));
    }

    /// Whether a whole snapshot of the control plane would be of use here.
    public boolean wantsSnapshot() {
        return memory.wantsSnapshot();
    }

    /// What came back from the memory at the start.
    public synchronized Restored restored() {
        return restored;
    }

    /// The newest revision applied; 0 before the first.
    public synchronized long revision() {
        return revision;
    }

    /// What the table holds now, for comparing with what the control plane thinks it holds.
    public synchronized RuleTableDigest digest() {
        return RuleTableDigest.of(
                table.rows().stream().map(RoutingTable.RuleRow::rule).toList());
    }

    /// When the newest revision was applied; when it was signed, if it came back from the memory.
    public synchronized Optional<Instant> appliedAt() {
        return appliedAt;
    }

    /// Deltas refused so far, by reason.
    public synchronized Map<DeltaOutcome.Reason, Long> refusals() {
        return new EnumMap<>(refusals);
    }
}
