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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A node's rules without a data plane: believes what the setup key signed for it, in order. Not safe for several
/// threads.
final class RuleBook {
    private final PublicKey node;
    private final Set<PublicKey> setupKeys;
    private final Map<RuleKey, Rule> rules = new LinkedHashMap<>();
    private List<Rule> newest = List.of();
    private long revision;

    RuleBook(PublicKey node, Set<PublicKey> setupKeys) {
        this.node = node;
        this.setupKeys = setupKeys;
    }

    long revision() {
        return revision;
    }

    Optional<Rule> rule(RuleKey key) {
        return Optional.ofNullable(rules.get(key));
    }

    RuleTableDigest digest() {
        return RuleTableDigest.of(rules.values());
    }

    /// The rules that the delta answered last has put here; none if it was refused.
    List<Rule> newest() {
        return newest;
    }

    /// Applies a delta, or says why not.
    AgentMessage.Builder answer(PushedDelta pushed) {
        newest = List.of();
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

    private AgentMessage.Builder apply(long nonce, RuleDelta delta) {
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
        newest = List.copyOf(delta.upserts());
        return AgentMessage.newBuilder()
                .setAck(DeltaAck.newBuilder().setNonce(nonce).setRevision(revision));
    }

    private AgentMessage.Builder nack(long nonce, DeltaNackReason reason) {
        return AgentMessage.newBuilder()
                .setNack(DeltaNack.newBuilder()
                        .setNonce(nonce)
                        .setRevision(revision)
                        .setReason(reason));
    }
}
