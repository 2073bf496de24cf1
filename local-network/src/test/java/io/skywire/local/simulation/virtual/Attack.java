package io.skywire.local.simulation.virtual;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.SignedRuleDelta;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/// Deltas that reach a node and must change nothing: of an unlisted signer, with a flipped bit, of another node, old.
record Attack(VirtualNetwork network, Random random) {
    void strike() {
        List<VirtualNode> living =
                network.nodes().stream().filter(VirtualNode::isAlive).toList();
        if (living.isEmpty()) {
            return;
        }
        VirtualNode victim = living.get(random.nextInt(living.size()));
        VirtualNode other = network.nodes().get(random.nextInt(network.nodes().size()));
        KeyPair setup = network.identities().setup();
        switch (random.nextInt(4)) {
            case 0 ->
                send(
                        victim,
                        delta(victim, victim.keeper().revision() + 1),
                        network.identities().stranger());
            case 1 -> {
                SignedRuleDelta signed =
                        SignedRuleDelta.sign(delta(victim, victim.keeper().revision() + 1), setup);
                byte[] bytes = signed.delta();
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                var unused = victim.apply(SignedRuleDelta.of(bytes, signed.setupKey(), signed.signature()));
            }
            case 2 -> {
                if (other != victim) {
                    send(victim, delta(other, other.keeper().revision() + 1), setup);
                }
            }
            default -> {
                if (victim.keeper().revision() > 0) {
                    send(victim, delta(victim, victim.keeper().revision()), setup);
                }
            }
        }
    }

    private void send(VirtualNode victim, RuleDelta delta, KeyPair by) {
        network.story().tell("an attacker sends " + victim + " a delta");
        var unused = victim.apply(SignedRuleDelta.sign(delta, by));
    }

    private RuleDelta delta(VirtualNode node, long revision) {
        List<Cable> cables = network.cablesOf(node);
        Rule rule = new Rule.Relay(
                cables.getFirst().id(),
                RouteId.random(random),
                cables.getLast().id(),
                RouteId.random(random),
                Duration.ofMinutes(1));
        return new RuleDelta(
                node.key(),
                RuleDelta.Kind.SNAPSHOT,
                0,
                revision,
                List.of(),
                List.of(rule),
                network.time().instant());
    }
}
