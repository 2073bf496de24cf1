package io.skywire.control.discovery;

import static io.skywire.control.discovery.DiscoveryRoom.down;
import static io.skywire.control.discovery.DiscoveryRoom.transport;
import static io.skywire.control.discovery.DiscoveryRoom.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class MeasurementsTest {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private static final int NEIGHBOURS = 20;
    private static final List<KeyPair> KEYS = TestKeys.pairs(3 + NEIGHBOURS, 81);

    private final KeyPair alice = KEYS.get(0);
    private final KeyPair bob = KEYS.get(1);
    private final PublicKey server = KEYS.get(2).publicKey();
    private final SignedTransport aliceBob = transport(alice, bob);
    private final SignedTransport overServer = SignedTransport.signedByBoth(
            TransportEntry.between(alice.publicKey(), bob.publicKey(), TransportType.MESSAGING), alice, bob);
    private DiscoveryRoom room;

    @BeforeEach
    void open() {
        room = new DiscoveryRoom(POSTGRES.database(), 1000);
    }

    @AfterEach
    void close() {
        room.close();
    }

    private static TransportClaim claim(SignedTransport transport, int loss, int load, PublicKey... relays) {
        return new TransportClaim(
                transport,
                LinkState.UP,
                new LinkMeasurement(Optional.of(Duration.ofMillis(20)), loss, load, 1_000_000),
                16_384,
                List.of(relays));
    }

    private List<TransportClaim> measure(KeyPair edge, TransportClaim... claims) {
        return room.registry.measured(edge.publicKey(), List.of(claims));
    }

    private TransportUp told() {
        return (TransportUp) room.events.getLast();
    }

    private void bothUp() {
        room.report(alice, up(aliceBob));
        room.report(bob, up(aliceBob));
    }

    @Test
    void whatAnEdgeMeasuresIsToldAndStored() {
        bothUp();
        Instant then = room.clock.instant();

        assertThat(measure(alice, claim(aliceBob, 30_000, 400_000))).isEmpty();

        assertThat(told().measured())
                .isEqualTo(new LinkMeasurement(Optional.of(Duration.ofMillis(20)), 30_000, 400_000, 1_000_000));
        assertThat(told().measuredAt()).contains(then);
        assertThat(room.registry.all()).extracting(RegisteredTransport::up).containsExactly(Optional.of(told()));
        try (DiscoveryRoom replica = room.replica()) {
            assertThat(replica.registry.all()).isEqualTo(room.registry.all());
        }
    }

    @Test
    void theWorseOfBothEdgesCounts() {
        bothUp();
        measure(alice, claim(aliceBob, 30_000, 0));
        measure(bob, claim(aliceBob, 0, 500_000));

        assertThat(told().measured().loss()).isEqualTo(30_000);
        assertThat(told().measured().load()).isEqualTo(500_000);

        measure(alice, claim(aliceBob, 0, 0));
        assertThat(told().measured().loss()).isZero();
        assertThat(told().measured().load()).isEqualTo(500_000);
    }

    @Test
    void noiseIsStoredAndNotTold() {
        bothUp();
        measure(alice, claim(aliceBob, 30_000, 0));
        List<Object> before = List.copyOf(room.events);

        measure(alice, claim(aliceBob, 33_000, 100_000));

        assertThat(room.events).isEqualTo(before);
        assertThat(room.jdbc.queryForObject("SELECT loss FROM transport_views WHERE edge = ?", Integer.class, (Object)
                        alice.publicKey().bytes()))
                .isEqualTo(33_000);
    }

    @Test
    void aSteadyLinkIsToldAgainWhenWhatWasToldBeginsToAge() {
        bothUp();
        measure(alice, claim(aliceBob, 0, 0));
        int before = room.events.size();
        room.clock.advance(Duration.ofMinutes(5));
        measure(alice, claim(aliceBob, 0, 0));
        assertThat(room.events).hasSize(before);

        room.clock.advance(Duration.ofSeconds(1));
        measure(alice, claim(aliceBob, 0, 0));

        assertThat(room.events).hasSize(before + 1);
        assertThat(told().measuredAt()).contains(room.clock.instant());
    }

    @Test
    void whatCannotBeIsRefusedAndNeverStored() {
        bothUp();
        List<RegisteredTransport> before = room.registry.all();
        LinkMeasurement good = claim(aliceBob, 0, 0).measured();
        List<TransportClaim> bad = new ArrayList<>();
        for (LinkMeasurement measured : List.of(
                new LinkMeasurement(good.roundTrip(), 1_000_001, 0, 0),
                new LinkMeasurement(good.roundTrip(), -1, 0, 0),
                new LinkMeasurement(good.roundTrip(), 0, 1_000_001, 0),
                new LinkMeasurement(good.roundTrip(), 0, -1, 0),
                new LinkMeasurement(good.roundTrip(), 0, 0, -1),
                new LinkMeasurement(good.roundTrip(), 0, 0, LinkMeasurement.MAX_THROUGHPUT + 1))) {
            bad.add(new TransportClaim(aliceBob, LinkState.UP, measured, 16_384, List.of()));
        }
        bad.add(claim(aliceBob, 0, 0, server)); // not a messaging transport
        bad.add(claim(overServer, 0, 0, bob.publicKey()));
        bad.add(claim(overServer, 0, 0, server, server));
        bad.add(claim(
                overServer,
                0,
                0,
                KEYS.subList(3, 12).stream().map(KeyPair::publicKey).toArray(PublicKey[]::new)));

        for (TransportClaim claim : bad) {
            assertThat(measure(alice, claim)).as("left to be refused").containsExactly(claim);
            assertThat(room.report(alice, claim).refusals())
                    .as(claim.toString())
                    .extracting(ReportOutcome.Refusal::reason)
                    .containsExactly(ReportOutcome.Reason.MALFORMED);
        }
        assertThat(room.report(alice, bad.getFirst()).refusals().getFirst().detail())
                .isEqualTo("loss is a share in millionths, 0 to 1000000, not 1000001");
        assertThat(room.registry.all()).isEqualTo(before);
    }

    @Test
    void aLinkWithoutAViewThatIsUpNeedsAReport() {
        TransportClaim claim = claim(aliceBob, 30_000, 0);
        assertThat(measure(alice, claim)).as("nobody has proved it").containsExactly(claim);
        assertThat(room.registry.all()).isEmpty();

        bothUp();
        room.report(alice, down(aliceBob));
        assertThat(measure(alice, claim)).containsExactly(claim);
        assertThat(room.isUp(aliceBob.id())).isFalse();

        room.report(alice, up(aliceBob));
        room.jdbc.update("UPDATE transport_views SET stock = true");
        assertThat(measure(alice, claim)).containsExactly(claim);
    }

    @Test
    void noSignatureIsLookedAt() {
        bothUp();
        double checks = room.signatureChecks();

        measure(alice, claim(aliceBob, 30_000, 0));

        assertThat(room.signatureChecks()).isEqualTo(checks);
    }

    @Test
    void aMeasurementRenewsTheLease() {
        bothUp();
        room.pass(Duration.ofSeconds(20));
        measure(alice, claim(aliceBob, 0, 0));
        measure(bob, claim(aliceBob, 0, 0));
        room.pass(Duration.ofSeconds(20));

        assertThat(room.isUp(aliceBob.id())).isTrue();
    }

    @Test
    void theRelaysOfBothEdgesCount() {
        PublicKey another = KEYS.get(3).publicKey();
        room.report(alice, claim(overServer, 0, 0, server));
        room.report(bob, claim(overServer, 0, 0, server, another));
        List<PublicKey> both = new ArrayList<>(List.of(server, another));
        Collections.sort(both);
        assertThat(told().relays()).isEqualTo(both);

        measure(bob, claim(overServer, 0, 0));

        assertThat(told().relays()).containsExactly(server);
        assertThat(room.registry.all()).extracting(RegisteredTransport::up).containsExactly(Optional.of(told()));
    }

    @Test
    void howManyStatementsItTakesDoesNotDependOnHowMuchIsMeasured() {
        List<TransportClaim> all = new ArrayList<>();
        for (KeyPair neighbour : KEYS.subList(3, KEYS.size())) {
            SignedTransport link = transport(alice, neighbour);
            room.report(alice, up(link));
            room.report(neighbour, up(link));
            all.add(claim(link, 0, 0));
        }
        measure(alice, all.toArray(TransportClaim[]::new));

        int before = room.statements();
        measure(alice, all.getFirst());
        int ofOneUnchanged = room.statements() - before;
        before = room.statements();
        measure(alice, all.toArray(TransportClaim[]::new));
        int ofAllUnchanged = room.statements() - before;
        before = room.statements();
        measure(
                alice,
                all.stream().map(claim -> claim(claim.transport(), 50_000, 0)).toArray(TransportClaim[]::new));
        int ofAllChanged = room.statements() - before;

        assertThat(ofOneUnchanged).as("order, views, lock, reading").isEqualTo(4);
        assertThat(ofAllUnchanged).isEqualTo(4);
        assertThat(ofAllChanged).as("and one batch").isEqualTo(5);
    }

    @Test
    void aStockRegistrationMeasuresNothing() {
        bothUp();
        measure(alice, claim(aliceBob, 30_000, 0));
        room.jdbc.update("UPDATE transport_views SET stock = true");
        room.inTransaction(() -> new StockTables(room.jdbc)
                .putViews(
                        List.of(
                                new StockTables.View(aliceBob.id(), alice.publicKey()),
                                new StockTables.View(aliceBob.id(), bob.publicKey())),
                        room.clock.instant(),
                        room.clock.instant().plusSeconds(60)));

        assertThat(room.jdbc.queryForObject(
                        "SELECT count(*) FROM transport_views WHERE loss <> 0 OR rtt_us IS NOT NULL", Integer.class))
                .isZero();
    }
}
