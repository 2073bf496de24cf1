package io.skywire.control.agent;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.agent.StoredViews.Stored;
import io.skywire.control.discovery.DiscoverySettings;
import io.skywire.control.discovery.TransportClaim;
import io.skywire.control.discovery.TransportRegistry;
import io.skywire.control.platform.Tally;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.HeldTransport;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.ViewDigest;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// Compares what agents hold with what is stored of them, and renews their leases: for many agents at once, because
/// after a restart all of them come, and because heartbeats come from all of them for ever. Safe for any thread.
@Component
final class Views {
    private static final Logger LOG = LoggerFactory.getLogger(Views.class);

    private static final int MOST = 256;

    private final StoredViews stored;
    private final TransportRegistry transports;
    private final Turns turns;
    private final DiscoverySettings discovery;
    private final InstantSource clock;
    private final Tally<Compare> compared;
    private final Counter lost;
    private final Gathering<Compared, Comparison> comparisons;
    private final Gathering<PublicKey, Boolean> renewals;

    /// Edges whose renewal waits already: one agent never waits twice.
    private final Set<PublicKey> waiting = ConcurrentHashMap.newKeySet();

    private enum Compare {
        SAME,
        DIFFERS
    }

    private record Compared(PublicKey node, ViewDigest digest) {}

    /// @param lapsed whether a lease of this node had run out
    private record Comparison(BitSet differing, boolean lapsed) {}

    Views(
            StoredViews stored,
            TransportRegistry transports,
            Turns turns,
            DiscoverySettings discovery,
            AgentSettings settings,
            InstantSource clock,
            MeterRegistry meters) {
        this.stored = stored;
        this.transports = transports;
        this.turns = turns;
        this.discovery = discovery;
        this.clock = clock;
        compared = new Tally<>(
                meters,
                "skywire.agent.views.compared",
                "Comparisons of what an agent holds with what is stored",
                "outcome",
                Compare.class);
        lost = Counter.builder("skywire.agent.renewals.lost")
                .description("Renewals of agents' leases that were not written: too much at once, or no database")
                .register(meters);
        comparisons =
                new Gathering<>("agent-views", settings.gathered(), MOST, settings.patience(), this::compareTogether);
        renewals = new Gathering<>("agent-leases", settings.gathered(), MOST, settings.patience(), this::renewTogether);
    }

    /// The buckets in which the node holds something else than what is stored of it. If none, its leases are renewed.
    BitSet compare(PublicKey node, ViewDigest digest) {
        Comparison comparison = comparisons.ask(new Compared(node, digest));
        if (comparison.lapsed()) {
            revive(node);
        }
        return comparison.differing();
    }

    private List<Comparison> compareTogether(List<Compared> together) {
        Set<PublicKey> nodes = new LinkedHashSet<>();
        together.forEach(one -> nodes.add(one.node()));
        Map<PublicKey, List<Stored>> views = stored.sayingUp(nodes);
        List<BitSet> differences = together.stream()
                .map(one -> differing(one.digest(), Objects.requireNonNull(views.get(one.node()))))
                .toList();
        Set<PublicKey> agreeing = new LinkedHashSet<>();
        for (int i = 0; i < differences.size(); i++) {
            if (differences.get(i).isEmpty()) {
                agreeing.add(together.get(i).node());
            }
            compared.add(differences.get(i).isEmpty() ? Compare.SAME : Compare.DIFFERS);
        }
        Set<PublicKey> lapsed = renew(agreeing);
        List<Comparison> answers = new ArrayList<>();
        for (int i = 0; i < differences.size(); i++) {
            answers.add(new Comparison(
                    differences.get(i), lapsed.contains(together.get(i).node())));
        }
        return answers;
    }

    private static BitSet differing(ViewDigest theirs, List<Stored> views) {
        List<HeldTransport> held = views.stream().map(Stored::held).toList();
        BitSet differing = ViewDigest.of(held, theirs.bits()).differing(theirs);
        // A stock view has no session behind it: the edge must say again what it holds there.
        views.stream()
                .filter(view -> !view.ofSession())
                .forEach(view -> differing.set(ViewDigest.bucketOf(view.held().id(), theirs.bits())));
        return differing;
    }

    /// What else goes down when the node holds only `claimed` in these buckets.
    List<TransportClaim> notHeld(PublicKey node, int bits, BitSet buckets, Collection<TransportId> claimed) {
        Set<TransportId> gone = new HashSet<>();
        for (Stored view : Objects.requireNonNull(stored.sayingUp(List.of(node)).get(node))) {
            TransportId id = view.held().id();
            if (buckets.get(ViewDigest.bucketOf(id, bits)) && !claimed.contains(id)) {
                gone.add(id);
            }
        }
        return stored.down(gone);
    }

    /// Renews the leases of a node and waits for it.
    void renewNow(PublicKey node) {
        if (renewals.ask(node)) {
            revive(node);
        }
    }

    /// Renews the leases of a node soon. A database that is away loses it; leases stand still then.
    void renewSoon(PublicKey node) {
        if (!waiting.add(node)) {
            return;
        }
        Optional<CompletableFuture<Boolean>> lapsed = renewals.begin(node);
        if (lapsed.isEmpty()) {
            waiting.remove(node);
            lost.increment();
            return;
        }
        var unused = lapsed.get()
                .thenAccept(revives -> {
                    if (revives) {
                        Thread.ofVirtual().name("agent-revival").start(() -> reviveOrLose(node));
                    }
                })
                .exceptionally(away -> {
                    LOG.debug("no lease of node {} renewed: {}", node.shortHex(), away.getMessage());
                    return null;
                });
    }

    private List<Boolean> renewTogether(List<PublicKey> nodes) {
        // Before the statement: a heartbeat that comes while it runs waits for the next one.
        nodes.forEach(waiting::remove);
        Set<PublicKey> lapsed = renew(new LinkedHashSet<>(nodes));
        return nodes.stream().map(lapsed::contains).toList();
    }

    /// Gives the nodes of which a lease had run out.
    private Set<PublicKey> renew(Set<PublicKey> nodes) {
        return nodes.isEmpty() ? Set.of() : stored.renew(nodes, clock.instant().plus(discovery.lease()));
    }

    /// What lapsed comes back: that changes the picture of the network, not only a date.
    private void revive(PublicKey node) {
        turns.take(() -> {
            transports.renew(node);
            return node;
        });
    }

    private void reviveOrLose(PublicKey node) {
        try {
            revive(node);
        } catch (DataAccessException | TransactionException away) {
            LOG.debug("no lease of node {} revived: {}", node.shortHex(), away.getMessage());
        }
    }
}
