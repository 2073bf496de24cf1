package io.skywire.local.bench;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.skywire.local.NetworkFailure;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.AgentSessionsGrpc;
import io.skywire.proto.v1.Challenge;
import io.skywire.proto.v1.ControlMessage;
import io.skywire.proto.v1.PushedDelta;
import io.skywire.proto.v1.Welcome;
import io.skywire.shared.auth.SessionProof;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleProtos;
import io.skywire.shared.rule.SignedRuleDelta;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The least control plane that a node obeys: proves its key, and gives each node a snapshot of fixed rules, again and
/// again until none is refused, as they are while their links are not up. Safe for any thread.
final class RuleGiver extends AgentSessionsGrpc.AgentSessionsImplBase implements AutoCloseable {
    private static final int LEASE_MILLIS = 30_000;
    private static final int HEARTBEAT_MILLIS = 10_000;
    private static final long AGAIN_MILLIS = 200;

    private final KeyPair service = KeyPair.generate(new SecureRandom());
    private final KeyPair setup = KeyPair.generate(new SecureRandom());
    private final Map<PublicKey, List<Rule>> rules = new ConcurrentHashMap<>();
    private final Map<PublicKey, Session> sessions = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().factory());
    private final Server server;

    private RuleGiver() {
        try {
            server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                    .addService(this)
                    .build()
                    .start();
        } catch (IOException failure) {
            throw new NetworkFailure("cannot listen for agents: " + failure.getMessage());
        }
    }

    static RuleGiver start() {
        return new RuleGiver();
    }

    int port() {
        return server.getPort();
    }

    PublicKey serviceKey() {
        return service.publicKey();
    }

    PublicKey setupKey() {
        return setup.publicKey();
    }

    /// Before the node starts.
    void rules(PublicKey node, List<Rule> all) {
        rules.put(node, List.copyOf(all));
    }

    /// To a node that has a session, in place of what it has.
    void give(PublicKey node, List<Rule> all) {
        rules(node, all);
        Session session = sessions.get(node);
        if (session == null) {
            throw new NetworkFailure("the node " + node.shortHex() + " has no session with the giver of its rules");
        }
        session.push();
    }

    @Override
    public StreamObserver<AgentMessage> open(StreamObserver<ControlMessage> to) {
        return new Session(to);
    }

    private final class Session implements StreamObserver<AgentMessage> {
        private final StreamObserver<ControlMessage> to;
        private @Nullable PublicKey node;
        private long revision;

        Session(StreamObserver<ControlMessage> to) {
            this.to = to;
        }

        @Override
        public void onNext(AgentMessage message) {
            switch (message.getBodyCase()) {
                case HELLO -> {
                    PublicKey key = PublicKey.of(message.getHello().getNode().toByteArray());
                    node = key;
                    revision = message.getHello().getAppliedRevision();
                    challenge(message.getHello().getNonce().toByteArray(), key);
                }
                case PROOF -> {
                    say(ControlMessage.newBuilder()
                            .setWelcome(Welcome.newBuilder()
                                    .setLeaseMs(LEASE_MILLIS)
                                    .setHeartbeatMs(HEARTBEAT_MILLIS)));
                    PublicKey proven = node;
                    if (proven != null) {
                        sessions.put(proven, this);
                    }
                    push();
                }
                case ACK -> {
                    if (message.getAck().getRefusedCount() > 0) {
                        pushLater();
                    }
                }
                case NACK -> pushLater();
                default -> {}
            }
        }

        private void challenge(byte[] agentNonce, PublicKey key) {
            byte[] nonce = new byte[SessionProof.NONCE_LENGTH];
            byte[] proof = service.sign(SessionProof.ofControlPlane(agentNonce, nonce, key))
                    .bytes();
            say(ControlMessage.newBuilder()
                    .setChallenge(Challenge.newBuilder()
                            .setServiceKey(
                                    ByteString.copyFrom(service.publicKey().bytes()))
                            .setNonce(ByteString.copyFrom(nonce))
                            .setSignature(ByteString.copyFrom(proof))));
        }

        private void pushLater() {
            var unused = timer.schedule(this::push, AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        }

        private synchronized void push() {
            PublicKey key = node;
            if (key == null) {
                return;
            }
            revision++;
            RuleDelta delta = new RuleDelta(
                    key,
                    RuleDelta.Kind.SNAPSHOT,
                    0,
                    revision,
                    List.of(),
                    rules.getOrDefault(key, List.of()),
                    Clock.systemUTC().instant());
            say(ControlMessage.newBuilder()
                    .setDelta(PushedDelta.newBuilder()
                            .setNonce(revision)
                            .setDelta(RuleProtos.toProto(SignedRuleDelta.sign(delta, setup)))));
        }

        private void say(ControlMessage.Builder message) {
            synchronized (to) {
                to.onNext(message.build());
            }
        }

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {
            to.onCompleted();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        server.shutdownNow();
    }
}
