package io.skywire.local.simulation.virtual;

import io.skywire.node.router.RoutingTable;
import io.skywire.node.rules.DeltaOutcome;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.RuleTableDigest;
import io.skywire.shared.rule.SignedRuleDelta;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// The oracle: hears of all that happens in a [VirtualNetwork], believes nobody, and says which of design.md's
/// invariants I1 to I9 were broken. I10 is the business of a test that runs two networks, I11 of one with threads.
final class Invariants {
    private static final Duration LEASE = Path.IDLE.plusSeconds(4);
    private static final int MOST_TIMERS = 2_000;
    private static final int MOST_VIOLATIONS = 20;

    private final VirtualNetwork network;
    private final Set<String> violations = new LinkedHashSet<>();
    private final List<String> secrets = new ArrayList<>();

    private final Map<String, RuleDelta> genuine = new HashMap<>(); // by signature
    private final Map<PublicKey, Map<RuleKey, Rule>> tables = new HashMap<>(); // what genuine deltas amount to
    private final Map<PublicKey, Long> revisions = new HashMap<>();
    private final Map<PublicKey, Set<PublicKey>> known = new HashMap<>(); // whom a node may know
    private final Map<PublicKey, Map<TransportId, Boolean>> claims = new HashMap<>();
    private final Map<RouteUid, Course> courses = new LinkedHashMap<>();
    private final Map<Crossing, RouteUid> crossings = new HashMap<>();
    private final Map<PublicKey, Long> withoutControl = new HashMap<>(); // when its last session ended
    private final Map<AskedBy, RouteUid> established = new LinkedHashMap<>();
    private int answers;

    private record AskedBy(PublicKey node, UUID id) {}

    /// A route's number on a transport, as the node `to` receives it.
    private record Crossing(TransportId transport, int routeId, PublicKey to) {}

    /// One plan of a route, and what was seen of it.
    private static final class Course {
        private final Ledger.Route route;
        private final Map<PublicKey, List<Rule>> rules;
        private boolean probeCame;
        private boolean replyCame;
        private boolean disturbed; // a link or node of it was away since
        private long takenBackAt = Long.MAX_VALUE;
        private long sentInOutage;
        private long receivedInOutage;

        Course(Ledger.Route route, Map<PublicKey, List<Rule>> rules) {
            this.route = route;
            this.rules = rules;
        }
    }

    Invariants(VirtualNetwork network, Identities identities, int nodes) {
        this.network = network;
        for (int i = 0; i < nodes; i++) {
            remember(identities.node(i));
        }
        remember(identities.setup());
        remember(identities.stranger());
    }

    private void remember(KeyPair keys) {
        secrets.add(keys.secret().revealHex());
    }

    Set<String> violations() {
        return violations;
    }

    private void violated(String invariant, String how) {
        if (violations.size() < MOST_VIOLATIONS && violations.add(invariant + ": " + how)) {
            network.story().tell("VIOLATED " + invariant + ": " + how);
        }
    }

    static long marker(RouteUid route) {
        return route.uuid().getMostSignificantBits() ^ route.uuid().getLeastSignificantBits();
    }

    static String shortened(RouteUid route) {
        return route.toString().substring(0, 8);
    }

    // --- rules

    void signed(RuleDelta delta, SignedRuleDelta signed) {
        genuine.put(HexFormat.of().formatHex(signed.signature()), delta);
    }

