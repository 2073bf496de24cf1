package io.skywire.node.api;

import io.skywire.node.transport.TransportSnapshot;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.SessionUid;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import tools.jackson.databind.JsonNode;

/// A node without a network: it knows a few peers, each with a fate, and remembers what it was told.
public final class FakeNode implements NodeApi {
    public static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    private final Random random;
    private final Path socket;
    public final PublicKey self;
    public final PublicKey neighbour;
    /// Can be dialled.
    public final PublicKey peer;
    /// Known, and nothing leads there.
    public final PublicKey island;
    /// The second hop refuses.
    public final PublicKey behindFullTable;
    /// Never answers at all.
    public final PublicKey blackHole;
    /// Can be dialled, and answers no round trip.
    public final PublicKey mute;
    /// A request for it meets a bug.
    public final PublicKey bug;

    private final TransportId link;
    private final Map<PublicKey, SessionView> sessions = new LinkedHashMap<>();
    private final Map<Integer, PublishedView> published = new TreeMap<>();
    private final List<DialRequest> dials = new ArrayList<>();
    private StatusView.Reachability reachability = new StatusView.Reachability(
            StatusView.Reachable.YES,
            Optional.of("192.0.2.1:7777"),
            Optional.empty(),
            Optional.of("192.0.2.1"),
            Optional.of(NOW.minusSeconds(50)),
            List.of(new StatusView.DialledBack(
                    "127.0.0.1:7777",
                    Optional.of("192.0.2.1:7777"),
                    StatusView.DialOutcome.REACHABLE,
                    "the key was proved")));

    public FakeNode(Path socket, long seed) {
        this.random = new Random(seed);
        this.socket = socket;
        this.self = key();
        this.neighbour = key();
        this.peer = key();
        this.island = key();
        this.behindFullTable = key();
        this.blackHole = key();
        this.mute = key();
        this.bug = key();
        this.link = TransportId.between(self, neighbour, TransportType.TCP);
    }

    private PublicKey key() {
        return KeyPair.generate(random).publicKey();
    }

    /// From now on the node says this of whether it can be dialled.
    public synchronized void reachability(StatusView.Reachability reachability) {
        this.reachability = reachability;
    }

    public synchronized List<DialRequest> dials() {
        return List.copyOf(dials);
    }

    @Override
    public synchronized StatusView status() {
        return new StatusView(
                self,
                StatusView.nameOf(self),
                "1.2.3",
                NOW.minusSeconds(3700),
                Duration.ofSeconds(3700),
                new StatusView.ControlPlane(
                        Optional.of("127.0.0.1:9191"),
                        Optional.of("direct"),
                        Optional.empty(),
                        Optional.of(NOW.minusSeconds(60)),
                        7,
                        Optional.of(Duration.ofMillis(3500)),
                        Optional.empty(),
                        Optional.of(Duration.ofMillis(12)),
                        Optional.of(Duration.ZERO)),
                Optional.of("127.0.0.1:7777"),
                new StatusView.Counts(1, routes().size(), rules().size(), sessions.size()),
                new StatusView.Doors(Optional.of("127.0.0.1:1080"), Optional.empty(), Optional.empty(), socket),
                List.of(
                        new StatusView.Link(neighbour, "127.0.0.1:7778", LinkState.UP, Optional.empty()),
                        new StatusView.Link(
                                island,
                                "127.0.0.1:7779",
                                LinkState.WAITING,
                                Optional.of("unreachable: connection refused"))),
                Optional.of(new StatusView.Messaging(
                        List.of(new StatusView.Server(
                                neighbour,
                                "127.0.0.1:7780",
                                StatusView.ServerState.UP,
                                Optional.of(NOW.minusSeconds(60)),
                                Optional.of(Duration.ofNanos(412_000)))),
                        Optional.of(NOW.minusSeconds(59)),
                        Optional.of("192.0.2.1:40000"),
                        List.of(),
                        3,
                        4)),
                "direct",
                reachability,
                new StatusView.Kept(2, 5, Optional.empty()));
    }

    @Override
    public List<TransportView> transports() {
        return List.of(TransportView.of(new TransportSnapshot(
                link,
                TransportType.TCP,
                neighbour,
                "127.0.0.1:7778",
                TransportSnapshot.Opener.US,
                "AESGCM",
                NOW.minusSeconds(61),
                new LinkMeasurement(Optional.of(Duration.ofNanos(213_000)), 12_000, 250_000, 3_145_728),
                10,
                1000,
                20,
                3_500_000,
                1,
                0)));
    }

    @Override
    public List<RouteView> routes() {
        return List.of(new RouteView(
                route(1), session(1), RouteEnd.INITIATOR, peer, link, Duration.ofSeconds(90), 2048, 4096));
    }

    @Override
    public List<RuleView> rules() {
        Duration timeout = Duration.ofMinutes(2);
        return List.of(
                RuleView.of(
                        new Rule.Forward(
                                route(1), session(1), RouteEnd.INITIATOR, peer, link, new RouteId(5), 16_384, timeout),
                        Duration.ofSeconds(1),
                        4,
                        4096),
                RuleView.of(
                        new Rule.Relay(link, new RouteId(-1), link, new RouteId(9), timeout),
                        Duration.ofMillis(1500),
                        3,
                        300),
                RuleView.of(new Rule.Consume(route(1), peer, link, new RouteId(6), timeout), Duration.ZERO, 2, 2048));
    }

