package io.skywire.node;

import io.skywire.node.api.ApiJson;
import io.skywire.node.api.DialRequest;
import io.skywire.node.api.DialView;
import io.skywire.node.api.ExplainRequest;
import io.skywire.node.api.HangupView;
import io.skywire.node.api.LinkState;
import io.skywire.node.api.NodeApi;
import io.skywire.node.api.Outcome;
import io.skywire.node.api.Phase;
import io.skywire.node.api.ProblemCode;
import io.skywire.node.api.PublishedView;
import io.skywire.node.api.RouteView;
import io.skywire.node.api.RuleView;
import io.skywire.node.api.SessionView;
import io.skywire.node.api.StatusView;
import io.skywire.node.api.TraceRequest;
import io.skywire.node.api.TraceView;
import io.skywire.node.api.TransportView;
import io.skywire.node.app.ConnectDoor;
import io.skywire.node.app.Publication;
import io.skywire.node.app.Publications;
import io.skywire.node.app.Socks5Door;
import io.skywire.node.config.HostPort;
import io.skywire.node.config.NodeConfig;
import io.skywire.node.control.ControlLink;
import io.skywire.node.control.ControlStatus;
import io.skywire.node.control.ControlWay;
import io.skywire.node.control.RouteWhy;
import io.skywire.node.router.Router;
import io.skywire.node.router.RoutingTable;
import io.skywire.node.rules.RuleKeeper;
import io.skywire.node.rules.RuleLog;
import io.skywire.node.session.DialAnswer;
import io.skywire.node.session.FlowDrop;
import io.skywire.node.session.PeerSessions;
import io.skywire.node.session.PingAnswer;
import io.skywire.node.session.RouteRequests;
import io.skywire.node.session.RouteSetup;
import io.skywire.node.session.SwitchReason;
import io.skywire.node.transport.DialState;
import io.skywire.node.transport.LetterDrop;
import io.skywire.node.transport.TcpTransports;
import io.skywire.node.transport.Transport;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.transport.TransportType;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import tools.jackson.databind.JsonNode;

/// What a running node answers to people, put together from its rooms. Safe for any thread; never blocks.
final class NodeAnswers implements NodeApi {
    private final NodeConfig config;
    private final PublicKey self;
    private final String version;
    private final InstantSource clock;
    private final Instant started;
    private final Optional<InetSocketAddress> listening;
    private final ControlLink control;
    private final TcpTransports transports;
    private final Optional<NodeMessaging> messaging;
    private final Router router;
    private final RuleKeeper rules;
    private final PeerSessions sessions;
    private final Publications publications;
    private final NodeDoors doors;
    private final NodeCounters counters;
    private final ReachabilityWatch reachability;
    private final RuleLog ruleLog;
    private volatile Optional<InetSocketAddress> metrics = Optional.empty();
    private volatile ControlWay lastWay = ControlWay.DIRECT;

    NodeAnswers(
            NodeConfig config,
            PublicKey self,
            String version,
            InstantSource clock,
            Optional<InetSocketAddress> listening,
            ControlLink control,
            TcpTransports transports,
            Optional<NodeMessaging> messaging,
            Router router,
            RuleKeeper rules,
            PeerSessions sessions,
            Publications publications,
            NodeDoors doors,
            NodeCounters counters,
            ReachabilityWatch reachability,
            RuleLog ruleLog) {
        this.config = config;
        this.self = self;
        this.version = version;
        this.clock = clock;
        this.started = clock.instant();
        this.listening = listening;
        this.control = control;
        this.transports = transports;
        this.messaging = messaging;
        this.router = router;
        this.rules = rules;
        this.sessions = sessions;
        this.publications = publications;
        this.doors = doors;
        this.counters = counters;
        this.reachability = reachability;
        this.ruleLog = ruleLog;
    }

    void metricsAt(InetSocketAddress address) {
        metrics = Optional.of(address);
    }

    Router router() {
        return router;
    }

    /// The links with neighbours that are up, of every kind.
    List<Transport> live() {
        List<Transport> live = new ArrayList<>(transports.live());
        messaging.ifPresent(rooms -> rooms.transports().live().stream()
                .filter(link -> !config.gateways().contains(link.remote()))
                .forEach(live::add));
        return live;
    }

    /// Letters of other nodes that were not taken.
    long lettersRefused(LetterDrop reason) {
        return messaging
                .map(rooms -> rooms.transports().dropped().getOrDefault(reason, 0L))
                .orElse(0L);
    }

    RuleKeeper ruleKeeper() {
        return rules;
    }

    PeerSessions peerSessions() {
        return sessions;
    }

    NodeCounters counters() {
        return counters;
    }

