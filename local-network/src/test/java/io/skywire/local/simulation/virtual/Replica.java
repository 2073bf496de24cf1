package io.skywire.local.simulation.virtual;

import io.skywire.node.rules.DeltaOutcome;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.RuleProtos;
import io.skywire.shared.rule.RuleTableDigest;
import io.skywire.shared.rule.SessionUid;
import io.skywire.shared.rule.SignedRuleDelta;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/// One setup node over the ledger that all replicas share: sessions, deltas, and setups that it drives
/// (`docs/protocol/route-setup.md`). All but the ledger is gone when it crashes, which may be between any two steps:
/// every write takes a moment, and what follows from it another.
final class Replica {
    private static final Duration WRITE = Duration.ofMillis(2);
    private static final Duration WAKE = Duration.ofMillis(3);
    private static final Duration SWEEP = Duration.ofSeconds(1);
    private static final Duration NODE_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration DEADLINE = Duration.ofSeconds(8);
    private static final Duration ABANDONED = Duration.ofSeconds(2);
    private static final int PLANS = 3;

    private final VirtualNetwork network;
    private final Ledger ledger;
    private final int number;
    private final Random random;
    private final Map<PublicKey, Peer> peers = new LinkedHashMap<>();
    private final Map<RouteUid, Setup> setups = new LinkedHashMap<>();
    private boolean alive = true;
    private int life;

    /// A node with a session here.
    private static final class Peer {
        private final VirtualNode node;
        private final int session;
        private long held;
        private boolean needsSnapshot;
        private long out; // the revision of the delta that is under way, 0 if none
        private long refusedAt = -1;
        private boolean answeredRefusal;

        Peer(VirtualNode node, int session) {
            this.node = node;
            this.session = session;
        }
    }

    private static final class Setup {
        private final Ledger.Route route;
        private final Map<PublicKey, Long> awaited;
        private final long until;
        private final int plans;
        private long probeUntil = Long.MAX_VALUE;
        private boolean probed;
        private boolean activating;

        Setup(Ledger.Route route, Map<PublicKey, Long> awaited, long until, int plans) {
            this.route = route;
            this.awaited = awaited;
            this.until = until;
            this.plans = plans;
        }
    }

    Replica(VirtualNetwork network, Ledger ledger, int number, Random random) {
        this.network = network;
        this.ledger = ledger;
        this.number = number;
        this.random = random;
        sweep(life);
    }

    int number() {
        return number;
    }

    boolean isAlive() {
        return alive;
    }

    boolean attends(PublicKey node) {
        return alive && peers.containsKey(node);
    }

    void crash() {
        if (alive) {
            network.story().tell("replica " + number + " crashes");
            alive = false;
            life++;
            List<Peer> cut = List.copyOf(peers.values());
            peers.clear();
            setups.clear();
            cut.forEach(peer -> peer.node.control().end(peer.session, "replica " + number + " is gone"));
        }
    }

    void restart() {
        if (!alive) {
            network.story().tell("replica " + number + " is back");
            alive = true;
            sweep(life);
        }
    }

    /// Runs `step` if this replica still lives its present life then.
    private void later(Duration delay, Runnable step) {
        int now = life;
        network.time().after(delay, () -> {
            if (alive && life == now) {
                step.run();
            }
        });
    }

    // --- sessions and deltas

    void hello(VirtualNode node, int session, long revision, RuleTableDigest digest) {
        Peer peer = new Peer(node, session);
        peers.put(node.key(), peer);
        peer.held = revision;
        peer.needsSnapshot = !ledger.goesOnFrom(node.key(), revision, digest);
        network.story().tell(node + " has a session with replica " + number + " at revision " + revision);
        push(node.key());
    }

    void ended(PublicKey node, int session) {
        Peer peer = peers.get(node);
        if (peer != null && peer.session == session) {
            peers.remove(node);
        }
    }

