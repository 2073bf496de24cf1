package io.skywire.control.agent;

import io.skywire.control.identity.NodeDirectory;
import io.skywire.control.platform.ChangeFeed;
import io.skywire.control.platform.Replicas;
import io.skywire.control.rules.HeldRules;
import io.skywire.control.rules.RuleWatch;
import io.skywire.control.rules.RuleWatcher;
import io.skywire.shared.key.PublicKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.springframework.stereotype.Component;

/// Takes in nodes that have proved their keys, and lets go those whose session ended, many at once: after a restart
/// that is a statement each and one look into the rules for hundreds of them. Safe for any thread.
@Component
final class Arrivals {
    private static final int MOST = 256;

    private final NodeDirectory nodes;
    private final StoredSessions stored;
    private final Replicas replicas;
    private final ChangeFeed changes;
    private final Gathering<Passage, PublicKey> passages;
    private final Gathering<RuleWatch.Opening, RuleWatch.Subscription> openings;

    /// One gathering for both, so that what is written of a node is written in the order in which it happened.
    private sealed interface Passage {
        PublicKey node();

        record In(PublicKey node, String software) implements Passage {}

        /// @param isBack whether it has another session here by now, which then is already written or comes later
        record Out(PublicKey node, Predicate<PublicKey> isBack) implements Passage {}
    }

    Arrivals(
            NodeDirectory nodes,
            RuleWatch rules,
            StoredSessions stored,
            Replicas replicas,
            ChangeFeed changes,
            AgentSettings settings) {
        this.nodes = nodes;
        this.stored = stored;
        this.replicas = replicas;
        this.changes = changes;
        passages = new Gathering<>("agent-passages", settings.gathered(), MOST, settings.patience(), this::write);
        openings = new Gathering<>("agent-rules", settings.gathered(), MOST, settings.patience(), rules::watch);
    }

    private List<PublicKey> write(List<Passage> passages) {
        Map<PublicKey, String> in = new HashMap<>();
        Set<PublicKey> out = new HashSet<>();
        for (Passage passage : passages) {
            switch (passage) {
                case Passage.In arrived -> {
                    in.put(arrived.node(), arrived.software());
                    out.remove(arrived.node());
                }
                case Passage.Out left -> {
                    if (!left.isBack().test(left.node())) {
                        in.remove(left.node());
                        out.add(left.node());
                    }
                }
            }
        }
        if (!in.isEmpty()) {
            nodes.seen(in);
            Set<PublicKey> takenOver = stored.put(in.keySet());
            if (replicas.alive().size() > 1) {
                changes.tell(
                        ChangeFeed.Topic.SESSIONS,
                        takenOver.stream().map(PublicKey::hex).toList());
            }
        }
        if (!out.isEmpty()) {
            stored.remove(out);
        }
        return passages.stream().map(Passage::node).toList();
    }

    /// Writes down that the node is here, and waits for it. An older session on another replica ends soon.
    void seen(PublicKey node, String software) {
        var unused = passages.ask(new Passage.In(node, software));
    }

    /// Writes down soon that the node's session ended. What the database's absence loses is found by comparing.
    void left(PublicKey node, Predicate<PublicKey> isBack) {
        var unused = passages.begin(new Passage.Out(node, isBack));
    }

    /// Begins to watch the node's rules.
    RuleWatch.Subscription watch(PublicKey node, HeldRules held, RuleWatcher watcher) {
        return openings.ask(new RuleWatch.Opening(node, held, watcher));
    }
}
