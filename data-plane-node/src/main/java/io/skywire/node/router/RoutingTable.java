package io.skywire.node.router;

import io.netty.util.concurrent.FastThreadLocal;
import io.skywire.node.transport.Transport;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/// All rules of this node, keyed by (ingress transport, route id) and, for forwards, by route.
///
/// Writers take turns on this object; the packets' path reads immutable [Slots] and never waits (I11). Who is told of
/// edges that open and close is told after the change is visible, outside the lock.
public final class RoutingTable {
    private final Map<TransportId, Port> ports = new ConcurrentHashMap<>();
    private final Map<RouteUid, Edge> edges = new HashMap<>();
    private final Set<RouteUid> opened = new HashSet<>();
    private final int capacity;
    private final LongSupplier nanos;
    private final EdgeWatch watch;
    private final Edge.Scratch scratch;
    private int size;

    /// @param capacity the largest number of rules
    /// @param nanos a clock like `System::nanoTime`
    RoutingTable(int capacity, LongSupplier nanos, EdgeWatch watch) {
        this.capacity = capacity;
        this.nanos = nanos;
        this.watch = watch;
        this.scratch = new ThreadScratch(nanos);
    }

    /// Told of edges; see [RouteEnds].
    interface EdgeWatch {
        void opened(Edge edge);

        void closed(Edge edge, String reason);
    }

    /// A rule that did not get in, and why. The others of its delta did.
    public record Refusal(RuleKey rule, Reason reason, String detail) {
        public enum Reason {
            KEY_TAKEN,
            NO_SUCH_TRANSPORT,
            TABLE_FULL,
            MALFORMED
        }
    }

    /// One rule with its counters, for people and metrics.
    public record RuleRow(Rule rule, Duration idle, long packets, long bytes) {}

    /// One edge route with its counters, for people and metrics.
    public record EdgeRow(
            Rule.Forward forward, Duration age, long packetsIn, long bytesIn, long packetsOut, long bytesOut) {}

    /// Removes, then adds. A rule that is there already, the same to the letter, stays with its counters.
    public List<Refusal> apply(List<RuleKey> removals, List<Rule> upserts) {
        return change(removals, upserts, new Changes(Links.MUST_BE_UP));
    }

    private List<Refusal> change(List<RuleKey> removals, List<Rule> upserts, Changes changes) {
        List<Refusal> refusals = new ArrayList<>();
        synchronized (this) {
            removals.forEach(key -> remove(key, changes));
            // Forwards first: a consume joins the forward of its route.
            upserts.stream().filter(Rule.Forward.class::isInstance).forEach(rule -> add(rule, changes, refusals));
            upserts.stream()
                    .filter(rule -> !(rule instanceof Rule.Forward))
                    .forEach(rule -> add(rule, changes, refusals));
            changes.commit();
        }
        changes.tell("removed by the control plane");
        return refusals;
    }

    /// Adds rules from before a restart. Their links need not be up yet: packets pass as soon as they are.
    public List<Refusal> restore(List<Rule> rules) {
        return change(List.of(), rules, new Changes(Links.MAY_BE_DOWN));
    }

    /// Makes the table hold exactly `rules`.
    public List<Refusal> replace(List<Rule> rules) {
        Map<RuleKey, Rule> wanted = new LinkedHashMap<>();
        rules.forEach(rule -> wanted.put(rule.key(), rule));
        List<RuleKey> surplus = rows().stream()
                .filter(row -> !row.rule().equals(wanted.get(row.rule().key())))
                .map(row -> row.rule().key())
                .toList();
        return apply(surplus, rules);
    }

    /// Removes what nothing has used for its idle timeout and names it. An edge whose peer is silent goes whole.
    public List<RuleKey> expire() {
        List<RuleKey> expired = new ArrayList<>();
        Changes changes = new Changes(Links.MUST_BE_UP);
        synchronized (this) {
            long now = nanos.getAsLong();
            for (Entry entry : entries()) {
                if (now - entry.usedAtNanos() > entry.rule().idleTimeout().toNanos()) {
                    expired.add(entry.rule().key());
                    if (entry instanceof Entry.Consume consume) {
                        expired.add(consume.edge().forward().key());
                    }
                }
            }
            expired.forEach(key -> remove(key, changes));
            changes.commit();
        }
        changes.tell("nothing came through it for its idle timeout");
        return expired;
    }