    private void push(PublicKey node) {
        Peer peer = peers.get(node);
        if (peer == null || peer.out != 0) {
            return;
        }
        long newest = ledger.revision(node);
        if (peer.refusedAt >= newest || (newest <= peer.held && !peer.needsSnapshot) || newest == 0) {
            return;
        }
        RuleDelta delta = peer.needsSnapshot
                ? ledger.snapshot(node, network.time().instant())
                : ledger.increment(node, peer.held, network.time().instant());
        SignedRuleDelta signed =
                SignedRuleDelta.sign(delta, network.identities().setup());
        network.invariants().signed(delta, signed);
        network.story()
                .tell("replica " + number + " pushes " + peer.node + " to revision " + delta.revision() + " ("
                        + delta.kind() + ", " + delta.removals().size() + " out, "
                        + delta.upserts().size() + " in)");
        peer.out = delta.revision();
        peer.needsSnapshot = false;
        byte[] bytes = RuleProtos.toProto(signed).toByteArray();
        peer.node.control().hear(peer.session, () -> peer.node.pushed(VirtualNetwork.parse(bytes)));
    }

    void acknowledged(PublicKey node, long revision, List<RuleKey> refused) {
        Peer peer = peers.get(node);
        if (peer == null) {
            return;
        }
        peer.out = 0;
        peer.held = revision;
        peer.answeredRefusal = false;
        Set<RouteUid> routes = ledger.acknowledge(node, revision, refused);
        push(node);
        wakeAll();
        routes.forEach(route -> network.replicas().forEach(replica -> replica.ruleRefused(route, node)));
    }

    void refused(PublicKey node, DeltaOutcome.Reason reason) {
        Peer peer = peers.get(node);
        if (peer == null) {
            return;
        }
        network.story().tell(peer.node + " refuses its delta: " + reason);
        peer.out = 0;
        if (peer.answeredRefusal) {
            peer.refusedAt = ledger.revision(node);
            return;
        }
        peer.answeredRefusal = true;
        peer.needsSnapshot = true;
        ledger.moveOn(node);
        push(node);
    }

    /// Something has changed in the ledger: every replica looks, this one at once.
    private void wakeAll() {
        look();
        network.replicas().forEach(replica -> replica.later(WAKE, replica::look));
    }

    private void look() {
        List.copyOf(peers.keySet()).forEach(this::push);
        List.copyOf(setups.values()).forEach(this::lookAt);
    }

    // --- transports

    void report(PublicKey edge, Map<TransportId, Boolean> changes) {
        Set<TransportId> lost = new HashSet<>();
        changes.forEach((transport, up) -> {
            ledger.claim(edge, transport, up);
            network.invariants().claimed(edge, transport, up);
            if (!up) {
                lost.add(transport);
            }
        });
        lost(lost);
    }

    void wholeView(PublicKey edge, Map<TransportId, Boolean> view) {
        Set<TransportId> lost = ledger.claimWhole(edge, view.keySet());
        lost.forEach(transport -> network.invariants().claimed(edge, transport, false));
        view.keySet().forEach(transport -> network.invariants().claimed(edge, transport, true));
        lost(lost);
    }

    private void lost(Set<TransportId> transports) {
        if (transports.isEmpty()) {
            return;
        }
        for (Ledger.Route route : List.copyOf(ledger.routes())) {
            boolean touched = route.path.transports().stream().anyMatch(transports::contains);
            if (touched && route.state == Ledger.State.ACTIVE) {
                network.story().tell("route " + Invariants.shortened(route.uid) + " is closed: a transport is down");
                ledger.takeBack(route.uid, Ledger.State.CLOSED, "a transport is down");
            } else if (touched && route.state == Ledger.State.INSTALLING) {
                network.replicas().forEach(replica -> replica.failIfHere(route.uid, "a transport went down"));
            }
        }
        wakeAll();
    }

    private void failIfHere(RouteUid uid, String why) {
        Setup setup = setups.get(uid);
        if (alive && setup != null) {
            fail(setup, why);
        }
    }

    // --- setups

    void request(VirtualNode initiator, int session, UUID id, PublicKey peer) {
        Ledger.Request request = new Ledger.Request(initiator.key(), id);
        var known = ledger.answer(request);
        if (known.isPresent()) {
            answer(request, known.get());
        } else if (ledger.isUnderWay(request)) {
            later(Duration.ofMillis(500), () -> {
                Peer there = peers.get(initiator.key());
                if (there != null && there.session == session) {
                    request(initiator, session, id, peer);
                }
            });
        } else {
            plan(request, peer, network.time().nanos() + DEADLINE.toNanos(), 1, Set.of());
        }
    }

