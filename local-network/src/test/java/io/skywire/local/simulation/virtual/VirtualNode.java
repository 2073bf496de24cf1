package io.skywire.local.simulation.virtual;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.skywire.node.router.EdgeRoute;
import io.skywire.node.router.RouteEnds;
import io.skywire.node.router.RouteProbes;
import io.skywire.node.router.Router;
import io.skywire.node.router.RoutingTable;
import io.skywire.node.rules.DeltaOutcome;
import io.skywire.node.rules.RuleKeeper;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.RuleTableDigest;
import io.skywire.shared.rule.SignedRuleDelta;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/// One node: its real router and rule keeper, between links in memory and a control session in memory. Stopped, it
/// forgets all; its neighbours are not told.
final class VirtualNode implements RouteEnds, RouteProbes {
    static final int MAX_RULES = 256;

    private static final Duration UPKEEP = Duration.ofSeconds(2);
    private static final byte QUESTION = 0;
    private static final byte ECHO = 1;

    private final VirtualNetwork network;
    private final int number;
    private final KeyPair keys;
    private final Random random;
    private final ControlLine control;
    private final Map<TransportId, VirtualTransport> links = new LinkedHashMap<>();
    private final Map<RouteUid, EdgeRoute> open = new LinkedHashMap<>();
    private final Map<UUID, PublicKey> asked = new LinkedHashMap<>();
    private final Map<RouteUid, Long> received = new LinkedHashMap<>();
    private final Map<RouteUid, Long> talked = new LinkedHashMap<>();
    private final Set<RouteUid> broken = new LinkedHashSet<>();
    private final Set<EdgeRoute> touched = new LinkedHashSet<>();
    private VirtualTimers timers;
    private Router router;
    private RuleKeeper keeper;
    private boolean alive;
    private int life;

    VirtualNode(VirtualNetwork network, int number, KeyPair keys, Duration controlDelay, Random random) {
        this.network = network;
        this.number = number;
        this.keys = keys;
        this.random = random;
        this.control = new ControlLine(network, this, controlDelay, new Random(random.nextLong()));
        this.timers = new VirtualTimers(network.time());
        this.router = newRouter();
        this.keeper = newKeeper();
    }

    private Router newRouter() {
        return new Router(
                new Router.Settings(MAX_RULES),
                this,
                this,
                timers,
                network.time()::nanos,
                new Random(random.nextLong()));
    }

    private RuleKeeper newKeeper() {
        Identities identities = network.identities();
        Set<PublicKey> whitelist = network.conditions().has(Flaw.OBEYS_STRANGERS)
                ? Set.of(identities.setup().publicKey(), identities.stranger().publicKey())
                : Set.of(identities.setup().publicKey());
        return new RuleKeeper(key(), whitelist, router.table(), network.time());
    }

    PublicKey key() {
        return keys.publicKey();
    }

    KeyPair keys() {
        return keys;
    }

    int number() {
        return number;
    }

    boolean isAlive() {
        return alive;
    }

    /// How many times it was started.
    int life() {
        return life;
    }

    Router router() {
        return router;
    }

    RuleKeeper keeper() {
        return keeper;
    }

    ControlLine control() {
        return control;
    }

    int timersWaiting() {
        return timers.waiting();
    }

    List<RoutingTable.RuleRow> rules() {
        return alive ? router.table().rows() : List.of();
    }

    boolean isOpen(RouteUid route) {
        return alive && open.containsKey(route);
    }

    /// Whether this end was ever told that the route is broken.
    boolean heardBroken(RouteUid route) {
        return broken.contains(route);
    }

    /// Payloads that came out of the route here, over all lives.
    long received(RouteUid route) {
        return received.getOrDefault(route, 0L);
    }

    /// Payloads that went into the route here.
    long talked(RouteUid route) {
        return talked.getOrDefault(route, 0L);
    }

    void start() {
        alive = true;
        life++;
        timers = new VirtualTimers(network.time());
        router = newRouter();
        keeper = newKeeper();
        network.story().tell(this + " starts");
        var unused = timers.scheduleAtFixedRate(this::upkeep, UPKEEP.toNanos(), UPKEEP.toNanos(), TimeUnit.NANOSECONDS);
        control.dial();
    }

    void stop() {
        network.story().tell(this + " stops");
        alive = false;
        timers.shutdown();
        links.values().forEach(VirtualTransport::vanish);
        links.clear();
        open.clear();
        asked.clear();
        control.end("the node is gone");
        network.cablesOf(this).forEach(Cable::watchSilence);
        network.invariants().stopped(this);
    }

    private void upkeep() {
        router.upkeep(expired -> control.tell((replica, session) -> replica.expired(key(), expired)));
    }

    // --- links

    void up(VirtualTransport link) {
        links.put(link.id(), link);
        router.up(link);
        network.invariants().linkChanged(link.id());
        control.tell((replica, session) -> replica.report(key(), Map.of(link.id(), true)));
    }

    void down(VirtualTransport link, String reason) {
        network.story().tell(this + " loses its link to " + link.neighbour() + ": " + reason);
        links.remove(link.id(), link);
        router.down(link, reason);
        network.invariants().linkChanged(link.id());
        control.tell((replica, session) -> replica.report(key(), Map.of(link.id(), false)));
    }

