package io.skywire.control.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.skywire.control.directory.NodeBook;
import io.skywire.control.directory.Reachability;
import io.skywire.control.reachability.Listener;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestKeys;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.Challenge;
import io.skywire.proto.v1.DialBackAnswer;
import io.skywire.proto.v1.DialBackOutcome;
import io.skywire.proto.v1.DialBackQuestion;
import io.skywire.proto.v1.DialledBack;
import io.skywire.proto.v1.Hello;
import io.skywire.proto.v1.NeighboursAnswer;
import io.skywire.proto.v1.NeighboursQuestion;
import io.skywire.proto.v1.Proof;
import io.skywire.proto.v1.Welcome;
import io.skywire.shared.auth.SessionProof;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Agents that ask to be dialled back, through the whole control plane.
@Timeout(240)
final class DialBackIT {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private static final List<KeyPair> KEYS = TestKeys.pairs(3, 5150);
    private static final byte[] NONCE = new byte[SessionProof.NONCE_LENGTH];
    private static final ByteString ID = ByteString.copyFromUtf8("0123456789abcdef");
    private static final Map<String, String> LOCAL =
            Map.of("skywire.reachability.allowed", "127.0.0.0/8", "skywire.reachability.deadline", "20s");

    @TempDir
    Path home;

    @Test
    void theDirectorySaysWhoCouldBeDialled() throws Exception {
        try (TestControlPlane plane = start(LOCAL);
                Listener node = Listener.of(KEYS.get(0));
                AgentCall reachable = prove(plane, KEYS.get(0));
                AgentCall unreachable = prove(plane, KEYS.get(1))) {
            Welcome welcome = reachable.next().getWelcome();
            assertThat(welcome.getDialsBack()).isTrue();
            assertThat(welcome.getNowMs()).isPositive();
            assertThat(unreachable.next().hasWelcome()).isTrue();

            DialBackAnswer good =
                    ask(reachable, node.text(), "0.0.0.0:" + node.text().substring(10));
            DialBackAnswer stolen = ask(unreachable, node.text());

            assertThat(good.getSeen()).isEqualTo("127.0.0.1");
            assertThat(good.getAddressesList())
                    .extracting(DialledBack::getOutcome)
                    .containsExactly(
                            DialBackOutcome.DIAL_BACK_OUTCOME_REACHABLE, DialBackOutcome.DIAL_BACK_OUTCOME_REACHABLE);
            assertThat(good.getAddresses(1).getDialled()).isEqualTo(node.text());
            assertThat(stolen.getAddresses(0).getOutcome()).isEqualTo(DialBackOutcome.DIAL_BACK_OUTCOME_OTHER_KEY);
            assertThat(node.dialled())
                    .as("two names of one address are one dial")
                    .isEqualTo(2);
            assertThat(plane.room(NodeBook.class).reachability(keys()))
                    .isEqualTo(Map.of(
                            KEYS.get(0).publicKey(),
                            Reachability.YES,
                            KEYS.get(1).publicKey(),
                            Reachability.NO));

            NeighboursQuestion.Builder question =
                    NeighboursQuestion.newBuilder().setQuestionId(ID);
            keys().forEach(key -> question.addNodes(ByteString.copyFrom(key.bytes())));
            reachable.send(AgentMessage.newBuilder().setNeighbours(question).build());
            NeighboursAnswer neighbours = reachable.next().getNeighbours();
            assertThat(neighbours.getReachableList())
                    .containsExactly(ByteString.copyFrom(KEYS.get(0).publicKey().bytes()));
            assertThat(neighbours.getUnreachableList())
                    .containsExactly(ByteString.copyFrom(KEYS.get(1).publicKey().bytes()));
        }
    }

    @Test
    void whatIsAnHourOldIsNoLongerKnown() {
        try (TestControlPlane plane = start(LOCAL)) {
            NodeBook book = plane.room(NodeBook.class);
            book.dialled(
                    KEYS.get(0).publicKey(), Reachability.YES, Instant.now().minusSeconds(3700));
            book.dialled(KEYS.get(1).publicKey(), Reachability.NO, Instant.now().minusSeconds(3400));
            book.dialled(
                    KEYS.get(1).publicKey(), Reachability.YES, Instant.now().minusSeconds(3500));

            assertThat(book.reachability(keys())).isEqualTo(Map.of(KEYS.get(1).publicKey(), Reachability.NO));
        }
    }

