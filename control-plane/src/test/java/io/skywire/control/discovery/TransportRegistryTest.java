package io.skywire.control.discovery;

import static io.skywire.control.discovery.DiscoveryRoom.down;
import static io.skywire.control.discovery.DiscoveryRoom.transport;
import static io.skywire.control.discovery.DiscoveryRoom.up;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.Signature;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportProtos;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class TransportRegistryTest {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private static final List<KeyPair> KEYS = TestKeys.pairs(4, 11);

    private final KeyPair alice = KEYS.get(0);
    private final KeyPair bob = KEYS.get(1);
    private final KeyPair carol = KEYS.get(2);
    private final KeyPair mallory = KEYS.get(3);
    private final SignedTransport aliceBob = transport(alice, bob);
    private final SignedTransport aliceCarol = transport(alice, carol);
    private DiscoveryRoom room;

    @BeforeEach
    void open() {
        room = new DiscoveryRoom(POSTGRES.database(), 1000);
    }

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void oneEdgeAloneIsNotUp() {
        ReportOutcome outcome = room.report(alice, up(aliceBob));

        assertThat(outcome.accepted()).isEqualTo(1);
        assertThat(room.registry.all()).hasSize(1);
        assertThat(room.isUp(aliceBob.id())).isFalse();
        assertThat(room.events).isEmpty();
    }

    @Test
    void bothEdgesTogetherAreUpWithTheSmallerPayloadAndTheLongerRoundTrip() {
        room.report(alice, new TransportClaim(aliceBob, LinkState.UP, Optional.of(Duration.ofMillis(7)), 1400));
        room.report(bob, new TransportClaim(aliceBob, LinkState.UP, Optional.of(Duration.ofMillis(9)), 16_384));

        long revision = room.registry.all().getFirst().revision();
        TransportUp told = new TransportUp(
                aliceBob.id(),
                aliceBob.entry().lower(),
                aliceBob.entry().higher(),
                aliceBob.entry().type(),
                TransportUp.USER,
                1400,
                LinkMeasurement.ofRoundTrip(Optional.of(Duration.ofMillis(9))),
                Optional.of(room.clock.instant()),
                List.of(),
                revision);
        assertThat(room.events).containsExactly(told);
        assertThat(room.registry.all())
                .containsExactly(
                        new RegisteredTransport(told.id(), told.lower(), told.higher(), Optional.of(told), revision));
    }

    @Test
    void oneEdgeIsEnoughToTakeATransportDown() {
        bothUp(aliceBob, alice, bob);
        long revision = room.registry.all().getFirst().revision();

        room.report(bob, down(aliceBob));

        assertThat(room.isUp(aliceBob.id())).isFalse();
        assertThat(room.events)
                .last()
                .isEqualTo(new TransportDown(
                        aliceBob.id(),
                        aliceBob.entry().lower(),
                        aliceBob.entry().higher(),
                        TransportDown.Reason.REPORTED_DOWN,
                        revision + 1));
    }

    @Test
    void aRepeatedReportChangesNothingAndChecksNoSignatureAgain() {
        bothUp(aliceBob, alice, bob);
        double checks = room.signatureChecks();
        List<Object> told = List.copyOf(room.events);
        List<RegisteredTransport> before = room.registry.all();

        ReportOutcome again = room.report(alice, up(aliceBob), up(aliceBob));
        room.reportWhole(bob, up(aliceBob));

        assertThat(again).isEqualTo(new ReportOutcome(1, List.of()));
        assertThat(room.registry.all()).isEqualTo(before);
        assertThat(room.events).isEqualTo(told);
        assertThat(room.signatureChecks()).isEqualTo(checks).isEqualTo(1);
    }

    @Test
    void aChangedPayloadIsToldAndASlightlyChangedRoundTripIsNot() {
        bothUp(aliceBob, alice, bob);

        room.report(alice, new TransportClaim(aliceBob, LinkState.UP, Optional.of(Duration.ofMillis(21)), 16_384));
        assertThat(room.events).hasSize(1);

        room.report(alice, new TransportClaim(aliceBob, LinkState.UP, Optional.of(Duration.ofMillis(20)), 1400));
        assertThat(room.events).hasSize(2).last().isInstanceOf(TransportUp.class);
        assertThat(((TransportUp) room.events.getLast()).maxPayload()).isEqualTo(1400);

        room.report(alice, new TransportClaim(aliceBob, LinkState.UP, Optional.of(Duration.ofMillis(40)), 1400));
        assertThat(((TransportUp) room.events.getLast()).roundTrip()).contains(Duration.ofMillis(40));
    }

    @Test
    void refusesAStrangerAndStoresNothing() {
        ReportOutcome outcome = room.report(mallory, up(aliceBob));

        assertThat(outcome.accepted()).isZero();
        assertThat(outcome.refusals())
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(ReportOutcome.Reason.NOT_AN_EDGE));
        assertThat(room.registry.all()).isEmpty();
    }

    @Test
    void refusesAForgedSignatureButKeepsTheGoodClaims() {
        SignedTransport forged = SignedTransport.of(
                aliceBob.entry(),
                alice.publicKey(),
                aliceBob.entry().sign(alice),
                aliceBob.entry().sign(mallory));
        SignedTransport missing = SignedTransport.of(
                transport(alice, mallory).entry(),
                alice.publicKey(),
                transport(alice, mallory).entry().sign(alice),
                Signature.of(new byte[Signature.LENGTH]));

        ReportOutcome outcome = room.report(alice, up(forged), up(aliceCarol), up(missing));

        assertThat(outcome.accepted()).isEqualTo(1);
        assertThat(outcome.refusals())
                .extracting(ReportOutcome.Refusal::transport)
                .containsExactlyInAnyOrder(forged.id(), missing.id());
        assertThat(outcome.refusals())
                .extracting(ReportOutcome.Refusal::reason)
                .containsOnly(ReportOutcome.Reason.UNPROVEN);
        assertThat(room.registry.all()).extracting(RegisteredTransport::id).containsExactly(aliceCarol.id());
    }

    @Test
    void anotherSignatureOfAStoredTransportIsCheckedAgain() {
        bothUp(aliceBob, alice, bob);
        SignedTransport forged = SignedTransport.of(
                aliceBob.entry(),
                alice.publicKey(),
                aliceBob.entry().sign(alice),
                aliceBob.entry().sign(mallory));

        assertThat(room.report(alice, up(forged)).refusals()).hasSize(1);
        assertThat(room.isUp(aliceBob.id())).isTrue();
    }

    @Test
    void aWrongIdCannotEvenBecomeAClaim() {
        io.skywire.proto.v1.SignedTransport wrong = TransportProtos.toProto(aliceBob).toBuilder()
                .setId(ByteString.copyFrom(aliceCarol.id().bytes()))
                .build();

        assertThatThrownBy(() -> TransportProtos.fromProto(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not follow from its edges");
    }

    @Test
    void refusesNumbersOutOfRange() {
        ReportOutcome outcome = room.report(
                alice,
                new TransportClaim(aliceBob, LinkState.UP, Optional.empty(), 0),
                new TransportClaim(aliceBob, LinkState.UP, Optional.empty(), 65_536),
                new TransportClaim(aliceBob, LinkState.UP, Optional.of(Duration.ofDays(1)), 1400),
                new TransportClaim(aliceBob, LinkState.UP, Optional.of(Duration.ofMillis(-1)), 1400));

        assertThat(outcome.accepted()).isZero();
        assertThat(outcome.refusals())
                .hasSize(4)
                .extracting(ReportOutcome.Refusal::reason)
                .containsOnly(ReportOutcome.Reason.MALFORMED);
    }

    @Test
    void takesNoMoreClaimsThanTheLimit() {
        ReportOutcome full = room.registry.report(
                alice.publicKey(), ReportKind.CHANGES, Collections.nCopies(TransportRegistry.MAX_CLAIMS, up(aliceBob)));
        ReportOutcome over = room.registry.report(
                alice.publicKey(),
                ReportKind.CHANGES,
                Collections.nCopies(TransportRegistry.MAX_CLAIMS + 1, up(aliceBob)));

        assertThat(full).isEqualTo(new ReportOutcome(1, List.of()));
        assertThat(over.refusals())
                .extracting(ReportOutcome.Refusal::reason)
                .containsExactly(ReportOutcome.Reason.TOO_MANY);
    }

    @Test
    void aWholeViewTakesDownWhatItDoesNotName() {
        bothUp(aliceBob, alice, bob);
        bothUp(aliceCarol, alice, carol);

        room.reportWhole(alice, up(aliceCarol));

        assertThat(room.isUp(aliceBob.id())).isFalse();
        assertThat(room.isUp(aliceCarol.id())).isTrue();
        assertThat(((TransportDown) room.events.getLast()).reason()).isEqualTo(TransportDown.Reason.NOT_IN_VIEW);
    }

    @Test
    void anEmptyWholeViewTakesEverythingDown() {
        bothUp(aliceBob, alice, bob);

        room.reportWhole(alice);

        assertThat(room.isUp(aliceBob.id())).isFalse();
    }

    @Test
    void aReportOfChangesLeavesTheRestAlone() {
        bothUp(aliceBob, alice, bob);

        room.report(alice, down(aliceCarol));

        assertThat(room.isUp(aliceBob.id())).isTrue();
    }

    @Test
    void expiresWhenOneEdgeStopsRenewing() {
        bothUp(aliceBob, alice, bob);
        room.pass(Duration.ofSeconds(20));
        room.registry.renew(alice.publicKey());
        room.registry.renew(bob.publicKey());
        room.pass(Duration.ofSeconds(29));
        room.registry.renew(alice.publicKey());
        assertThat(room.isUp(aliceBob.id())).isTrue();

        room.pass(Duration.ofSeconds(2));

        assertThat(room.isUp(aliceBob.id())).isFalse();
        assertThat(((TransportDown) room.events.getLast()).reason()).isEqualTo(TransportDown.Reason.LEASE_EXPIRED);
    }

    @Test
    void theEndOfASessionTearsNothingDownUntilTheLeaseEnds() {
        bothUp(aliceBob, alice, bob);
        room.pass(Duration.ofSeconds(15));
        room.registry.renew(bob.publicKey());

        room.registry.sessionEnded(alice.publicKey());
        room.pass(Duration.ofSeconds(14));
        assertThat(room.isUp(aliceBob.id())).isTrue();

        room.pass(Duration.ofSeconds(17));
        assertThat(room.isUp(aliceBob.id())).isFalse();
    }

    @Test
    void aLateHeartbeatBringsAnExpiredViewBack() {
        bothUp(aliceBob, alice, bob);
        room.pass(Duration.ofSeconds(31));
        assertThat(room.isUp(aliceBob.id())).isFalse();

        room.registry.renew(alice.publicKey());
        assertThat(room.isUp(aliceBob.id())).isFalse();
        room.registry.renew(bob.publicKey());

        assertThat(room.isUp(aliceBob.id())).isTrue();
        assertThat(room.events).hasSize(3).last().isInstanceOf(TransportUp.class);
    }

    @Test
    void aHeartbeatNeverRevivesWhatTheEdgeCalledDown() {
        bothUp(aliceBob, alice, bob);
        room.report(alice, down(aliceBob));

        room.registry.renew(alice.publicKey());
        room.registry.renew(bob.publicKey());

        assertThat(room.isUp(aliceBob.id())).isFalse();
    }

    @Test
    void whileNobodyCouldRenewNothingExpiresForOneLease() {
        bothUp(aliceBob, alice, bob);
        room.pass(Duration.ofSeconds(5));

        room.clock.advance(Duration.ofMinutes(10)); // the control plane was away
        room.pass(Duration.ofSeconds(29));
        assertThat(room.isUp(aliceBob.id())).isTrue();

        room.pass(Duration.ofSeconds(3));
        assertThat(room.isUp(aliceBob.id())).isFalse();
    }

    @Test
    void oneSweepTakesDownNoMoreThanItsBatch() {
        room.close();
        room = new DiscoveryRoom(POSTGRES.database(), 1);
        bothUp(aliceBob, alice, bob);
        bothUp(aliceCarol, alice, carol);
        for (int second = 0; second < 30; second++) {
            room.sweeper.sweep();
            room.clock.advance(Duration.ofSeconds(1));
        }
        room.sweeper.sweep();
        assertThat(room.events).hasSize(3);

        room.pass(Duration.ofSeconds(4));

        assertThat(room.events).hasSize(4);
        assertThat(room.isUp(aliceBob.id())).isFalse();
        assertThat(room.isUp(aliceCarol.id())).isFalse();
    }

    private void bothUp(SignedTransport transport, KeyPair one, KeyPair other) {
        room.report(one, up(transport));
        room.report(other, up(transport));
        assertThat(room.isUp(transport.id())).isTrue();
    }
}