    @Override
    public synchronized List<SessionView> sessions() {
        return List.copyOf(sessions.values());
    }

    @Override
    public synchronized List<PublishedView> published() {
        return List.copyOf(published.values());
    }

    @Override
    public synchronized CompletionStage<Outcome<DialView>> dial(DialRequest request) {
        dials.add(request);
        if (request.peer().equals(bug)) {
            throw new IllegalStateException("a bug");
        }
        if (request.peer().equals(blackHole)) {
            return new CompletableFuture<>();
        }
        return later(fate(
                request.peer(),
                session -> new DialView(request.peer(), session, route(1), 4, 1, phases(), Duration.ofMillis(83))));
    }

    @Override
    public synchronized CompletionStage<Outcome<HangupView>> hangup(PublicKey who) {
        SessionView session = sessions.remove(who);
        return later(
                session == null
                        ? Outcome.refused(ProblemCode.NO_SESSION, who.shortHex())
                        : Outcome.done(new HangupView(who, session.session())));
    }

    @Override
    public synchronized CompletionStage<Outcome<PublishedView>> publish(PublishedView offer) {
        if (published.putIfAbsent(offer.port(), offer) != null) {
            return later(Outcome.refused(ProblemCode.PORT_TAKEN, "port " + offer.port()));
        }
        return later(Outcome.done(offer));
    }

    @Override
    public synchronized CompletionStage<Outcome<PublishedView>> unpublish(int port, PublishedView.Protocol protocol) {
        PublishedView offer = published.get(port);
        boolean taken = offer != null && offer.protocol() == protocol && published.remove(port, offer);
        return later(offer == null || !taken ? Outcome.refused(ProblemCode.NOT_PUBLISHED, "port " + port) : Outcome.done(offer));
    }

    @Override
    public synchronized CompletionStage<Outcome<TraceView>> trace(TraceRequest request) {
        List<Optional<Duration>> trips = new ArrayList<>();
        for (int i = 0; i < request.count(); i++) {
            boolean lost = request.peer().equals(mute) || i == 1;
            trips.add(lost ? Optional.empty() : Optional.of(Duration.ofNanos(1_250_000L + i * 1_000_000L)));
        }
        return later(fate(request.peer(), session -> new TraceView(request.peer(), session, 4, 2, phases(), trips)));
    }

    @Override
    public CompletionStage<Outcome<JsonNode>> explain(ExplainRequest request) {
        String text = """
                {"from": "%s", "to": "%s", "metric": "%s", "verdict": "ROUTE", "detail": "1 hops for 36000 µs",
                 "snapshot": {"version": 5, "ageMillis": 30}, "extent": "WHOLE", "excluded": [], "cut": null,
                 "route": {"hops": [{"transport": "ea1c1d66-0000-0000-0000-000000000001", "from": "%s", "to": "%s",
                   "cost": 36000, "parts": {"roundTrip": 20000, "loss": 0, "load": 0, "hop": 1000, "doubt": 0,
                   "settling": 0, "blame": 15000}}]},
                 "others": [{"standing": "TAKES_TURNS", "cost": 37000, "extraCost": 1000, "hops": [{"to": "%s"}]}]}
                """.formatted(
                        request.peer().hex(),
                        request.peer().hex(),
                        request.metric(),
                        request.peer().hex(),
                        request.peer().hex(),
                        request.peer().hex());
        return java.util.concurrent.CompletableFuture.completedFuture(Outcome.done(ApiJson.MAPPER.readTree(text)));
    }

    private interface Success<T> {
        T with(SessionUid session);
    }

    private <T> Outcome<T> fate(PublicKey who, Success<T> success) {
        if (who.equals(peer) || who.equals(mute)) {
            SessionView session = new SessionView(
                    session(1),
                    who,
                    RouteEnd.INITIATOR,
                    NOW,
                    Optional.of(route(1)),
                    Optional.empty(),
                    Optional.empty(),
                    0,
                    Optional.empty(),
                    Optional.of(Duration.ofMillis(12)),
                    3,
                    100,
                    200);
            sessions.put(who, session);
            return Outcome.done(success.with(session.session()));
        }
        if (who.equals(island)) {
            return Outcome.refused(ProblemCode.NO_ROUTE, "nothing leads to " + who.shortHex());
        }
        if (who.equals(behindFullTable)) {
            return Outcome.refusedAt(ProblemCode.REFUSED, 2, "table full");
        }
        return Outcome.refused(ProblemCode.NO_SUCH_NODE, who.shortHex());
    }

    private static List<Phase> phases() {
        return List.of(new Phase("planned", Duration.ofMillis(2)), new Phase("installed", Duration.ofMillis(41)));
    }

    private static RouteUid route(int number) {
        return RouteUid.of(new byte[] {(byte) 0xaa, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) number});
    }

    private static SessionUid session(int number) {
        return SessionUid.of(new byte[] {(byte) 0xcc, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) number});
    }

    /// Completes on another thread, as a real node does.
    private static <T> CompletionStage<T> later(T value) {
        return CompletableFuture.supplyAsync(() -> value);
    }
}
