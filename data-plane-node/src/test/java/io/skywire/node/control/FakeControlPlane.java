package io.skywire.node.control;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.AgentSessionsGrpc;
import io.skywire.proto.v1.Challenge;
import io.skywire.proto.v1.ControlMessage;
import io.skywire.proto.v1.Welcome;
import io.skywire.shared.auth.SessionProof;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// A control plane with the handshake of the real one and no rooms behind it: what agents say is queued for the test.
final class FakeControlPlane extends AgentSessionsGrpc.AgentSessionsImplBase implements AutoCloseable {
    private final KeyPair service;
    private final Server server;
    private volatile boolean explains = true;
    private final BlockingQueue<AgentMessage> heard = new LinkedBlockingQueue<>();
    private final Map<AgentMessage.BodyCase, LongAdder> counts = new ConcurrentHashMap<>();
    private volatile @Nullable StreamObserver<ControlMessage> agent;
    private final CountDownLatch left = new CountDownLatch(1);
    private volatile boolean drains;
    private volatile boolean proofHeld;
    private volatile boolean welcomesLater;
    private volatile boolean challengesLater;
    private volatile Runnable challenge = () -> {};
    private volatile boolean takesDigests;
    private volatile boolean dialsBack;

    FakeControlPlane(KeyPair service) throws IOException {
        this.service = service;
        this.server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(this)
                .build()
                .start();
    }

    int port() {
        return server.getPort();
    }

    /// A control plane of an older version.
    void doNotExplain() {
        explains = false;
    }

    /// From now on it says that it takes digests.
    void takeDigests() {
        takesDigests = true;
    }

    /// From now on it says that it dials nodes back.
    void dialBack() {
        dialsBack = true;
    }

    /// From now on it takes no further session.
    void drainOnly() {
        drains = true;
    }

    /// From now on greetings are answered by [#challenge] only.
    void challengeLater() {
        challengesLater = true;
    }

    /// Answers the last greeting.
    void challenge() {
        challenge.run();
    }

    /// From now on proofs are answered by [#welcome] only.
    void welcomeLater() {
        welcomesLater = true;
    }

    void welcome() {
        say(ControlMessage.newBuilder()
                .setWelcome(Welcome.newBuilder()
                        .setLeaseMs(3000)
                        .setHeartbeatMs(100)
                        .setTakesDigests(takesDigests)
                        .setExplains(explains)
                        .setGivesSnapshots(true)
                        .setDialsBack(dialsBack)
                        .setNowMs(dialsBack ? 1 : 0)));
    }

    boolean hasAgent() {
        return agent != null;
    }

    /// Waits until an agent has ended its session by itself.
    void awaitLeft() throws InterruptedException {
        if (!left.await(30, TimeUnit.SECONDS)) {
            throw new AssertionError("no agent left within 30 s");
        }
    }

    boolean proofHeld() {
        return proofHeld;
    }

    void say(ControlMessage.Builder message) {
        StreamObserver<ControlMessage> to = agent;
        if (to == null) {
            throw new IllegalStateException("no agent has a session");
        }
        to.onNext(message.build());
    }

    void endSession() {
        StreamObserver<ControlMessage> to = agent;
        if (to != null) {
            to.onCompleted();
        }
    }

    /// The next message of this kind; others before it are passed over.
    AgentMessage next(AgentMessage.BodyCase kind) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            AgentMessage message = heard.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (message == null) {
                throw new AssertionError("the agent sent no " + kind + " within 30 s");
            }
            if (message.getBodyCase() == kind) {
                return message;
            }
        }
    }

    /// How many messages of this kind came so far.
    long heard(AgentMessage.BodyCase kind) {
        return counts.getOrDefault(kind, new LongAdder()).sum();
    }

    @Override
    public StreamObserver<AgentMessage> open(StreamObserver<ControlMessage> to) {
        byte[] nonce = new byte[32];
        nonce[0] = 42;
        return new StreamObserver<>() {
            private byte @Nullable [] agentNonce;
            private @Nullable PublicKey node;

            @Override
            public void onNext(AgentMessage message) {
                switch (message.getBodyCase()) {
                    case HELLO -> {
                        if (drains) {
                            to.onError(Status.UNAVAILABLE.asRuntimeException());
                            return;
                        }
                        byte[] theirs = message.getHello().getNonce().toByteArray();
                        PublicKey key =
                                PublicKey.of(message.getHello().getNode().toByteArray());
                        agentNonce = theirs;
                        node = key;
                        challenge = () -> to.onNext(ControlMessage.newBuilder()
                                .setChallenge(Challenge.newBuilder()
                                        .setServiceKey(ByteString.copyFrom(
                                                service.publicKey().bytes()))
                                        .setNonce(ByteString.copyFrom(nonce))
                                        .setSignature(ByteString.copyFrom(
                                                service.sign(SessionProof.ofControlPlane(theirs, nonce, key))
                                                        .bytes())))
                                .build());
                        if (!challengesLater) {
                            challenge();
                        }
                    }
                    case PROOF -> {
                        proofHeld = node.verifies(
                                Signature.of(message.getProof().getSignature().toByteArray()),
                                SessionProof.ofAgent(nonce, agentNonce, service.publicKey()));
                        agent = to;
                        if (!welcomesLater) {
                            welcome();
                        }
                    }
                    default -> {}
                }
                counts.computeIfAbsent(message.getBodyCase(), kind -> new LongAdder())
                        .increment();
                heard.add(message);
            }

            @Override
            public void onError(Throwable cause) {}

            @Override
            public void onCompleted() {
                left.countDown();
                to.onCompleted();
            }
        };
    }

    @Override
    public void close() throws InterruptedException {
        server.shutdownNow();
        server.awaitTermination(10, TimeUnit.SECONDS);
    }
}