    Optional<Duration> appliedRevisionAge() {
        return rules.appliedAt().map(at -> Duration.between(at, clock.instant()));
    }

    @Override
    public StatusView status() {
        Instant now = clock.instant();
        return new StatusView(
                self,
                StatusView.nameOf(self),
                version,
                started,
                Duration.between(started, now),
                controlPlane(),
                listening.map(NodeAnswers::text),
                new StatusView.Counts(
                        live().size(),
                        router.table().edges().size(),
                        router.table().size(),
                        sessions.sessions().size()),
                new StatusView.Doors(
                        doors.socks().map(Socks5Door::address).map(NodeAnswers::text),
                        doors.connect().map(ConnectDoor::address).map(NodeAnswers::text),
                        metrics.map(NodeAnswers::text),
                        config.apiSocket()),
                links(),
                messaging.map(NodeMessaging::status),
                text(rulesPulled()),
                reachability.view(),
                new StatusView.Kept(rules.restored().rules(), rules.restored().revision(), ruleLog.unsaved()));
    }

    RuleLog ruleLog() {
        return ruleLog;
    }

    /// How long ago a control plane was last heard; zero with a session.
    Optional<Duration> lastContactAge() {
        return control.lastContact().map(at -> Duration.between(at, clock.instant()));
    }

    ControlLink control() {
        return control;
    }

    private ControlWay rulesPulled() {
        if (control.status() instanceof ControlStatus.Connected connected) {
            lastWay = connected.way();
        }
        return lastWay;
    }

    private static String text(ControlWay way) {
        return way.name().toLowerCase(Locale.ROOT);
    }

    private StatusView.ControlPlane controlPlane() {
        return switch (control.status()) {
            case ControlStatus.Connected connected ->
                new StatusView.ControlPlane(
                        Optional.of(connected.endpoint()),
                        Optional.of(text(connected.way())),
                        connected.gateway(),
                        Optional.of(connected.since()),
                        rules.revision(),
                        appliedRevisionAge(),
                        Optional.empty(),
                        control.clockOffset(),
                        lastContactAge());
            case ControlStatus.Away away ->
                new StatusView.ControlPlane(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(away.since()),
                        rules.revision(),
                        appliedRevisionAge(),
                        away.lastError(),
                        control.clockOffset(),
                        lastContactAge());
        };
    }

    private List<StatusView.Link> links() {
        List<StatusView.Link> links = new ArrayList<>(links(TransportType.TCP));
        links.addAll(links(TransportType.MESSAGING));
        return links;
    }

    /// The links of that kind that this node keeps.
    List<StatusView.Link> links(TransportType type) {
        List<DialState> dials = type.equals(TransportType.TCP)
                ? transports.dials()
                : messaging.map(rooms -> rooms.transports().dials()).orElse(List.of());
        return dials.stream()
                .map(dial -> new StatusView.Link(dial.peer(), dial.address(), state(dial), dial.lastFailure()))
                .toList();
    }

    private static LinkState state(DialState dial) {
        return switch (dial.phase()) {
            case LINKED -> LinkState.UP;
            case CONNECTING -> LinkState.DIALLING;
            case WAITING, RESTING, STOPPED -> LinkState.WAITING;
        };
    }

    @Override
    public List<TransportView> transports() {
        return live().stream().map(link -> TransportView.of(link.snapshot())).toList();
    }

    @Override
    public List<RouteView> routes() {
        return router.table().edges().stream()
                .map(edge -> new RouteView(
                        edge.forward().route(),
                        edge.forward().session(),
                        edge.forward().end(),
                        edge.forward().peer(),
                        edge.forward().egress(),
                        edge.age(),
                        edge.bytesIn(),
                        edge.bytesOut()))
                .toList();
    }

    @Override
    public List<RuleView> rules() {
        return router.table().rows().stream()
                .map(row -> RuleView.of(row.rule(), row.idle(), row.packets(), row.bytes()))
                .toList();
    }

    @Override
    public List<SessionView> sessions() {
        List<RoutingTable.EdgeRow> edges = router.table().edges();
        return sessions.sessions().stream()
                .map(session -> {
                    Set<RouteUid> used = new HashSet<>(session.routes());
                    List<RoutingTable.EdgeRow> carrying = edges.stream()
                            .filter(edge -> used.contains(edge.forward().route()))
                            .toList();
                    return new SessionView(
                            session.session(),
                            session.peer(),
                            session.end(),
                            session.upSince(),
                            session.routes().stream().findFirst(),
                            session.end() == RouteEnd.INITIATOR
                                    ? session.routing().standby()
                                    : session.routes().stream().skip(1).findFirst(),
                            session.sharing(),
                            session.routing().switches(),
                            session.routing().lastSwitch().map(SwitchReason::name),
                            session.roundTrip(),
                            session.streams(),
                            carrying.stream()
                                    .mapToLong(RoutingTable.EdgeRow::bytesIn)
                                    .sum(),
                            carrying.stream()
                                    .mapToLong(RoutingTable.EdgeRow::bytesOut)
                                    .sum());
                })
                .toList();
    }

