package io.skywire.control.agent;

import io.skywire.control.identity.NodeDirectory;
import io.skywire.control.rules.HeldRules;
import io.skywire.control.rules.RuleWatch;
import io.skywire.control.rules.RuleWatcher;
import io.skywire.shared.key.PublicKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/// Takes in nodes that have proved their keys, many at once: after a restart that is one statement and one look into
/// the
/// rules for hundreds of them. Safe for any thread.
@Component
final class Arrivals {
    private static final int MOST = 256;

    private final Gathering<Seen, PublicKey> sightings;
    private final Gathering<RuleWatch.Opening, RuleWatch.Subscription> openings;

    private record Seen(PublicKey node, String software) {}

    Arrivals(NodeDirectory nodes, RuleWatch rules, AgentSettings settings) {
        sightings = new Gathering<>(
                "agent-sightings", settings.gathered(), MOST, settings.patience(), seen -> write(nodes, seen));
        openings = new Gathering<>("agent-rules", settings.gathered(), MOST, settings.patience(), rules::watch);
    }

    private static List<PublicKey> write(NodeDirectory nodes, List<Seen> seen) {
        Map<PublicKey, String> software = new HashMap<>();
        seen.forEach(one -> software.put(one.node(), one.software()));
        nodes.seen(software);
        return seen.stream().map(Seen::node).toList();
    }

    /// Writes down that the node was here, and waits for it.
    void seen(PublicKey node, String software) {
        var unused = sightings.ask(new Seen(node, software));
    }

    /// Begins to watch the node's rules.
    RuleWatch.Subscription watch(PublicKey node, HeldRules held, RuleWatcher watcher) {
        return openings.ask(new RuleWatch.Opening(node, held, watcher));
    }
}