    /// Whether any rule takes packets from that transport or sends to it.
    public synchronized boolean uses(TransportId transport) {
        return edges.values().stream().anyMatch(edge -> edge.forward().egress().equals(transport))
                || entries().stream().anyMatch(entry -> uses(entry.rule(), transport));
    }

    private static boolean uses(Rule rule, TransportId transport) {
        return switch (rule) {
            case Rule.Forward forward -> forward.egress().equals(transport);
            case Rule.Relay relay ->
                relay.ingress().equals(transport) || relay.egress().equals(transport);
            case Rule.Consume consume -> consume.ingress().equals(transport);
        };
    }

    public synchronized List<RuleRow> rows() {
        long now = nanos.getAsLong();
        List<RuleRow> rows = new ArrayList<>();
        edges.values()
                .forEach(edge -> rows.add(new RuleRow(
                        edge.forward(),
                        Duration.ofNanos(Math.max(0, now - edge.sentAtNanos())),
                        edge.packetsOut(),
                        edge.bytesOut())));
        entries()
                .forEach(entry -> rows.add(new RuleRow(
                        entry.rule(),
                        Duration.ofNanos(Math.max(0, now - entry.usedAtNanos())),
                        entry.packets(),
                        entry.bytes())));
        return rows;
    }

    /// The routes that end here, both rules in the table.
    public synchronized List<EdgeRow> edges() {
        long now = nanos.getAsLong();
        List<EdgeRow> rows = new ArrayList<>();
        for (Entry entry : entries()) {
            if (entry instanceof Entry.Consume consume) {
                Edge edge = consume.edge();
                rows.add(new EdgeRow(
                        edge.forward(),
                        Duration.ofNanos(Math.max(0, now - edge.openedAtNanos())),
                        entry.packets(),
                        entry.bytes(),
                        edge.packetsOut(),
                        edge.bytesOut()));
            }
        }
        return rows;
    }

    public synchronized int size() {
        return size;
    }

    synchronized List<Edge> openEdges() {
        return edges.values().stream()
                .filter(edge -> opened.contains(edge.route()))
                .toList();
    }

    Port port(TransportId id) {
        return ports.computeIfAbsent(id, Port::new);
    }

    void attach(Transport link) {
        port(link.id()).attach(link);
    }

    void detach(Transport link) {
        port(link.id()).detach(link);
    }

    private void remove(RuleKey key, Changes changes) {
        switch (key) {
            case RuleKey.Ingress ingress -> {
                Entry entry =
                        changes.of(ingress.transport()).remove(ingress.routeId().bits());
                if (entry != null) {
                    size--;
                }
                if (entry instanceof Entry.Consume consume) {
                    changes.closing(consume.edge());
                }
            }
            case RuleKey.ForwardOf forward -> {
                Edge edge = edges.remove(forward.route());
                if (edge != null) {
                    size--;
                    changes.closing(edge);
                }
            }
        }
    }

