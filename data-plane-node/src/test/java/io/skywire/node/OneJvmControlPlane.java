package io.skywire.node;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.AgentSessionsGrpc;
import io.skywire.proto.v1.Challenge;
import io.skywire.proto.v1.ControlMessage;
import io.skywire.proto.v1.Established;
import io.skywire.proto.v1.PushedDelta;
import io.skywire.proto.v1.SetupFailure;
import io.skywire.proto.v1.SetupFailureReason;
import io.skywire.proto.v1.SetupRequest;
import io.skywire.proto.v1.SetupResult;
import io.skywire.proto.v1.Welcome;
import io.skywire.shared.auth.SessionProof;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.RuleProtos;
import io.skywire.shared.rule.SessionUid;
import io.skywire.shared.rule.SignedRuleDelta;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A control plane for nodes of one JVM that knows one line of nodes: it proves its key, and sets up and takes back
/// routes from one end of the line to the other with signed deltas. All state is under its own lock.
final class OneJvmControlPlane extends AgentSessionsGrpc.AgentSessionsImplBase implements AutoCloseable {
    private static final Duration IDLE = Duration.ofSeconds(60);

    private final KeyPair service;
    private final KeyPair setup;
    private final List<PublicKey> line;
    private final Random random = new Random(5);
    private TransportType links;
    private final Server server;
    private final Map<PublicKey, StreamObserver<ControlMessage>> agents = new HashMap<>();
    private final Map<PublicKey, Long> revisions = new HashMap<>();
    private final Map<RouteUid, Map<PublicKey, List<RuleKey>>> installed = new HashMap<>();
    private @Nullable SetupRequest running;
    private @Nullable PublicKey asker;
    private @Nullable RouteUid route;

    OneJvmControlPlane(KeyPair service, KeyPair setup, List<PublicKey> line) throws IOException {
        this(service, setup, line, TransportType.TCP);
    }

    /// Routes go over links of that type.
    OneJvmControlPlane(KeyPair service, KeyPair setup, List<PublicKey> line, TransportType links) throws IOException {
        this.links = links;
        this.service = service;
        this.setup = setup;
        this.line = line;
        this.server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(this)
                .build()
                .start();
    }

    int port() {
        return server.getPort();
    }

    @Override
    public StreamObserver<AgentMessage> open(StreamObserver<ControlMessage> to) {
        return new StreamObserver<>() {
            private @Nullable PublicKey node;

            @Override
            public void onNext(AgentMessage message) {
                synchronized (OneJvmControlPlane.this) {
                    switch (message.getBodyCase()) {
                        case HELLO -> {
                            node = PublicKey.of(message.getHello().getNode().toByteArray());
                            challenge(to, message.getHello().getNonce().toByteArray(), node);
                        }
                        case PROOF -> {
                            agents.put(node, to);
                            to.onNext(ControlMessage.newBuilder()
                                    .setWelcome(Welcome.newBuilder()
                                            .setLeaseMs(30_000)
                                            .setHeartbeatMs(10_000))
                                    .build());
                        }
                        case SETUP -> begin(node, message.getSetup());
                        case PROBE -> established();
                        case CLOSE_ROUTE ->
                            takeBack(RouteUid.of(
                                    message.getCloseRoute().getRoute().toByteArray()));
                        default -> {}
                    }
                }
            }

            @Override
            public void onError(Throwable cause) {}

            @Override
            public void onCompleted() {
                to.onCompleted();
            }
        };
    }

    private void challenge(StreamObserver<ControlMessage> to, byte[] agentNonce, PublicKey node) {
        byte[] nonce = new byte[SessionProof.NONCE_LENGTH];
        random.nextBytes(nonce);
        to.onNext(ControlMessage.newBuilder()
                .setChallenge(Challenge.newBuilder()
                        .setServiceKey(ByteString.copyFrom(service.publicKey().bytes()))
                        .setNonce(ByteString.copyFrom(nonce))
                        .setSignature(
                                ByteString.copyFrom(service.sign(SessionProof.ofControlPlane(agentNonce, nonce, node))
                                        .bytes())))
                .build());
    }