    /// I2: the outcome is what a suspicious reader of the delta says it must be.
    void applied(VirtualNode node, SignedRuleDelta signed, DeltaOutcome outcome) {
        if (!(outcome instanceof DeltaOutcome.Applied applied)) {
            return;
        }
        RuleDelta delta = genuine.get(HexFormat.of().formatHex(signed.signature()));
        if (delta == null) {
            violated("I2", node + " applied a delta that the setup node never signed");
            return;
        }
        long revision = revisions.getOrDefault(node.key(), 0L);
        if (!delta.node().equals(node.key())
                || delta.revision() <= revision
                || (delta.kind() == RuleDelta.Kind.INCREMENT && delta.baseRevision() != revision)) {
            violated("I2", node + " at revision " + revision + " applied a delta to " + delta.revision());
            return;
        }
        Map<RuleKey, Rule> table = tables.computeIfAbsent(node.key(), fresh -> new HashMap<>());
        if (delta.kind() == RuleDelta.Kind.SNAPSHOT) {
            table.clear();
        }
        delta.removals().forEach(table::remove);
        delta.upserts().forEach(rule -> table.put(rule.key(), rule));
        applied.refusals().forEach(refusal -> table.remove(refusal.rule()));
        revisions.put(node.key(), delta.revision());
        knowsOnlyNeighbours(node, delta.upserts());
    }

    /// I1: a rule that came names this node's own transports, and no node but the far end of a route that ends here.
    private void knowsOnlyNeighbours(VirtualNode node, Collection<Rule> rules) {
        for (Rule rule : rules) {
            switch (rule) {
                case Rule.Relay relay -> {
                    isOwn(node, relay.ingress());
                    isOwn(node, relay.egress());
                }
                case Rule.Consume consume -> {
                    isOwn(node, consume.ingress());
                    endsAt(node, consume.peer());
                }
                case Rule.Forward forward -> {
                    isOwn(node, forward.egress());
                    endsAt(node, forward.peer());
                }
            }
        }
    }

    private void isOwn(VirtualNode node, TransportId transport) {
        if (network.cablesOf(node).stream().noneMatch(cable -> cable.id().equals(transport))) {
            violated("I1", node + " hears of transport " + transport + ", which is not its own");
        }
    }

    private void endsAt(VirtualNode node, PublicKey peer) {
        if (!known.getOrDefault(node.key(), Set.of()).contains(peer)) {
            violated("I1", node + " hears of " + network.node(peer) + ", with which no route of it ends");
        }
    }

    void stopped(VirtualNode node) {
        tables.remove(node.key());
        revisions.remove(node.key());
        controlEnded(node);
        disturb(course -> course.route.path.nodes().contains(node.key()));
    }

    // --- packets

    /// I1: no packet says more than its number to whom it passes. I3: what probes were seen to arrive.
    void delivered(VirtualNode to, VirtualTransport over, byte[] bytes, int offset, int length) {
        int type = PacketLayout.type(bytes, offset);
        RouteUid route = crossings.get(new Crossing(over.id(), PacketLayout.routeId(bytes, offset), to.key()));
        if (route == null) {
            return;
        }
        Course course = courses.get(route);
        boolean probe = type == PacketType.PROBE.number();
        if (probe && to.key().equals(course.route.path.destination())) {
            course.probeCame = true;
        } else if (type == PacketType.PROBE_REPLY.number() && to.key().equals(course.route.path.source())) {
            course.replyCame = true;
        }
        if (length > PacketLayout.HEADER_LENGTH + 15 && contains(bytes, offset, length, route.bytes())) {
            violated("I1", "a packet to " + to + " names its route");
        }
    }

    private static boolean contains(byte[] bytes, int offset, int length, byte[] wanted) {
        for (int at = offset; at + wanted.length <= offset + length; at++) {
            if (bytes[at] == wanted[0]
                    && java.util.Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                return true;
            }
        }
        return false;
    }

    void sent(RouteUid route, int packets) {
        Course course = courses.get(route);
        if (course != null && network.isOutage() && packets == 1) {
            course.sentInOutage++;
        }
    }

    void received(RouteUid route, RouteEnd end, long marker) {
        Course course = courses.get(route);
        if (course == null || marker != marker(route)) {
            violated("I2", "a payload of another route came out of route " + shortened(route));
        } else if (network.isOutage() && end == RouteEnd.RESPONDER) {
            course.receivedInOutage++;
        }
    }

