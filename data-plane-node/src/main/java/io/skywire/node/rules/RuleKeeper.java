package io.skywire.node.rules;

import io.skywire.node.router.RoutingTable;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleTableDigest;
import io.skywire.shared.rule.SignedRuleDelta;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides whether a signed delta may change the table, and keeps the revision the table is at.
///
/// Checked in this order: signer in the whitelist, signature, shape, node, revision. Whatever fails changes nothing, is
/// counted by reason and logged once per reason. Deltas are applied one at a time.
public final class RuleKeeper {
    private static final Logger log = LoggerFactory.getLogger(RuleKeeper.class);

    private final PublicKey node;
    private final Set<PublicKey> whitelist;
    private final RoutingTable table;
    private final InstantSource clock;
    private final Map<DeltaOutcome.Reason, Long> refusals = new EnumMap<>(DeltaOutcome.Reason.class);
    private long revision;
    private Optional<Instant> appliedAt = Optional.empty();

    public RuleKeeper(PublicKey node, Set<PublicKey> whitelist, RoutingTable table, InstantSource clock) {
        this.node = node;
        this.whitelist = Set.copyOf(whitelist);
        this.table = table;
        this.clock = clock;
        for (DeltaOutcome.Reason reason : DeltaOutcome.Reason.values()) {
            refusals.put(reason, 0L);
        }
    }

    public synchronized DeltaOutcome apply(SignedRuleDelta signed) {
        return switch (signed.verify(node, whitelist)) {
            case SignedRuleDelta.Verification.Refused refused ->
                refuse(
                        switch (refused.refusal()) {
                            case UNLISTED_SIGNER -> DeltaOutcome.Reason.UNLISTED_SIGNER;
                            case BAD_SIGNATURE -> DeltaOutcome.Reason.BAD_SIGNATURE;
                            case OTHER_NODE -> DeltaOutcome.Reason.OTHER_NODE;
                            case MALFORMED -> DeltaOutcome.Reason.MALFORMED;
                        },
                        refused.detail());
            case SignedRuleDelta.Verification.Trusted trusted -> applyTrusted(trusted.delta());
        };
    }

    private DeltaOutcome applyTrusted(RuleDelta delta) {
        if (delta.revision() < revision || (delta.revision() == revision && revision > 0)) {
            return refuse(
                    DeltaOutcome.Reason.OLD_REVISION,
                    "the delta leads to revision " + delta.revision() + ", this node is at " + revision);
        }
        if (delta.kind() == RuleDelta.Kind.INCREMENT && delta.baseRevision() != revision) {
            return refuse(
                    DeltaOutcome.Reason.REVISION_GAP,
                    "the delta starts from revision " + delta.baseRevision() + ", this node is at " + revision);
        }
        List<RoutingTable.Refusal> refused = switch (delta.kind()) {
            case SNAPSHOT -> table.replace(delta.upserts());
            case INCREMENT -> table.apply(delta.removals(), delta.upserts());
        };
        revision = delta.revision();
        appliedAt = Optional.of(clock.instant());
        return new DeltaOutcome.Applied(revision, refused);
    }

    private DeltaOutcome refuse(DeltaOutcome.Reason reason, String detail) {
        if (refusals.merge(reason, 1L, Long::sum) == 1) {
            log.warn("refused a rule delta: reason={} detail=\"{}\" (logged once, then counted)", reason, detail);
        }
        return new DeltaOutcome.Refused(revision, reason, detail);
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

    /// When the newest revision was applied.
    public synchronized Optional<Instant> appliedAt() {
        return appliedAt;
    }

    /// Deltas refused so far, by reason.
    public synchronized Map<DeltaOutcome.Reason, Long> refusals() {
        return new EnumMap<>(refusals);
    }
}