    // --- the control session

    void controlBegins() {
        long revision = keeper.revision();
        RuleTableDigest digest = keeper.digest();
        control.tell((replica, session) -> replica.hello(this, session, revision, digest));
        Map<TransportId, Boolean> view = new LinkedHashMap<>();
        links.keySet().forEach(id -> view.put(id, true));
        control.tell((replica, session) -> replica.wholeView(key(), view));
        asked.forEach((id, peer) -> control.tell((replica, session) -> replica.request(this, session, id, peer)));
    }

    void controlEnds() {
        network.invariants().controlEnded(this);
        if (network.conditions().has(Flaw.FORGETS_WITHOUT_CONTROL)) {
            router.table().replace(List.of());
        }
    }

    /// Any delta, from wherever.
    DeltaOutcome apply(SignedRuleDelta delta) {
        DeltaOutcome outcome = keeper.apply(delta);
        network.invariants().applied(this, delta, outcome);
        return outcome;
    }

    /// The real node's answer to a delta of its session.
    void pushed(SignedRuleDelta delta) {
        switch (apply(delta)) {
            case DeltaOutcome.Applied applied -> {
                List<RuleKey> refused = applied.refusals().stream()
                        .map(RoutingTable.Refusal::rule)
                        .toList();
                if (!refused.isEmpty()) {
                    network.story()
                            .tell(this + " refuses "
                                    + applied.refusals().getFirst().reason());
                }
                control.tell((replica, session) -> replica.acknowledged(key(), applied.revision(), refused));
            }
            case DeltaOutcome.Refused refused ->
                control.tell((replica, session) -> replica.refused(key(), refused.reason()));
        }
    }

    /// Asks for a route to `peer`; whoever is told the answer asks again until then.
    UUID ask(PublicKey peer) {
        UUID id = new UUID(random.nextLong(), random.nextLong());
        network.story().tell(this + " asks for a route to " + network.node(peer));
        askAgain(id, peer);
        return id;
    }

    void askAgain(UUID id, PublicKey peer) {
        asked.put(id, peer);
        control.tell((replica, session) -> replica.request(this, session, id, peer));
    }

    void answered(UUID id, Ledger.Answer answer) {
        if (asked.remove(id) != null) {
            network.story().tell(this + " is answered: " + answer);
            network.invariants().answered(this, id, answer);
        }
    }

    void close(RouteUid route) {
        control.tell((replica, session) -> replica.close(key(), route));
    }

    /// The flaw of a table that is written past the rule keeper.
    void invent() {
        links.keySet().stream()
                .findFirst()
                .ifPresent(link -> router.table()
                        .apply(
                                List.of(),
                                List.of(new Rule.Relay(
                                        link,
                                        RouteId.random(random),
                                        link,
                                        RouteId.random(random),
                                        Duration.ofMinutes(1)))));
    }

    // --- what the router tells

    @Override
    public void opened(EdgeRoute route) {
        open.put(route.route(), route);
    }

    @Override
    public void closed(EdgeRoute route, String reason) {
        open.remove(route.route(), route);
        touched.remove(route);
    }

    @Override
    public void broken(EdgeRoute route) {
        network.story().tell(this + " hears that route " + Invariants.shortened(route.route()) + " is broken");
        broken.add(route.route());
    }

    @Override
    public void payload(EdgeRoute route, ByteBuf payload) {
        byte kind = payload.readByte();
        long marker = payload.readLong();
        payload.release();
        network.invariants().received(route.route(), route.end(), marker);
        received.merge(route.route(), 1L, Long::sum);
        if (kind == QUESTION) {
            route.send(message(ECHO, route.route(), Byte.BYTES + Long.BYTES));
            touched.add(route);
        }
    }

    @Override
    public void endOfRead() {
        touched.forEach(EdgeRoute::flush);
        touched.clear();
    }

    @Override
    public void answered(RouteUid route, Duration roundTrip) {
        control.tell((replica, session) -> replica.probed(route));
    }

    @Override
    public void unanswered(RouteUid route, String detail) {
        control.tell((replica, session) -> replica.probeUnanswered(route));
    }

    // --- traffic

    /// Sends something through every route that it initiated and that is open; sometimes much at once.
    void talk() {
        int packets = random.nextInt(40) == 0 ? 90 : 1;
        int size = packets == 1 ? 60 : 1_000;
        for (EdgeRoute route : List.copyOf(open.values())) {
            if (route.end() == RouteEnd.INITIATOR) {
                for (int i = 0; i < packets; i++) {
                    route.send(message(QUESTION, route.route(), size));
                }
                talked.merge(route.route(), (long) packets, Long::sum);
                network.invariants().sent(route.route(), packets);
                network.invariants().queues(this, links.values());
                route.flush();
            }
        }
    }

    /// The payload names its route in a way that only this simulation understands.
    private static ByteBuf message(byte kind, RouteUid route, int size) {
        return Unpooled.buffer(size)
                .writeByte(kind)
                .writeLong(Invariants.marker(route))
                .writeZero(size - Byte.BYTES - Long.BYTES);
    }

    @Override
    public String toString() {
        return "n" + number;
    }
}