    private void begin(PublicKey from, SetupRequest request) {
        if (!request.getConstraints().getDisjointFrom().isEmpty()) {
            agents.get(from)
                    .onNext(ControlMessage.newBuilder()
                            .setSetup(SetupResult.newBuilder()
                                    .setRequestId(request.getRequestId())
                                    .setFailure(SetupFailure.newBuilder()
                                            .setReason(SetupFailureReason.SETUP_FAILURE_REASON_NO_ROUTE)))
                            .build());
            return;
        }
        running = request;
        asker = from;
        route = RouteUid.random(random);
        SessionUid session = SessionUid.of(request.getSession().toByteArray());
        int hops = line.size() - 1;
        RouteId[] forward = new RouteId[hops];
        RouteId[] reverse = new RouteId[hops];
        TransportId[] transports = new TransportId[hops];
        for (int i = 0; i < hops; i++) {
            forward[i] = RouteId.random(random);
            reverse[i] = RouteId.random(random);
            transports[i] = TransportId.between(line.get(i), line.get(i + 1), links);
        }
        PublicKey source = line.getFirst();
        PublicKey destination = line.getLast();
        push(
                source,
                List.of(),
                List.of(
                        new Rule.Forward(
                                route,
                                session,
                                RouteEnd.INITIATOR,
                                destination,
                                transports[0],
                                forward[0],
                                16_384,
                                IDLE),
                        new Rule.Consume(route, destination, transports[0], reverse[0], IDLE)));
        for (int i = 1; i < hops; i++) {
            push(
                    line.get(i),
                    List.of(),
                    List.of(
                            new Rule.Relay(transports[i - 1], forward[i - 1], transports[i], forward[i], IDLE),
                            new Rule.Relay(transports[i], reverse[i], transports[i - 1], reverse[i - 1], IDLE)));
        }
        int last = hops - 1;
        push(
                destination,
                List.of(),
                List.of(
                        new Rule.Forward(
                                route,
                                session,
                                RouteEnd.RESPONDER,
                                source,
                                transports[last],
                                reverse[last],
                                16_384,
                                IDLE),
                        new Rule.Consume(route, source, transports[last], forward[last], IDLE)));
    }

    private void established() {
        if (running != null && asker != null && route != null) {
            agents.get(asker)
                    .onNext(ControlMessage.newBuilder()
                            .setSetup(SetupResult.newBuilder()
                                    .setRequestId(running.getRequestId())
                                    .setEstablished(Established.newBuilder()
                                            .setRoute(ByteString.copyFrom(route.bytes()))
                                            .setHops(line.size() - 1)
                                            .setAttempts(1)))
                            .build());
            running = null;
        }
    }

    private void takeBack(RouteUid closed) {
        Map<PublicKey, List<RuleKey>> rules = installed.remove(closed);
        if (rules != null) {
            rules.forEach((node, keys) -> push(node, keys, List.of()));
        }
    }

    /// Routes go over links of that type from now on.
    synchronized void routesOver(TransportType type) {
        links = type;
    }

    /// Gives a node these rules of no route, over the newest session it has proved its key in.
    synchronized void give(PublicKey node, List<Rule> rules) {
        push(node, List.of(), rules);
    }

    private void push(PublicKey node, List<RuleKey> removals, List<Rule> upserts) {
        long base = revisions.getOrDefault(node, 0L);
        revisions.put(node, base + 1);
        if (!upserts.isEmpty() && route != null) {
            installed
                    .computeIfAbsent(route, fresh -> new HashMap<>())
                    .put(node, upserts.stream().map(Rule::key).toList());
        }
        RuleDelta delta =
                new RuleDelta(node, RuleDelta.Kind.INCREMENT, base, base + 1, removals, upserts, Instant.EPOCH);
        agents.get(node)
                .onNext(ControlMessage.newBuilder()
                        .setDelta(PushedDelta.newBuilder()
                                .setNonce(base + 1)
                                .setDelta(RuleProtos.toProto(SignedRuleDelta.sign(delta, setup))))
                        .build());
    }

    @Override
    public void close() throws InterruptedException {
        server.shutdownNow();
        server.awaitTermination(10, TimeUnit.SECONDS);
    }
}
