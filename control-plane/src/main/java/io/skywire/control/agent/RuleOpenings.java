package io.skywire.control.agent;

import io.skywire.control.rules.HeldRules;
import io.skywire.control.rules.RuleWatch;
import io.skywire.control.rules.RuleWatcher;
import io.skywire.shared.key.PublicKey;
import org.springframework.stereotype.Component;

/// Begins to watch the rules of many nodes at once: after a restart that is one look into the ledger for hundreds.
@Component
final class RuleOpenings {
    private static final int MOST = 256;

    private final Gathering<RuleWatch.Opening, RuleWatch.Subscription> openings;

    RuleOpenings(RuleWatch rules, AgentSettings settings) {
        openings = new Gathering<>("agent-rules", settings.gathered(), MOST, settings.patience(), rules::watch);
    }

    RuleWatch.Subscription watch(PublicKey node, HeldRules held, RuleWatcher watcher) {
        return openings.ask(new RuleWatch.Opening(node, held, watcher));
    }
}
