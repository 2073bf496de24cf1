package io.skywire.node.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.SessionUid;
import java.net.InetSocketAddress;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Nobody is who they say unless they prove it.
final class SessionIdentityTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SessionPair pair = new SessionPair(11);
    private final KeyPair mallory = KeyPair.generate(new Random(666));

    @AfterEach
    void close() {
        pair.close();
    }

    @Test
    void aNodeAtTheWrongEndOfARouteIsRefused() {
        PeerSessions impostor = pair.join(mallory, new StreamTargets(), SessionSettings.DEFAULTS);
        pair.routes.divert(pair.bobKey(), mallory.publicKey());

        DialAnswer answer = SessionPair.await(pair.dial());

        assertThat(answer).isInstanceOfSatisfying(DialAnswer.Failed.class, failed -> {
            assertThat(failed.reason()).isEqualTo(DialAnswer.Reason.SESSION_REFUSED);
            assertThat(failed.detail()).contains(pair.bobKey().hex());
        });
        assertThat(impostor.sessions()).isEmpty();
        assertThat(pair.alice.sessions()).isEmpty();
    }

    @Test
    void aPeerThatProvesAnotherKeyThanTheRoutesIsRefused() {
        // The rules at Bob say that Alice is at the other end; it is Mallory.
        PeerSessions impostor = pair.closing(new PeerSessions(
                mallory,
                pair.loops,
                pair.routes.requestsOf(mallory.publicKey(), pair.aliceKey()),
                new StreamTargets(),
                SessionSettings.DEFAULTS,
                InstantSource.system(),
                RANDOM));
        pair.routes.join(mallory.publicKey(), impostor);

        DialAnswer answer = SessionPair.await(
                impostor.dial(new DialRequest(pair.bobKey(), RouteRequests.Path.Any.ROUTE, Duration.ofSeconds(20))));

        assertThat(answer)
                .isInstanceOfSatisfying(
                        DialAnswer.Failed.class,
                        failed -> assertThat(failed.reason()).isEqualTo(DialAnswer.Reason.SESSION_REFUSED));
        assertThat(pair.bob.sessions()).isEmpty();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(pair.bob.counters().sessionsRefused()).isPositive());
    }

    @Test
    void aStolenNodeKeyProofIsWorthNothingInAnotherCertificate() throws Exception {
        java.security.KeyPair own = p256();
        byte[] bobsProof = TlsBinding.sign(pair.bobKeys, p256().getPublic().getEncoded());
        PeerSessions impostor = pair.closing(new PeerSessions(
                mallory,
                pair.loops,
                pair.routes.requestsOf(mallory.publicKey()),
                new StreamTargets(),
                SessionSettings.DEFAULTS,
                InstantSource.system(),
                RANDOM,
                NodeCertificate.create(own, bobsProof, RANDOM)));
        pair.routes.join(mallory.publicKey(), impostor);
        pair.routes.divert(pair.bobKey(), mallory.publicKey());

        DialAnswer answer = SessionPair.await(pair.dial());

        assertThat(answer)
                .isInstanceOfSatisfying(
                        DialAnswer.Failed.class,
                        failed -> assertThat(failed.reason()).isEqualTo(DialAnswer.Reason.SESSION_REFUSED));
    }

    @Test
    void theCertificateProvesTheNodesKey() throws Exception {
        assertThat(TlsBinding.provenKey(
                        NodeCertificate.create(pair.aliceKeys, RANDOM).certificate()))
                .isEqualTo(pair.aliceKey());
    }

    @Test
    void eachBitOfTheProofCounts() throws Exception {
        java.security.KeyPair own = p256();
        byte[] good = TlsBinding.sign(pair.aliceKeys, own.getPublic().getEncoded());
        for (int at = 0; at < good.length; at += 7) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            assertThatThrownBy(() -> TlsBinding.provenKey(certificate(own, bad)))
                    .as("byte %s", at)
                    .isInstanceOf(CertificateException.class);
        }
    }

    @Test
    void aProofOfTheWrongLengthIsRefusedBeforeItIsRead() throws Exception {
        java.security.KeyPair own = p256();
        byte[] good = TlsBinding.sign(pair.aliceKeys, own.getPublic().getEncoded());
        for (int length : new int[] {0, PublicKey.LENGTH, TlsBinding.LENGTH - 1, TlsBinding.LENGTH + 1, 4096}) {
            assertThatThrownBy(() -> TlsBinding.provenKey(certificate(own, Arrays.copyOf(good, length))))
                    .as("%s bytes", length)
                    .isInstanceOf(CertificateException.class)
                    .hasMessageContaining("bytes");
        }
    }

    private static X509Certificate certificate(java.security.KeyPair own, byte[] binding) throws Exception {
        return NodeCertificate.create(own, binding, RANDOM).certificate();
    }

    private static java.security.KeyPair p256() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
        return generator.generateKeyPair();
    }

    @Test
    void addressesDifferByNodeSessionAndEndAndStayTheSame() {
        SessionUid one = SessionUid.random(new Random(1));
        SessionUid two = SessionUid.random(new Random(2));
        InetSocketAddress address = SessionAddress.of(pair.aliceKey(), one, RouteEnd.INITIATOR);

        assertThat(address).isEqualTo(SessionAddress.of(pair.aliceKey(), one, RouteEnd.INITIATOR));
        assertThat(address.getAddress().getAddress()).hasSize(16).startsWith((byte) 0xfd);
        assertThat(List.of(
                        address,
                        SessionAddress.of(pair.bobKey(), one, RouteEnd.INITIATOR),
                        SessionAddress.of(pair.aliceKey(), two, RouteEnd.INITIATOR),
                        SessionAddress.of(pair.aliceKey(), one, RouteEnd.RESPONDER)))
                .doesNotHaveDuplicates();
    }
}