    @Test
    void withoutAnAllowListNothingOnLoopbackIsDialled() throws Exception {
        try (TestControlPlane plane = start(Map.of());
                Listener node = Listener.of(KEYS.get(0));
                AgentCall agent = prove(plane, KEYS.get(0))) {
            assertThat(agent.next().hasWelcome()).isTrue();

            DialBackAnswer answer = ask(agent, node.text(), "8.8.8.8:53", "localhost:22");

            assertThat(answer.getAddressesList()).hasSize(3).allSatisfy(address -> {
                assertThat(address.getOutcome()).isEqualTo(DialBackOutcome.DIAL_BACK_OUTCOME_FORBIDDEN);
                assertThat(address.getDialled()).isEmpty();
                assertThat(address.getDetail()).contains("127.0.0.1");
            });
            assertThat(node.dialled()).isZero();
            assertThat(plane.room(NodeBook.class).reachability(keys())).isEmpty();
        }
    }

    @Test
    void whoAsksTooOftenIsToldWhenToAskAgain() throws Exception {
        Map<String, String> narrow = new HashMap<>(LOCAL);
        narrow.put("skywire.limits.exempt", "");
        narrow.put("skywire.limits.dial-backs-per-key", "2/7d");
        narrow.put("skywire.limits.dial-backs-per-network", "3/7d");
        try (TestControlPlane plane = start(narrow);
                Listener node = Listener.of(KEYS.get(0));
                AgentCall greedy = prove(plane, KEYS.get(0));
                AgentCall other = prove(plane, KEYS.get(1))) {
            assertThat(greedy.next().hasWelcome()).isTrue();
            assertThat(other.next().hasWelcome()).isTrue();
            assertThat(ask(greedy, node.text()).getRetryAfterMs()).isZero();
            assertThat(ask(greedy, node.text()).getRetryAfterMs()).isZero();

            DialBackAnswer third = ask(greedy, node.text());

            assertThat(third.getRetryAfterMs()).isPositive();
            assertThat(third.getAddressesList()).isEmpty();
            assertThat(node.dialled()).isEqualTo(2);
            assertThat(ask(other, node.text()).getRetryAfterMs())
                    .as("another key of the network")
                    .isZero();
            assertThat(ask(other, node.text()).getRetryAfterMs())
                    .as("the network has asked three times")
                    .isPositive();
            assertThat(node.dialled()).isEqualTo(3);
        }
    }

    @Test
    void aQuestionThatCannotBeEndsTheSession() {
        try (TestControlPlane plane = start(LOCAL);
                AgentCall many = prove(plane, KEYS.get(0));
                AgentCall malformed = prove(plane, KEYS.get(1))) {
            assertThat(many.next().hasWelcome()).isTrue();
            assertThat(malformed.next().hasWelcome()).isTrue();
            send(many, Collections.nCopies(9, "127.0.0.1:80"));
            send(malformed, List.of("http://127.0.0.1/"));

            assertThat(many.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(malformed.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        }
    }

    private static List<PublicKey> keys() {
        return KEYS.stream().map(KeyPair::publicKey).toList();
    }

    private static DialBackAnswer ask(AgentCall call, String... addresses) {
        send(call, List.of(addresses));
        DialBackAnswer answer = call.next().getDialledBack();
        assertThat(answer.getQuestionId()).isEqualTo(ID);
        return answer;
    }

    private static void send(AgentCall call, List<String> addresses) {
        call.send(AgentMessage.newBuilder()
                .setDialBack(DialBackQuestion.newBuilder().setQuestionId(ID).addAllAddresses(addresses))
                .build());
    }

    private TestControlPlane start(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("skywire.agent.drain-grace", "100ms");
        settings.put("skywire.agent.drain-spread", "0ms");
        TestControlPlane plane = TestControlPlane.start(POSTGRES.database().url(), home, settings);
        plane.room(org.springframework.jdbc.core.JdbcTemplate.class).update("TRUNCATE node_reachability");
        return plane;
    }

    private static AgentCall prove(TestControlPlane plane, KeyPair keys) {
        AgentCall call = new AgentCall(plane.grpcPort());
        call.send(AgentMessage.newBuilder()
                .setHello(Hello.newBuilder()
                        .setNode(ByteString.copyFrom(keys.publicKey().bytes()))
                        .setNonce(ByteString.copyFrom(NONCE))
                        .setSoftware("test/1"))
                .build());
        Challenge challenge = call.next().getChallenge();
        byte[] signed = SessionProof.ofAgent(
                challenge.getNonce().toByteArray(),
                NONCE,
                PublicKey.of(challenge.getServiceKey().toByteArray()));
        call.send(AgentMessage.newBuilder()
                .setProof(Proof.newBuilder()
                        .setSignature(ByteString.copyFrom(keys.sign(signed).bytes())))
                .build());
        return call;
    }
}
