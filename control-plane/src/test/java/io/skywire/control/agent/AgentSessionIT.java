package io.skywire.control.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.skywire.control.discovery.TransportRegistry;
import io.skywire.control.identity.NodeDirectory;
import io.skywire.control.platform.ServiceKeys;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestDatabase;
import io.skywire.control.testing.TestKeys;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.Challenge;
import io.skywire.proto.v1.CloseRoute;
import io.skywire.proto.v1.ControlMessage;
import io.skywire.proto.v1.DeltaAck;
import io.skywire.proto.v1.DeltaNack;
import io.skywire.proto.v1.Heartbeat;
import io.skywire.proto.v1.Hello;
import io.skywire.proto.v1.LinkState;
import io.skywire.proto.v1.ProbeReport;
import io.skywire.proto.v1.Proof;
import io.skywire.proto.v1.ReportKind;
import io.skywire.proto.v1.RulesExpired;
import io.skywire.proto.v1.SetupRequest;
import io.skywire.proto.v1.TransportReport;
import io.skywire.proto.v1.TransportView;
import io.skywire.shared.auth.SessionProof;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import io.skywire.shared.node.NodeAddress;
import io.skywire.shared.node.NodeFacts;
import io.skywire.shared.node.NodeProtos;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One session from the outside: what proves a key, what ends it, and with which status.
final class AgentSessionIT {
    private static final int UNPROVEN = 3;
    private static final Map<String, String> SETTINGS = Map.of(
            "skywire.agent.proof-timeout",
            "1s",
            "skywire.agent.unproven",
            String.valueOf(UNPROVEN),
            "skywire.agent.check-interval",
            "100ms",
            "skywire.agent.drain-grace",
            "200ms",
            "skywire.agent.drain-spread",
            "0ms",
            "skywire.agent.attendance-interval",
            "300ms",
            "skywire.discovery.lease",
            "2s",
            "skywire.discovery.heartbeat",
            "500ms");
    private static final AtomicInteger SEED = new AtomicInteger(6000);

    @TempDir
    static Path keyFiles;

    private static TestDatabase database;
    private static TestControlPlane controlPlane;