    private void plan(Ledger.Request request, PublicKey peer, long deadline, int plans, Set<TransportId> avoided) {
        int needed = network.conditions().has(Flaw.BELIEVES_ONE_EDGE) ? 1 : 2;
        var found = new PathSearch(network, random)
                .find(
                        request.initiator(),
                        peer,
                        transport -> !avoided.contains(transport) && ledger.claims(transport) >= needed,
                        network::isAttended);
        if (found.isEmpty()) {
            conclude(request, new Ledger.Answer.Failed("NO_ROUTE"));
            return;
        }
        Path path = found.get();
        network.invariants().planned(path);
        RouteUid uid = RouteUid.random(random);
        Map<PublicKey, List<Rule>> rules = new LinkedHashMap<>(path.rules(uid, random));
        if (network.conditions().has(Flaw.TELLS_RELAYS_THE_ENDS)) {
            tellRelays(path, rules);
        }
        Ledger.Route route = new Ledger.Route(uid, request, path, deadline);
        later(WRITE, () -> {
            if (ledger.isUnderWay(request) || ledger.answer(request).isPresent()) {
                return; // another replica was quicker
            }
            Map<PublicKey, Long> revisions = ledger.install(route, rules);
            network.invariants().installed(route, rules);
            network.story()
                    .tell("replica " + number + " installs route " + Invariants.shortened(uid) + " over "
                            + path.nodes().stream().map(network::node).toList());
            later(WRITE, () -> {
                long now = network.time().nanos();
                Setup setup = new Setup(
                        route, new HashMap<>(revisions), Math.min(deadline, now + NODE_TIMEOUT.toNanos()), plans);
                setups.put(uid, setup);
                wakeAll();
                later(NODE_TIMEOUT.plus(PROBE_TIMEOUT), () -> lookAt(setup));
                later(NODE_TIMEOUT, () -> lookAt(setup));
            });
        });
    }

    private void tellRelays(Path path, Map<PublicKey, List<Rule>> rules) {
        for (int i = 1; i < path.nodes().size() - 1; i++) {
            List<Rule> more = new ArrayList<>(rules.getOrDefault(path.nodes().get(i), List.of()));
            more.add(new Rule.Forward(
                    RouteUid.random(random),
                    SessionUid.random(random),
                    RouteEnd.INITIATOR,
                    path.destination(),
                    path.transports().get(i),
                    RouteId.random(random),
                    1_000,
                    Path.IDLE));
            rules.put(path.nodes().get(i), more);
        }
    }

    private void lookAt(Setup setup) {
        if (setups.get(setup.route.uid) != setup || setup.activating) {
            return;
        }
        long now = network.time().nanos();
        setup.awaited.entrySet().removeIf(node -> ledger.acknowledged(node.getKey()) >= node.getValue());
        if (setup.route.state != Ledger.State.INSTALLING) {
            fail(setup, "taken back by another replica");
        } else if (!setup.awaited.isEmpty()) {
            if (now >= setup.until) {
                fail(setup, "SILENT");
            }
        } else if (setup.probed || network.conditions().has(Flaw.ANSWERS_UNPROBED)) {
            activate(setup);
        } else if (setup.probeUntil == Long.MAX_VALUE) {
            setup.probeUntil = Math.min(setup.route.deadline, now + PROBE_TIMEOUT.toNanos());
            later(PROBE_TIMEOUT, () -> lookAt(setup));
        } else if (now >= setup.probeUntil) {
            fail(setup, "PROBE_UNANSWERED");
        }
    }

    private void activate(Setup setup) {
        setup.activating = true;
        Ledger.Answer.Established established = new Ledger.Answer.Established(setup.route.uid);
        if (network.conditions().has(Flaw.ANSWERS_UNWRITTEN)) {
            answer(setup.route.request, established);
            network.answering(this);
        }
        later(WRITE, () -> {
            boolean written = ledger.activate(setup.route.uid);
            later(WRITE, () -> {
                setups.remove(setup.route.uid);
                if (written) {
                    answer(setup.route.request, established);
                } else {
                    conclude(setup.route.request, new Ledger.Answer.Failed("taken back meanwhile"));
                }
            });
        });
    }

