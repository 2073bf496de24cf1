package io.skywire.control.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Status;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestKeys;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.Challenge;
import io.skywire.proto.v1.Heartbeat;
import io.skywire.proto.v1.Hello;
import io.skywire.proto.v1.Proof;
import io.skywire.shared.auth.SessionProof;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Sessions that begin too often, and sessions that say too much. Periods are so long that no token comes back.
final class SessionLimitsIT {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private static final List<KeyPair> KEYS = TestKeys.pairs(2, 8429);
    private static final byte[] NONCE = new byte[SessionProof.NONCE_LENGTH];

    @TempDir
    Path home;

    @Test
    void aKeyBeginsOnlySoManySessionsAndOthersStillBeginTheirs() {
        try (TestControlPlane plane = start(Map.of("skywire.limits.sessions-per-key", "2/7d"))) {
            for (int i = 0; i < 2; i++) {
                try (AgentCall call = new AgentCall(plane.grpcPort())) {
                    assertThat(prove(call, KEYS.get(0)).next().hasWelcome()).isTrue();
                }
            }
            try (AgentCall third = new AgentCall(plane.grpcPort());
                    AgentCall other = new AgentCall(plane.grpcPort())) {
                Status end = prove(third, KEYS.get(0)).end();

                assertThat(end.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                assertThat(end.getDescription()).startsWith("too many sessions of this key: try again in ");
                assertThat(pushback(third)).isBetween(1L, Duration.ofDays(7).toMillis());
                assertThat(prove(other, KEYS.get(1)).next().hasWelcome()).isTrue();
            }
        }
    }

    @Test
    void aStrangerWhoNamesAKeyWithoutProofCostsItNothing() {
        try (TestControlPlane plane = start(Map.of("skywire.limits.sessions-per-key", "1/7d"))) {
            for (int i = 0; i < 5; i++) {
                try (AgentCall stranger = new AgentCall(plane.grpcPort())) {
                    stranger.send(hello(KEYS.get(0).publicKey()));
                    Challenge challenge = stranger.next().getChallenge();
                    stranger.send(proof(challenge, KEYS.get(1)));
                    assertThat(stranger.end().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
                }
            }
            try (AgentCall owner = new AgentCall(plane.grpcPort())) {
                assertThat(prove(owner, KEYS.get(0)).next().hasWelcome()).isTrue();
            }
        }
    }

    @Test
    void aNetworkOpensOnlySoManySessions() {
        try (TestControlPlane plane = start(Map.of("skywire.limits.sessions-per-network", "3/7d"))) {
            for (int i = 0; i < 3; i++) {
                try (AgentCall call = new AgentCall(plane.grpcPort())) {
                    call.send(hello(KEYS.get(0).publicKey()));
                    assertThat(call.next().hasChallenge()).isTrue();
                }
            }
            try (AgentCall fourth = new AgentCall(plane.grpcPort())) {
                assertThat(fourth.end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                assertThat(fourth.end().getDescription()).startsWith("too many sessions of this network");
                assertThat(pushback(fourth)).isPositive();
            }
        }
    }

    @Test
    void messagesAboveTheirRateWaitAndTheSessionGoesOn() {
        try (TestControlPlane plane = start(Map.of("skywire.limits.messages-per-session", "2/1s"));
                AgentCall call = new AgentCall(plane.grpcPort())) {
            assertThat(prove(call, KEYS.get(0)).next().hasWelcome()).isTrue();
            for (int i = 0; i < 10; i++) {
                call.send(AgentMessage.newBuilder()
                        .setHeartbeat(Heartbeat.getDefaultInstance())
                        .build());
            }
            call.send(hello(KEYS.get(0).publicKey()));

            assertThat(call.end().getCode())
                    .as("the last message was heard, and is a second Hello")
                    .isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(plane.room(io.micrometer.core.instrument.MeterRegistry.class)
                            .counter("skywire.agent.messages.delayed")
                            .count())
                    .isPositive();
        }
    }

    @Test
    void byDefaultLoopbackIsNotLimited() {
        Map<String, String> narrow = new HashMap<>();
        narrow.put("skywire.limits.sessions-per-key", "1/7d");
        narrow.put("skywire.limits.sessions-per-network", "1/7d");
        try (TestControlPlane plane = TestControlPlane.start(POSTGRES.database().url(), home, narrow)) {
            for (int i = 0; i < 5; i++) {
                try (AgentCall call = new AgentCall(plane.grpcPort())) {
                    assertThat(prove(call, KEYS.get(0)).next().hasWelcome()).isTrue();
                }
            }
        }
    }

    private TestControlPlane start(Map<String, String> limits) {
        Map<String, String> settings = new HashMap<>(limits);
        settings.put("skywire.limits.exempt", "");
        settings.put("skywire.agent.drain-grace", "100ms");
        settings.put("skywire.agent.drain-spread", "0ms");
        return TestControlPlane.start(POSTGRES.database().url(), home, settings);
    }

    private static AgentCall prove(AgentCall call, KeyPair keys) {
        call.send(hello(keys.publicKey()));
        call.send(proof(call.next().getChallenge(), keys));
        return call;
    }

    private static AgentMessage hello(PublicKey node) {
        return AgentMessage.newBuilder()
                .setHello(Hello.newBuilder()
                        .setNode(ByteString.copyFrom(node.bytes()))
                        .setNonce(ByteString.copyFrom(NONCE))
                        .setSoftware("test/1"))
                .build();
    }

    private static AgentMessage proof(Challenge challenge, KeyPair keys) {
        byte[] signed = SessionProof.ofAgent(
                challenge.getNonce().toByteArray(),
                NONCE,
                PublicKey.of(challenge.getServiceKey().toByteArray()));
        return AgentMessage.newBuilder()
                .setProof(Proof.newBuilder()
                        .setSignature(ByteString.copyFrom(keys.sign(signed).bytes())))
                .build();
    }

    private static long pushback(AgentCall call) {
        String millis =
                call.trailers().get(Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER));
        return Long.parseLong(millis);
    }
}
