package io.skywire.local.simulation;

import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.DeltaAck;
import io.skywire.proto.v1.DeltaNack;
import io.skywire.proto.v1.DeltaNackReason;
import io.skywire.proto.v1.PushedDelta;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.RuleProtos;
import io.skywire.shared.rule.RuleTableDigest;
import io.skywire.shared.rule.SignedRuleDelta;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A node's rules without a data plane: believes what the setup key signed for it, in order. Changed by one
/// thread at a time, read by any.
final class RuleBook {
    private final PublicKey node;
    private final Set<PublicKey> setupKeys;
    private final Map<RuleKey, Rule> rules = new ConcurrentHashMap<>();
    private volatile long revision;

    RuleBook(PublicKey node, Set<PublicKey> setupKeys) {
        this.node = node;
        this.setupKeys = setupKeys;
    }

    long revision() {
        return revision;
    }

    RuleTableDigest digest() {
        return RuleTableDigest.of(rules.values());
    }

    Optional<Rule> find(RuleKey key) {
        return Optional.ofNullable(rules.get(key));
    }

    List<Rule> rules() {
        return List.copyOf(rules.values());
    }

    boolean isEmpty() {
        return rules.isEmpty();
    }

    /// What becomes of a delta.
    ///
    /// @param held the rules that were added by it
    record Answer(AgentMessage.Builder message, List<Rule> held) {}

    /// Applies a delta, or says why not.
    Answer answer(PushedDelta pushed) {
        SignedRuleDelta signed = RuleProtos.fromProto(pushed.getDelta());
        return switch (signed.verify(node, setupKeys)) {
            case SignedRuleDelta.Verification.Trusted trusted -> apply(pushed.getNonce(), trusted.delta());
            case SignedRuleDelta.Verification.Refused refused ->
                nack(
                        pushed.getNonce(),
                        switch (refused.refusal()) {
                            case UNLISTED_SIGNER -> DeltaNackReason.DELTA_NACK_REASON_UNLISTED_SIGNER;
                            case BAD_SIGNATURE -> DeltaNackReason.DELTA_NACK_REASON_BAD_SIGNATURE;
                            case OTHER_NODE -> DeltaNackReason.DELTA_NACK_REASON_OTHER_NODE;
                            case MALFORMED -> DeltaNackReason.DELTA_NACK_REASON_MALFORMED;
                        });
        };
    }

    private Answer apply(long nonce, RuleDelta delta) {
        if (delta.revision() <= revision) {
            return nack(nonce, DeltaNackReason.DELTA_NACK_REASON_OLD_REVISION);
        }
        switch (delta.kind()) {
            case SNAPSHOT -> rules.clear();
            case INCREMENT -> {
                if (delta.baseRevision() != revision) {
                    return nack(nonce, DeltaNackReason.DELTA_NACK_REASON_REVISION_GAP);
                }
            }
        }
        delta.removals().forEach(rules::remove);
        delta.upserts().forEach(rule -> rules.put(rule.key(), rule));
        revision = delta.revision();
        return new Answer(
                AgentMessage.newBuilder()
                        .setAck(DeltaAck.newBuilder().setNonce(nonce).setRevision(revision)),
                delta.upserts());
    }

    private Answer nack(long nonce, DeltaNackReason reason) {
        return new Answer(
                AgentMessage.newBuilder()
                        .setNack(DeltaNack.newBuilder()
                                .setNonce(nonce)
                                .setRevision(revision)
                                .setReason(reason)),
                List.of());
    }
}