    private final KeyPair keys = TestKeys.pairs(1, SEED.incrementAndGet()).getFirst();
    private final byte[] nonce = new byte[SessionProof.NONCE_LENGTH];
    private final List<AgentCall> calls = new ArrayList<>();

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        controlPlane = TestControlPlane.start(database.url(), keyFiles, SETTINGS);
    }

    @AfterAll
    static void stop() {
        controlPlane.close();
        database.close();
    }

    @AfterEach
    void hangUp() {
        calls.forEach(AgentCall::close);
        await("unproven sessions are gone").atMost(Duration.ofSeconds(10)).until(() -> {
            AgentCall probe = new AgentCall(controlPlane.grpcPort());
            try (probe) {
                probe.send(hello());
                return probe.next().hasChallenge();
            } catch (AssertionError refused) {
                return false;
            }
        });
    }

    private AgentCall call() {
        AgentCall call = new AgentCall(controlPlane.grpcPort());
        calls.add(call);
        return call;
    }

    private AgentMessage hello() {
        return hello(keys.publicKey().bytes(), nonce, 0);
    }

    private static AgentMessage hello(byte[] node, byte[] nonce, long revision) {
        return AgentMessage.newBuilder()
                .setHello(Hello.newBuilder()
                        .setNode(ByteString.copyFrom(node))
                        .setNonce(ByteString.copyFrom(nonce))
                        .setSoftware("test/1")
                        .setAppliedRevision(revision))
                .build();
    }

    private AgentMessage proof(Challenge challenge, KeyPair by) {
        byte[] signed = SessionProof.ofAgent(
                challenge.getNonce().toByteArray(),
                nonce,
                PublicKey.of(challenge.getServiceKey().toByteArray()));
        return proof(by.sign(signed).bytes());
    }

    private static AgentMessage proof(byte[] signature) {
        return AgentMessage.newBuilder()
                .setProof(Proof.newBuilder().setSignature(ByteString.copyFrom(signature)))
                .build();
    }

    private AgentCall proven() {
        AgentCall call = call();
        call.send(hello());
        call.send(proof(call.next().getChallenge(), keys));
        assertThat(call.next().hasWelcome()).isTrue();
        return call;
    }

    private void ends(AgentCall call, Status.Code code) {
        assertThat(call.end().getCode()).as(call.end().toString()).isEqualTo(code);
    }

    @Test
    void provesBothKeys() {
        AgentCall call = call();
        call.send(hello());
        Challenge challenge = call.next().getChallenge();

        PublicKey service = PublicKey.of(challenge.getServiceKey().toByteArray());
        assertThat(service)
                .isEqualTo(controlPlane.room(ServiceKeys.class).service().publicKey());
        assertThat(service.verifies(
                        Signature.of(challenge.getSignature().toByteArray()),
                        SessionProof.ofControlPlane(nonce, challenge.getNonce().toByteArray(), keys.publicKey())))
                .isTrue();
        call.send(proof(challenge, keys));
        ControlMessage welcome = call.next();
        assertThat(welcome.getWelcome().getLeaseMs()).isEqualTo(2000);
        assertThat(welcome.getWelcome().getHeartbeatMs()).isEqualTo(500);
        assertThat(controlPlane.room(NodeDirectory.class).isKnown(keys.publicKey()))
                .isTrue();
        assertThat(controlPlane.room(ConnectedAgents.class).isConnected(keys.publicKey()))
                .isTrue();
    }

    @Test
    void neverGivesTheSameChallengeTwice() {
        AgentCall one = call();
        AgentCall other = call();
        one.send(hello());
        other.send(hello());

        assertThat(one.next().getChallenge().getNonce())
                .isNotEqualTo(other.next().getChallenge().getNonce());
    }

    @Test
    void refusesAProofByAnotherKey() {
        AgentCall call = call();
        call.send(hello());
        KeyPair another = TestKeys.pairs(1, 1).getFirst();
        call.send(proof(call.next().getChallenge(), another));

        ends(call, Status.Code.UNAUTHENTICATED);
        assertThat(controlPlane.room(ConnectedAgents.class).isConnected(keys.publicKey()))
                .isFalse();
    }

    @Test
    void refusesTheProofOfAnotherChallenge() {
        AgentCall one = call();
        AgentCall other = call();
        one.send(hello());
        other.send(hello());
        Challenge challenge = one.next().getChallenge();
        other.next();

        other.send(proof(challenge, keys));

        ends(other, Status.Code.UNAUTHENTICATED);
    }

    @Test
    void refusesASignatureThatIsNone() {
        AgentCall call = call();
        call.send(hello());
        call.next();
        call.send(proof(new byte[64]));

        ends(call, Status.Code.UNAUTHENTICATED);
    }

    @Test
    void refusesAKeyOffTheCurve() {
        AgentCall call = call();
        byte[] offTheCurve = new byte[PublicKey.LENGTH];
        offTheCurve[0] = 2;
        offTheCurve[32] = 5;
        call.send(hello(offTheCurve, nonce, 0));

        ends(call, Status.Code.UNAUTHENTICATED);
    }

    static List<AgentMessage> garbage() {
        byte[] key = TestKeys.pairs(1, 3).getFirst().publicKey().bytes();
        return List.of(
                AgentMessage.getDefaultInstance(),
                AgentMessage.newBuilder()
                        .setHeartbeat(Heartbeat.getDefaultInstance())
                        .build(),
                proof(new byte[65]),
                hello(key, new byte[31], 0),
                hello(key, new byte[33], 0),
                hello(key, new byte[32], -1),
                hello(key, new byte[32], Long.MAX_VALUE));
    }

    @ParameterizedTest
    @MethodSource("garbage")
    void refusesAFirstMessageThatIsNoHello(AgentMessage garbage) {
        AgentCall call = call();
        call.send(garbage);

        ends(call, Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void doesNotWaitForAProofForEver() {
        AgentCall silent = call();
        AgentCall half = call();
        half.send(hello());

        ends(silent, Status.Code.UNAUTHENTICATED);
        ends(half, Status.Code.UNAUTHENTICATED);
    }

    @Test
    void boundsTheSessionsThatWaitForAProof() {
        for (int i = 0; i < UNPROVEN; i++) {
            AgentCall call = call();
            call.send(hello());
            call.next();
        }

        ends(call(), Status.Code.RESOURCE_EXHAUSTED);
    }

    static List<AgentMessage> outOfPlace() {
        ByteString junk = ByteString.copyFromUtf8("junk");
        return List.of(
                hello(TestKeys.pairs(1, 3).getFirst().publicKey().bytes(), new byte[32], 0),
                proof(new byte[65]),
                AgentMessage.getDefaultInstance(),
                AgentMessage.newBuilder()
                        .setTransports(TransportReport.getDefaultInstance())
                        .build(),
                AgentMessage.newBuilder()
                        .setTransports(TransportReport.newBuilder().setKind(ReportKind.REPORT_KIND_CHANGES))
                        .build(),
                AgentMessage.newBuilder()
                        .setSetup(SetupRequest.newBuilder().setRequestId(junk))
                        .build(),
                AgentMessage.newBuilder()
                        .setProbe(ProbeReport.newBuilder().setRoute(junk).setAnsweredAfterUs(1))
                        .build(),
                AgentMessage.newBuilder()
                        .setProbe(ProbeReport.newBuilder().setRoute(ByteString.copyFrom(new byte[16])))
                        .build(),
                AgentMessage.newBuilder()
                        .setCloseRoute(CloseRoute.newBuilder().setRoute(junk))
                        .build(),
                AgentMessage.newBuilder()
                        .setRulesExpired(RulesExpired.newBuilder()
                                .addRules(
                                        io.skywire.proto.v1.RuleKey.newBuilder().setForwardOfRoute(junk)))
                        .build());
    }

    @ParameterizedTest
    @MethodSource("outOfPlace")
    void endsAProvenSessionForAMessageThatCannotBe(AgentMessage message) {
        AgentCall call = proven();
        call.send(message);

        ends(call, Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void ignoresAnswersToDeltasThatWereNeverSent() {
        AgentCall call = proven();
        call.send(AgentMessage.newBuilder()
                .setAck(DeltaAck.newBuilder().setNonce(7).setRevision(-1))
                .build());
        call.send(AgentMessage.newBuilder()
                .setNack(DeltaNack.newBuilder().setNonce(7).setRevision(-1))
                .build());
        call.send(AgentMessage.newBuilder()
                .setSetup(SetupRequest.newBuilder().setRequestId(ByteString.copyFrom(new byte[16])))
                .build());

        assertThat(call.next().hasSetup()).isTrue();
    }

    @Test
    void survivesAnythingAnAgentCanSay() {
        Random random = new Random(20_261_122);
        for (int i = 0; i < 200; i++) {
            AgentCall call = proven();
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            AgentMessage message;
            try {
                message = AgentMessage.parseFrom(bytes);
            } catch (com.google.protobuf.InvalidProtocolBufferException notEvenAMessage) {
                message = AgentMessage.newBuilder()
                        .setTransports(TransportReport.newBuilder()
                                .setKind(ReportKind.REPORT_KIND_WHOLE_VIEW)
                                .addViews(TransportView.newBuilder()
                                        .setTransport(io.skywire.proto.v1.SignedTransport.newBuilder()
                                                .setId(ByteString.copyFrom(bytes)))
                                        .setState(LinkState.LINK_STATE_UP)))
                        .build();
            }
            call.send(message);
            call.send(AgentMessage.newBuilder()
                    .setSetup(SetupRequest.newBuilder().setRequestId(ByteString.copyFrom(new byte[16])))
                    .build());
            await("an answer or an end")
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> call.isOver() || call.next() != null);
            if (call.isOver()) {
                assertThat(call.end().getCode()).as("message " + i).isEqualTo(Status.Code.INVALID_ARGUMENT);
            }
            call.close();
        }
    }

    @Test
    void tellsWhichTransportsItDoesNotTake() {
        AgentCall call = proven();
        ByteString id = ByteString.copyFrom(new byte[16]);
        call.send(AgentMessage.newBuilder()
                .setTransports(TransportReport.newBuilder()
                        .setKind(ReportKind.REPORT_KIND_WHOLE_VIEW)
                        .addViews(TransportView.newBuilder()
                                .setTransport(io.skywire.proto.v1.SignedTransport.newBuilder()
                                        .setId(id)
                                        .setType("tcp"))
                                .setState(LinkState.LINK_STATE_UP)))
                .build());

        ControlMessage answer = call.next();

        assertThat(answer.getRegistration().getTransport()).isEqualTo(id);
        assertThat(answer.getRegistration().getRefusal()).isNotBlank();
        assertThat(controlPlane.room(TransportRegistry.class).all()).isEmpty();
    }

    @Test
    void aPublicNodeIsListedWithItsAddressesWhileItIsThere() throws Exception {
        AgentCall call = proven();
        call.send(facts(NodeFacts.publicAt(List.of(new NodeAddress("192.0.2.7", 7777)))));

        String path = "/api/v1/nodes/" + keys.publicKey().hex();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(get(path))
                        .contains("\"software\":\"test/1\"")
                        .contains("\"public\":true")
                        .contains("\"addresses\":[\"192.0.2.7:7777\"]")
                        .contains("\"online\":true"));
        assertThat(get("/uptime/" + keys.publicKey().hex())).contains("\"online\":true");

        call.send(facts(NodeFacts.HIDDEN));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(get(path)).contains("\"public\":false").contains("\"addresses\":[]"));
    }

    private static AgentMessage facts(NodeFacts facts) {
        return AgentMessage.newBuilder().setFacts(NodeProtos.toProto(facts)).build();
    }

    private static String get(String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + controlPlane.httpPort() + path))
                                    .timeout(Duration.ofSeconds(20))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    @Test
    void letsANewSessionOfTheSameKeyTakeOver() {
        AgentCall older = proven();
        AgentCall newer = proven();

        ends(older, Status.Code.ABORTED);
        assertThat(newer.isOver()).isFalse();
        assertThat(controlPlane.room(ConnectedAgents.class).isConnected(keys.publicKey()))
                .isTrue();
    }

    @Test
    void endsASessionThatDoesNotBeat() {
        AgentCall call = proven();

        ends(call, Status.Code.UNAVAILABLE);
        assertThat(controlPlane.room(ConnectedAgents.class).isConnected(keys.publicKey()))
                .isFalse();
    }

    @Test
    void keepsASessionThatBeats() {
        AgentCall call = proven();
        AtomicInteger beats = new AtomicInteger();

        await().pollInterval(Duration.ofMillis(300))
                .atMost(Duration.ofSeconds(10))
                .until(() -> {
                    call.send(AgentMessage.newBuilder()
                            .setHeartbeat(Heartbeat.getDefaultInstance())
                            .build());
                    return beats.incrementAndGet() > 10;
                });

        assertThat(call.isOver()).isFalse();
    }

    @Test
    void sendsAgentsAwayBeforeItEnds() {
        TestControlPlane ending = TestControlPlane.start(database.url(), keyFiles, SETTINGS);
        try (SimulatedNetwork network = new SimulatedNetwork()) {
            SimulatedAgent agent = network.join(
                    ending.grpcPort(),
                    keys,
                    ending.room(ServiceKeys.class).setup().publicKey());

            ending.close();

            assertThat(agent.drained()).isDone();
            assertThat(agent.end().getCode()).isEqualTo(Status.Code.OK);
        }
    }
}