    void probed(RouteUid route) {
        Setup setup = setups.get(route);
        if (setup != null) {
            setup.probed = true;
            lookAt(setup);
        }
    }

    void probeUnanswered(RouteUid route) {
        failIfHere(route, "PROBE_UNANSWERED");
    }

    private void ruleRefused(RouteUid route, PublicKey node) {
        failIfHere(route, network.node(node) + " refused a rule");
    }

    private void fail(Setup setup, String why) {
        if (setup.activating || setups.remove(setup.route.uid) == null) {
            return;
        }
        network.story().tell("setup of route " + Invariants.shortened(setup.route.uid) + " fails: " + why);
        later(WRITE, () -> {
            takeBack(setup.route, Ledger.State.FAILED, why);
            wakeAll();
            Ledger.Request request = setup.route.request;
            if (setup.plans < PLANS && network.time().nanos() < setup.route.deadline) {
                Set<TransportId> avoided = Set.of(setup.route
                        .path
                        .transports()
                        .get(random.nextInt(setup.route.path.transports().size())));
                plan(request, setup.route.path.destination(), setup.route.deadline, setup.plans + 1, avoided);
            } else {
                conclude(request, new Ledger.Answer.Failed(why));
            }
        });
    }

    private void takeBack(Ledger.Route route, Ledger.State then, String why) {
        network.invariants().takenBack(route);
        if (network.conditions().has(Flaw.LEAVES_RULES_BEHIND)) {
            ledger.end(route.uid, then, why);
        } else {
            ledger.takeBack(route.uid, then, why);
        }
    }

    private void conclude(Ledger.Request request, Ledger.Answer.Failed failed) {
        later(WRITE, () -> {
            ledger.conclude(request, failed);
            ledger.answer(request).ifPresent(answer -> answer(request, answer));
        });
    }

    private void answer(Ledger.Request request, Ledger.Answer answer) {
        Peer peer = peers.get(request.initiator());
        if (peer != null) {
            peer.node.control().hear(peer.session, () -> peer.node.answered(request.id(), answer));
        }
    }

    // --- the end of routes

    void close(PublicKey end, RouteUid uid) {
        ledger.route(uid).filter(route -> route.path.isEnd(end)).ifPresent(route -> {
            network.story().tell("route " + Invariants.shortened(uid) + " is closed by an end");
            end(route, "closed by an end");
        });
    }

    void expired(PublicKey node, List<RuleKey> keys) {
        ledger.routesOf(node, keys)
                .forEach(uid -> ledger.route(uid).ifPresent(route -> {
                    network.story().tell("route " + Invariants.shortened(uid) + " idled out at " + network.node(node));
                    end(route, "idled out");
                }));
    }

    private void end(Ledger.Route route, String why) {
        switch (route.state) {
            case ACTIVE -> ledger.takeBack(route.uid, Ledger.State.CLOSED, why);
            case INSTALLING -> network.replicas().forEach(replica -> replica.failIfHere(route.uid, why));
            case FAILED, CLOSED -> {}
        }
        wakeAll();
    }

    /// Takes back what replicas that died left half-done.
    private void sweep(int inLife) {
        network.time().after(SWEEP, () -> {
            if (!alive || life != inLife) {
                return;
            }
            long now = network.time().nanos();
            for (Ledger.Route route : List.copyOf(ledger.routes())) {
                if (route.state == Ledger.State.INSTALLING
                        && !setups.containsKey(route.uid)
                        && now > route.deadline + ABANDONED.toNanos()) {
                    network.story().tell("replica " + number + " takes back " + Invariants.shortened(route.uid));
                    takeBack(route, Ledger.State.FAILED, "abandoned");
                    conclude(route.request, new Ledger.Answer.Failed("UNAVAILABLE"));
                    wakeAll();
                }
            }
            sweep(inLife);
        });
    }
}
