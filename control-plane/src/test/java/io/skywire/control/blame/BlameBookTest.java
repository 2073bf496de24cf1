package io.skywire.control.blame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.skywire.control.blame.BlameController.BlameJson;
import io.skywire.control.blame.BlameController.SubjectJson;
import io.skywire.control.blame.BlameRoom.Wire;
import io.skywire.control.testing.FakeClock;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.web.server.ResponseStatusException;

/// Evidence in a real PostgreSQL: what is kept, what goes first, and that replicas agree.
final class BlameBookTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration HALF_LIFE = Duration.ofMinutes(5);
    private static final double EXACT = 1e-6;
    private static final List<PublicKey> KEYS =
            TestKeys.pairs(300, 17).stream().map(KeyPair::publicKey).toList();
    private static final PublicKey VICTIM = KEYS.get(0);
    private static final PublicKey BYSTANDER = KEYS.get(1);

    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private final FakeClock clock = new FakeClock();
    private final Wire wire = new Wire();
    private final SplittableRandom random = new SplittableRandom(3);
    private BlameRoom room;

    @BeforeEach
    void openTheRoom() {
        room = replica(1_000);
        room.jdbc.update("TRUNCATE blame_evidence");
        room.book.refresh();
    }

    @AfterEach
    void closeTheRoom() {
        room.close();
    }

    private BlameRoom replica(int maxEvidence) {
        return new BlameRoom(POSTGRES.database(), clock, wire, maxEvidence);
    }

    private RouteFault fault(PublicKey accuser, FaultKind kind, Subject... suspects) {
        return new RouteFault(RouteUid.random(random), Optional.of(accuser), kind, Set.of(suspects));
    }

    private static Subject node(PublicKey key) {
        return new Subject.Node(key);
    }

    private static Subject.Transport transport(PublicKey one, PublicKey other) {
        return new Subject.Transport(TransportId.between(one, other, TransportType.TCP), one, other);
    }

    /// Publishes and waits until the book has entered it.
    private void accuse(RouteFault fault) {
        double before = room.counter(fault.kind());
        room.book.on(fault);
        await().atMost(PATIENCE)
                .until(() ->
                        room.counter(fault.kind()) == before + fault.suspects().size());
    }

    private void awaitScore(BlameRoom of, PublicKey node, double score) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(of.book.current().scoreOf(node)).isEqualTo(score, within(EXACT)));
    }

    private long rows(String where, Object... parameters) {
        Long count =
                room.jdbc.queryForObject("SELECT count(*) FROM blame_evidence WHERE " + where, Long.class, parameters);
        return count == null ? 0 : count;
    }

    @Test
    void blamesTheSuspectAndNobodyElse() {
        accuse(fault(KEYS.get(2), FaultKind.SILENT, node(VICTIM)));

        awaitScore(room, VICTIM, 1);
        assertThat(room.book.current().scoreOf(BYSTANDER)).isZero();
        assertThat(room.book.current().isClean()).isFalse();
    }

    @Test
    void blamesTransportsByTheirIds() {
        Subject.Transport one = transport(VICTIM, BYSTANDER);
        Subject.Transport other = transport(BYSTANDER, KEYS.get(2));

        accuse(fault(KEYS.get(3), FaultKind.PROBE_UNANSWERED, one, other));

        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(room.book.current().scoreOf(one.id())).isEqualTo(0.25, within(EXACT)));
        assertThat(room.book.current().scoreOf(other.id())).isEqualTo(0.25, within(EXACT));
        assertThat(room.book.current().scoreOf(VICTIM)).isZero();
    }

    @Test
    void letsScoresDecayWithoutNewEvidence() {
        accuse(fault(KEYS.get(2), FaultKind.SILENT, node(VICTIM)));
        awaitScore(room, VICTIM, 1);

        clock.advance(HALF_LIFE);
        room.book.refresh();

        assertThat(room.book.current().scoreOf(VICTIM)).isEqualTo(0.5, within(EXACT));
    }

    @Test
    void keepsEvidenceOverARestart() {
        accuse(fault(KEYS.get(2), FaultKind.SILENT, node(VICTIM)));
        accuse(fault(KEYS.get(2), FaultKind.TRANSPORT_LOST, transport(VICTIM, BYSTANDER)));
        room.close();
        clock.advance(HALF_LIFE);

        room = replica(1_000);

        assertThat(room.book.current().scoreOf(VICTIM)).isEqualTo(0.5, within(EXACT));
        assertThat(room.book.current().scoreOf(transport(VICTIM, BYSTANDER).id()))
                .isEqualTo(0.5, within(EXACT));
    }

    @Test
    void replicasAgreeOnceTheyAreWoken() {
        try (BlameRoom other = replica(1_000)) {
            accuse(fault(KEYS.get(2), FaultKind.SILENT, node(VICTIM)));
            awaitScore(other, VICTIM, 1);

            other.book.on(fault(KEYS.get(3), FaultKind.REFUSED, node(VICTIM), node(BYSTANDER)));
            awaitScore(room, VICTIM, 1.5);

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(other.book.current()).isEqualTo(room.book.current()));
        }
    }

    @Test
    void replicasAgreeWithoutWakeUpsWhenTheyCompare() {
        try (BlameRoom other = replica(1_000)) {
            wire.cut();
            accuse(fault(KEYS.get(2), FaultKind.SILENT, node(VICTIM)));
            awaitScore(room, VICTIM, 1);
            assertThat(other.book.current().isClean()).isTrue();

            other.book.refresh();

            assertThat(other.book.current()).isEqualTo(room.book.current());
        }
    }

    @Test
    void forgetsWhatAnotherReplicaHasDeleted() {
        accuse(fault(KEYS.get(2), FaultKind.SILENT, node(VICTIM)));
        awaitScore(room, VICTIM, 1);
        room.jdbc.update("DELETE FROM blame_evidence");

        room.book.refresh();

        assertThat(room.book.current().isClean()).isTrue();
    }

    @Test
    void ignoresEvidenceOfAKindThatOnlyANewerReplicaKnows() {
        accuse(fault(KEYS.get(2), FaultKind.SILENT, node(VICTIM)));
        room.jdbc.update("""
                INSERT INTO blame_evidence (subject, reason, weight, at, route)
                SELECT subject, 'RUDE', 1, at, route FROM blame_evidence""");

        room.book.refresh();

        assertThat(room.book.current().scoreOf(VICTIM)).isEqualTo(1, within(EXACT));
    }

    @Test
    void keepsLittleOfWhatOneAccuserSaysOfOneSubject() {
        for (int i = 0; i < 20; i++) {
            accuse(fault(KEYS.get(2), FaultKind.SILENT, node(VICTIM)));
        }

        assertThat(rows("true")).isEqualTo(EvidenceTable.MOST_PER_PAIR);
        awaitScore(room, VICTIM, 2);
    }

    @Test
    void manyWeakAccusationsDoNotPushOutAStrongOne() {
        accuse(fault(KEYS.get(299), FaultKind.SILENT, node(VICTIM)));
        clock.advance(Duration.ofSeconds(10));
        for (int accuser = 2; accuser < 2 + EvidenceTable.MOST_PER_SUBJECT + 20; accuser++) {
            accuse(fault(KEYS.get(accuser), FaultKind.PROBE_UNANSWERED, node(VICTIM), node(BYSTANDER)));
        }

        assertThat(rows("subject = ?", (Object) VICTIM.bytes())).isEqualTo(EvidenceTable.MOST_PER_SUBJECT);
        assertThat(rows("reason = 'SILENT'")).isEqualTo(1);
    }

    @Test
    void keepsBoundedEvidenceOfOneAccuserAgainstMany() {
        Set<Subject> many =
                IntStream.range(3, 3 + 280).mapToObj(i -> node(KEYS.get(i))).collect(Collectors.toSet());
        accuse(new RouteFault(RouteUid.random(random), Optional.of(KEYS.get(2)), FaultKind.SILENT, many));

        assertThat(rows("accuser = ?", (Object) KEYS.get(2).bytes())).isEqualTo(EvidenceTable.MOST_PER_ACCUSER);
        await().atMost(PATIENCE).until(() -> room.book.current().nodes().size() == EvidenceTable.MOST_PER_ACCUSER);
    }

    @Test
    void sweepsWhatHasBecomeMeaninglessAndNoSooner() {
        accuse(fault(KEYS.get(2), FaultKind.SILENT, node(VICTIM)));
        clock.advance(HALF_LIFE.multipliedBy(11));
        room.book.refresh();
        assertThat(rows("true")).isEqualTo(1);

        clock.advance(HALF_LIFE.multipliedBy(2));
        room.book.refresh();

        assertThat(rows("true")).isZero();
        assertThat(room.book.current().isClean()).isTrue();
    }

    @Test
    void sweepsWhatCountsLeastWhenThereIsTooMuchAltogether() {
        accuse(fault(KEYS.get(2), FaultKind.SILENT, node(VICTIM)));
        for (int i = 0; i < 5; i++) {
            accuse(fault(KEYS.get(3 + i), FaultKind.NUMBER_TAKEN, node(BYSTANDER)));
        }

        try (BlameRoom small = replica(3)) {
            small.book.refresh();
            assertThat(rows("true")).isEqualTo(3);
            assertThat(rows("reason = 'SILENT'")).isEqualTo(1);
        }
    }

    @Test
    void oneSweepDeletesOnlySoMuch() {
        for (int i = 0; i < 4; i++) {
            accuse(fault(KEYS.get(3 + i), FaultKind.SILENT, node(VICTIM)));
        }

        assertThat(room.table.sweep(clock.instant().plusSeconds(1), 3)).isEqualTo(3);
        assertThat(rows("true")).isEqualTo(1);
    }

    @Test
    void goesOnDecayingWithoutTheDatabaseAndCountsWhatItLoses() {
        accuse(fault(KEYS.get(2), FaultKind.SILENT, node(VICTIM)));
        awaitScore(room, VICTIM, 1);
        room.close();
        clock.advance(HALF_LIFE);

        room.book.on(fault(KEYS.get(3), FaultKind.SILENT, node(VICTIM)));

        await().atMost(PATIENCE)
                .until(() ->
                        room.meters.counter("skywire.blame.evidence.dropped").count() == 1);
        awaitScore(room, VICTIM, 0.5);
    }

    @Test
    void showsHowManyAreBlamed() {
        accuse(fault(KEYS.get(2), FaultKind.SILENT, node(VICTIM), node(BYSTANDER)));
        awaitScore(room, BYSTANDER, 1);

        assertThat(room.meters
                        .get("skywire.blame.subjects")
                        .tag("kind", "node")
                        .gauge()
                        .value())
                .isEqualTo(2);
        assertThat(room.meters
                        .get("skywire.blame.subjects")
                        .tag("kind", "transport")
                        .gauge()
                        .value())
                .isZero();
    }

    // --- for staff

    @Test
    void showsANodeWithItsTransportsItsEvidenceAndNoWholeKeyOfAnAccuser() {
        PublicKey accuser = KEYS.get(2);
        accuse(fault(accuser, FaultKind.SILENT, node(VICTIM)));
        accuse(fault(accuser, FaultKind.TRANSPORT_LOST, transport(BYSTANDER, VICTIM)));
        accuse(fault(accuser, FaultKind.SILENT, node(BYSTANDER)));
        awaitScore(room, BYSTANDER, 1);
        clock.advance(HALF_LIFE);

        BlameJson shown = room.controller.blamed(Optional.of(VICTIM.hex()), Optional.empty(), 50);

        assertThat(shown.halfLifeSeconds()).isEqualTo(300);
        assertThat(shown.subjects())
                .extracting(SubjectJson::kind, SubjectJson::id)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("node", VICTIM.hex()),
                        org.assertj.core.groups.Tuple.tuple(
                                "transport", transport(VICTIM, BYSTANDER).id().toString()));
        assertThat(shown.subjects()).allSatisfy(subject -> {
            assertThat(subject.score()).isEqualTo(0.5, within(EXACT));
            assertThat(subject.evidence()).singleElement().satisfies(evidence -> {
                assertThat(evidence.accuser()).isEqualTo(accuser.shortHex());
                assertThat(evidence.weight()).isEqualTo(1);
                assertThat(evidence.counts()).isEqualTo(0.5, within(EXACT));
            });
        });
        assertThat(shown.toString()).doesNotContain(accuser.hex());
    }

    @Test
    void showsTheMostBlamedFirstAndOnlySoMany() {
        accuse(fault(KEYS.get(2), FaultKind.NUMBER_TAKEN, node(BYSTANDER)));
        accuse(fault(KEYS.get(2), FaultKind.SILENT, node(VICTIM)));
        awaitScore(room, VICTIM, 1);

        assertThat(room.controller
                        .blamed(Optional.empty(), Optional.empty(), 50)
                        .subjects())
                .extracting(SubjectJson::id)
                .containsExactly(VICTIM.hex(), BYSTANDER.hex());
        assertThat(room.controller.blamed(Optional.empty(), Optional.empty(), 1).subjects())
                .hasSize(1);
    }

    @Test
    void findsATransportByItsId() {
        Subject.Transport blamed = transport(VICTIM, BYSTANDER);
        accuse(fault(KEYS.get(2), FaultKind.TRANSPORT_LOST, blamed));
        accuse(fault(KEYS.get(2), FaultKind.SILENT, node(VICTIM)));
        awaitScore(room, VICTIM, 1);

        assertThat(room.controller
                        .blamed(Optional.empty(), Optional.of(blamed.id().toString()), 50)
                        .subjects())
                .extracting(SubjectJson::id)
                .containsExactly(blamed.id().toString());
    }

    @Test
    void refusesToLookForWhatIsNoKey() {
        assertThatThrownBy(() -> room.controller.blamed(Optional.of("nobody"), Optional.empty(), 50))
                .isInstanceOf(ResponseStatusException.class)
                .hasMessageContaining("400")
                .hasMessageContaining("node");
    }
}