    @Override
    public List<PublishedView> published() {
        return publications.list().stream().map(NodeAnswers::view).toList();
    }

    @Override
    public CompletionStage<Outcome<DialView>> dial(DialRequest request) {
        RouteRequests.Path path = switch (request.path()) {
            case DialRequest.Path.Any any -> RouteRequests.Path.Any.between(any.minHops(), any.maxHops());
            case DialRequest.Path.Via via -> new RouteRequests.Path.Explicit(via.intermediaries());
        };
        Instant asked = clock.instant();
        return sessions.dial(new io.skywire.node.session.DialRequest(request.peer(), path, request.deadline()))
                .thenApply(answer -> switch (answer) {
                    case DialAnswer.Connected connected ->
                        Outcome.done(new DialView(
                                request.peer(),
                                connected.session().session(),
                                connected.route().route(),
                                connected.route().hops(),
                                connected.route().attempts(),
                                phases(connected.route(), connected.sessionSetup()),
                                Duration.between(asked, clock.instant())));
                    case DialAnswer.Failed failed -> refused(failed);
                });
    }

    private static List<Phase> phases(RouteSetup route, Duration sessionSetup) {
        List<Phase> phases = new ArrayList<>();
        route.phases().forEach(phase -> phases.add(new Phase(phase.name(), phase.took())));
        phases.add(new Phase("session", sessionSetup));
        return phases;
    }

    private static <T> Outcome<T> refused(DialAnswer.Failed failed) {
        ProblemCode code = switch (failed.reason()) {
            case NO_SUCH_NODE -> ProblemCode.NO_SUCH_NODE;
            case NO_ROUTE -> ProblemCode.NO_ROUTE;
            case INVALID_PATH -> ProblemCode.INVALID_PATH;
            case REFUSED -> ProblemCode.REFUSED;
            case SILENT -> ProblemCode.SILENT;
            case PROBE_UNANSWERED -> ProblemCode.PROBE_UNANSWERED;
            case MALFORMED -> ProblemCode.MALFORMED;
            case UNAVAILABLE -> ProblemCode.UNAVAILABLE;
            case OVERLOADED -> ProblemCode.OVERLOADED;
            case CONTROL_PLANE_AWAY -> ProblemCode.CONTROL_PLANE_AWAY;
            case DEADLINE -> ProblemCode.DEADLINE;
            case SESSION_REFUSED, SESSION_TIMEOUT, ROUTE_LOST -> ProblemCode.PEER_UNREACHABLE;
        };
        return failed.hop().isPresent()
                ? Outcome.refusedAt(code, failed.hop().getAsInt(), failed.detail())
                : Outcome.refused(code, failed.detail());
    }

    @Override
    public CompletionStage<Outcome<HangupView>> hangup(PublicKey peer) {
        Optional<io.skywire.node.session.SessionView> held = sessions.sessions().stream()
                .filter(session -> session.peer().equals(peer))
                .findFirst();
        if (held.isEmpty()) {
            return CompletableFuture.completedFuture(
                    Outcome.refused(ProblemCode.NO_SESSION, "there is no session with " + peer.hex()));
        }
        sessions.hangUp(peer);
        return CompletableFuture.completedFuture(
                Outcome.done(new HangupView(peer, held.get().session())));
    }

    @Override
    public CompletionStage<Outcome<PublishedView>> publish(PublishedView offer) {
        HostPort target;
        try {
            target = HostPort.parse(offer.target());
        } catch (IllegalArgumentException malformed) {
            return CompletableFuture.completedFuture(
                    Outcome.refused(ProblemCode.MALFORMED, String.valueOf(malformed.getMessage())));
        }
        Publication.Audience audience = offer.allow()
                .<Publication.Audience>map(keys -> new Publication.Audience.Only(Set.copyOf(keys)))
                .orElseGet(Publication.Audience.Everyone::new);
        return CompletableFuture.completedFuture(
                switch (publications.publish(
                        new Publication(offer.port(), protocol(offer.protocol()), target.resolve(), audience))) {
                    case Publications.Outcome.Published published -> Outcome.done(view(published.offer()));
                    case Publications.Outcome.Taken taken ->
                        Outcome.refused(
                                ProblemCode.PORT_TAKEN,
                                "port " + offer.port() + " leads to "
                                        + text(taken.existing().target()) + " already");
                });
    }