    private void add(Rule rule, Changes changes, List<Refusal> refusals) {
        if (size >= capacity) {
            refusals.add(new Refusal(
                    rule.key(), Refusal.Reason.TABLE_FULL, "this node holds " + capacity + " rules and no more"));
            return;
        }
        switch (rule) {
            case Rule.Forward forward -> {
                Edge held = edges.get(forward.route());
                if (held != null && held.forward().equals(forward)) {
                    return;
                }
                if (held != null) {
                    refusals.add(taken(rule, "route " + forward.route()));
                } else if (isUp(forward.egress(), rule, changes, refusals)) {
                    edges.put(forward.route(), new Edge(forward, port(forward.egress()), scratch, nanos.getAsLong()));
                    size++;
                }
            }
            case Rule.Relay relay -> {
                if (isFree(relay.ingress(), relay.ingressId(), rule, changes, refusals)
                        && isUp(relay.ingress(), rule, changes, refusals)
                        && isUp(relay.egress(), rule, changes, refusals)) {
                    Entry entry = new Entry.Relay(relay, port(relay.egress()), nanos.getAsLong());
                    changes.of(relay.ingress()).put(relay.ingressId().bits(), entry);
                    size++;
                }
            }
            case Rule.Consume consume -> {
                Edge edge = edges.get(consume.route());
                if (edge == null || !edge.peer().equals(consume.peer())) {
                    refusals.add(new Refusal(
                            rule.key(),
                            Refusal.Reason.MALFORMED,
                            "a consume rule comes with the forward rule of the same route and peer"));
                } else if (isFree(consume.ingress(), consume.ingressId(), rule, changes, refusals)
                        && isUp(consume.ingress(), rule, changes, refusals)) {
                    Entry entry = new Entry.Consume(consume, edge, nanos.getAsLong());
                    changes.of(consume.ingress()).put(consume.ingressId().bits(), entry);
                    size++;
                    changes.opening(edge);
                }
            }
        }
    }

    private boolean isFree(TransportId ingress, RouteId id, Rule rule, Changes changes, List<Refusal> refusals) {
        Entry held = changes.of(ingress).get(id.bits());
        if (held == null) {
            return true;
        }
        if (!held.rule().equals(rule)) {
            refusals.add(taken(rule, "route id " + id + " on transport " + ingress));
        }
        return false;
    }

    private boolean isUp(TransportId transport, Rule rule, Changes changes, List<Refusal> refusals) {
        if (changes.links == Links.MAY_BE_DOWN || port(transport).link() != null) {
            return true;
        }
        refusals.add(new Refusal(
                rule.key(), Refusal.Reason.NO_SUCH_TRANSPORT, "transport " + transport + " is not up at this node"));
        return false;
    }

    private static Refusal taken(Rule rule, String what) {
        return new Refusal(rule.key(), Refusal.Reason.KEY_TAKEN, what + " has another rule");
    }

    private List<Entry> entries() {
        List<Entry> all = new ArrayList<>();
        ports.values().forEach(port -> port.slots().addTo(all));
        return all;
    }

    /// What a new rule asks of the transports that it names.
    private enum Links {
        MUST_BE_UP,
        MAY_BE_DOWN
    }

    /// One writer's turn: the ports it touches, written once at the end, and the edges it opens and closes.
    private final class Changes {
        private final Links links;
        private final Map<TransportId, Slots.Draft> touched = new HashMap<>();
        private final List<Edge> opening = new ArrayList<>();
        private final Set<Edge> closing = new HashSet<>();
        private final List<Edge> closed = new ArrayList<>();

        Changes(Links links) {
            this.links = links;
        }

        Slots.Draft of(TransportId transport) {
            return touched.computeIfAbsent(transport, id -> new Slots.Draft(port(id).slots()));
        }

        void opening(Edge edge) {
            opening.add(edge);
        }

        void closing(Edge edge) {
            closing.add(edge);
        }

        void commit() {
            touched.forEach((id, draft) -> port(id).replace(draft.done()));
            for (Edge edge : closing) {
                edge.close();
                if (opened.remove(edge.route())) {
                    closed.add(edge);
                }
            }
            opening.removeAll(closing);
            opening.forEach(edge -> opened.add(edge.route()));
        }

        void tell(String reason) {
            closed.forEach(edge -> watch.closed(edge, reason));
            opening.forEach(watch::opened);
        }
    }

    private static final class ThreadScratch implements Edge.Scratch {
        private final LongSupplier nanos;
        private final FastThreadLocal<byte[]> arrays = new FastThreadLocal<>() {
            @Override
            protected byte[] initialValue() {
                return new byte[PacketLayout.MAX_PACKET];
            }
        };

        ThreadScratch(LongSupplier nanos) {
            this.nanos = nanos;
        }

        @Override
        public byte[] array() {
            return arrays.get();
        }

        @Override
        public long nanos() {
            return nanos.getAsLong();
        }
    }
}