    /// I8.
    void queues(VirtualNode node, Collection<VirtualTransport> links) {
        for (VirtualTransport link : links) {
            if (link.queued() > VirtualTransport.MOST_QUEUED) {
                violated(
                        "I8",
                        "the queue of " + node + " to " + link.neighbour() + " holds " + link.queued() + " bytes");
            }
        }
    }

    // --- control

    void claimed(PublicKey edge, TransportId transport, boolean up) {
        claims.computeIfAbsent(edge, fresh -> new HashMap<>()).put(transport, up);
    }

    /// I5.
    void planned(Path path) {
        for (int i = 0; i < path.transports().size(); i++) {
            for (PublicKey edge : path.nodes().subList(i, i + 2)) {
                if (!claims.getOrDefault(edge, Map.of())
                        .getOrDefault(path.transports().get(i), false)) {
                    violated(
                            "I5",
                            "a route is planned over a transport that " + network.node(edge) + " does not call up");
                }
            }
        }
    }

    void installed(Ledger.Route route, Map<PublicKey, List<Rule>> rules) {
        courses.put(route.uid, new Course(route, rules));
        known.computeIfAbsent(route.path.source(), fresh -> new HashSet<>()).add(route.path.destination());
        known.computeIfAbsent(route.path.destination(), fresh -> new HashSet<>())
                .add(route.path.source());
        rules.forEach((node, list) -> list.forEach(rule -> {
            if (rule.key() instanceof RuleKey.Ingress ingress) {
                crossings.put(
                        new Crossing(ingress.transport(), ingress.routeId().bits(), node), route.uid);
            }
        }));
    }

    void takenBack(Ledger.Route route) {
        Course course = courses.get(route.uid);
        if (course != null) {
            course.takenBackAt = Math.min(course.takenBackAt, network.time().nanos());
        }
    }

    void controlEnded(VirtualNode node) {
        withoutControl.put(node.key(), network.time().nanos());
    }

    /// I3, and I7: the same answer to the same request.
    void answered(VirtualNode node, UUID id, Ledger.Answer answer) {
        answers++;
        if (answer instanceof Ledger.Answer.Established success) {
            Course course = courses.get(success.route());
            if (course == null) {
                violated("I7", node + " was told of a route that nobody installed");
            } else if (!course.probeCame || !course.replyCame) {
                violated("I3", "success for route " + shortened(success.route()) + " without a probe both ways");
            }
            RouteUid before = established.put(new AskedBy(node.key(), id), success.route());
            if (before != null && !before.equals(success.route())) {
                violated("I7", node + " got two routes for one request");
            }
        } else if (established.containsKey(new AskedBy(node.key(), id))) {
            violated("I7", node + " was told success first and then failure");
        }
    }

    int established() {
        return established.size();
    }

    int answers() {
        return answers;
    }

    void linkChanged(TransportId transport) {
        disturb(course -> course.route.path.transports().contains(transport));
    }

    private void disturb(java.util.function.Predicate<Course> which) {
        courses.values().stream().filter(which).forEach(course -> course.disturbed = true);
    }

    // --- I6

    private final Set<RouteUid> before = new HashSet<>();

    /// Every replica is gone from now on.
    void outageBegins() {
        before.clear();
        courses.forEach((uid, course) -> {
            course.sentInOutage = 0;
            course.receivedInOutage = 0;
            if (isWorking(course)) {
                course.disturbed = false;
                before.add(uid);
            }
        });
    }

    private boolean isWorking(Course course) {
        Path path = course.route.path;
        return course.route.state == Ledger.State.ACTIVE
                && network.node(path.source()).isOpen(course.route.uid)
                && network.node(path.destination()).isOpen(course.route.uid)
                && network.cables().stream()
                        .filter(cable -> path.transports().contains(cable.id()))
                        .allMatch(Cable::isUp)
                && path.nodes().stream().allMatch(node -> holds(node, course));
    }