    @Override
    public CompletionStage<Outcome<PublishedView>> unpublish(int port, PublishedView.Protocol protocol) {
        Publication.Protocol spoken = protocol(protocol);
        Optional<Publication> held = publications.list().stream()
                .filter(offer -> offer.port() == port && offer.protocol() == spoken)
                .findFirst();
        return CompletableFuture.completedFuture(
                held.isPresent() && publications.unpublish(port, spoken)
                        ? Outcome.done(view(held.get()))
                        : Outcome.refused(ProblemCode.NOT_PUBLISHED, "nothing is published on port " + port));
    }

    @Override
    public CompletionStage<Outcome<JsonNode>> explain(ExplainRequest request) {
        RouteWhy.Metric metric = switch (request.metric()) {
            case COST -> RouteWhy.Metric.COST;
            case HOPS -> RouteWhy.Metric.HOPS;
        };
        return control.why(new RouteWhy(request.peer(), metric, request.minHops(), request.maxHops(), request.avoid()))
                .thenApply(answer -> switch (answer) {
                    case RouteWhy.Answer.Told told -> Outcome.done(ApiJson.MAPPER.readTree(told.json()));
                    case RouteWhy.Answer.Refused refused -> Outcome.refused(ProblemCode.MALFORMED, refused.detail());
                    case RouteWhy.Answer.Away away -> Outcome.refused(ProblemCode.CONTROL_PLANE_AWAY, away.detail());
                    case RouteWhy.Answer.Late late -> Outcome.refused(ProblemCode.DEADLINE, late.detail());
                });
    }

    /// In the sessions, at the door and in front of the published services together.
    long udpDropped(FlowDrop reason) {
        return sessions.datagramCounts().droppedSoFar(reason)
                + publications.datagramCounts().droppedSoFar(reason)
                + doors.socks()
                        .map(door -> door.datagramCounts().droppedSoFar(reason))
                        .orElse(0L);
    }

    private static Publication.Protocol protocol(PublishedView.Protocol protocol) {
        return switch (protocol) {
            case TCP -> Publication.Protocol.TCP;
            case UDP -> Publication.Protocol.UDP;
        };
    }

    private static PublishedView view(Publication offer) {
        return new PublishedView(
                offer.port(),
                switch (offer.protocol()) {
                    case TCP -> PublishedView.Protocol.TCP;
                    case UDP -> PublishedView.Protocol.UDP;
                },
                text(offer.target()),
                switch (offer.audience()) {
                    case Publication.Audience.Everyone everyone -> Optional.empty();
                    case Publication.Audience.Only only -> Optional.of(List.copyOf(only.keys()));
                });
    }

    @Override
    public CompletionStage<Outcome<TraceView>> trace(TraceRequest request) {
        Optional<io.skywire.node.session.SessionView> held = sessions.sessions().stream()
                .filter(session ->
                        session.peer().equals(request.peer()) && session.setup().isPresent())
                .findFirst();
        if (held.isPresent()) {
            return traced(request, held.get(), held.get().setup().orElseThrow(), List.of());
        }
        return sessions.dial(new io.skywire.node.session.DialRequest(
                        request.peer(), RouteRequests.Path.Any.ROUTE, DialRequest.DEFAULT_DEADLINE))
                .thenCompose(answer -> switch (answer) {
                    case DialAnswer.Connected connected ->
                        traced(
                                request,
                                connected.session(),
                                connected.route(),
                                phases(connected.route(), connected.sessionSetup()));
                    case DialAnswer.Failed failed -> CompletableFuture.completedFuture(refused(failed));
                });
    }

    private CompletionStage<Outcome<TraceView>> traced(
            TraceRequest request, io.skywire.node.session.SessionView session, RouteSetup route, List<Phase> phases) {
        CompletionStage<List<Optional<Duration>>> trips = CompletableFuture.completedFuture(List.of());
        for (int i = 0; i < request.count(); i++) {
            trips = trips.thenCompose(sofar -> sessions.ping(request.peer()).thenApply(answer -> {
                List<Optional<Duration>> more = new ArrayList<>(sofar);
                more.add(
                        switch (answer) {
                            case PingAnswer.Answered answered -> Optional.of(answered.roundTrip());
                            case PingAnswer.Unanswered unanswered -> Optional.empty();
                        });
                return more;
            }));
        }
        return trips.thenApply(all -> Outcome.done(
                new TraceView(request.peer(), session.session(), route.hops(), route.attempts(), phases, all)));
    }

    private static String text(InetSocketAddress address) {
        return new HostPort(address.getHostString(), address.getPort()).toString();
    }
}