    private boolean holds(PublicKey node, Course course) {
        Set<Rule> rows = new HashSet<>();
        network.node(node).rules().forEach(row -> rows.add(row.rule()));
        return rows.containsAll(course.rules.getOrDefault(node, List.of()));
    }

    /// The first replica comes back now.
    void outageEnds() {
        for (RouteUid uid : before) {
            Course course = courses.get(uid);
            if (course.disturbed) {
                continue;
            }
            if (!network.node(course.route.path.source()).isOpen(uid)
                    || !network.node(course.route.path.destination()).isOpen(uid)
                    || course.receivedInOutage < course.sentInOutage / 3 - 3) {
                violated(
                        "I6",
                        "route " + shortened(uid) + " worked when control went away, and then "
                                + course.receivedInOutage + " of " + course.sentInOutage + " packets came");
            }
        }
    }

    // --- looking at everything

    /// What must hold at any moment.
    void check() {
        for (VirtualNode node : network.nodes()) {
            List<RoutingTable.RuleRow> rows = node.rules();
            Map<RuleKey, Rule> table = tables.getOrDefault(node.key(), Map.of());
            for (RoutingTable.RuleRow row : rows) {
                if (!row.rule().equals(table.get(row.rule().key()))) {
                    violated("I2", node + " holds a rule that no delta of the setup node brought");
                }
            }
            if (rows.size() > VirtualNode.MAX_RULES) {
                violated("I8", node + " holds " + rows.size() + " rules");
            }
            if (node.timersWaiting() > MOST_TIMERS) {
                violated("I8", node + " has " + node.timersWaiting() + " timers");
            }
            overstays(node, rows);
            tellsNoSecret(node + " " + node.keys() + " " + rows);
        }
        network.story().last().forEach(this::tellsNoSecret);
    }

    /// I4: a rule of a setup that was taken back goes within its lease, counted from when its node could be told.
    private void overstays(VirtualNode node, List<RoutingTable.RuleRow> rows) {
        Optional<Long> session = node.control().upSince();
        if (session.isEmpty()) {
            return; // nobody can tell it; it is looked at when it is back
        }
        long now = network.time().nanos();
        for (RoutingTable.RuleRow row : rows) {
            for (Course course : courses.values()) {
                long since = Math.max(course.takenBackAt, session.get());
                if (course.takenBackAt < now
                        && now - since > LEASE.toNanos()
                        && course.rules.getOrDefault(node.key(), List.of()).contains(row.rule())) {
                    violated(
                            "I4",
                            node + " still holds a rule of route " + shortened(course.route.uid)
                                    + ", which was taken back " + Duration.ofNanos(now - since) + " ago");
                }
            }
        }
    }

    /// I9.
    void tellsNoSecret(String line) {
        for (String secret : secrets) {
            if (line.contains(secret)) {
                violated("I9", "a secret key stands in a text");
            }
        }
    }

    /// What must hold once everything has been whole for a while: I4 and I7 without exception.
    void settled() {
        check();
        for (VirtualNode node : network.nodes()) {
            RuleTableDigest wanted = RuleTableDigest.of(network.ledger().live(node.key()));
            if (!wanted.equals(node.keeper().digest())) {
                violated(
                        "I4",
                        node + " holds " + node.rules().size() + " rules, the ledger "
                                + network.ledger().live(node.key()).size() + ", and they are not the same");
            }
        }
        for (Ledger.Route route : network.ledger().routes()) {
            if (route.state == Ledger.State.INSTALLING) {
                violated("I4", "route " + shortened(route.uid) + " is still being installed");
            }
        }
        established.forEach((asked, uid) -> {
            Optional<Ledger.Answer> answer = network.ledger().answer(new Ledger.Request(asked.node(), asked.id()));
            if (!answer.equals(Optional.of(new Ledger.Answer.Established(uid)))) {
                violated("I7", "success was told for route " + shortened(uid) + ", and the ledger says " + answer);
            }
        });
    }
}
