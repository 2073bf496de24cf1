package io.skywire.control.blame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// How evidence adds up and fades; the properties hold for thousands of random sequences, a failure names its seed.
final class BlameScoreTest {
    private static final Duration HALF_LIFE = Duration.ofMinutes(5);
    private static final double WORD_CAP = 0.5;
    private static final double ACCUSER_CAP = 2;
    private static final double CAP = 4;
    private static final double EXACT = 1e-6;
    private static final int RUNS = 5_000;
    private static final List<PublicKey> KEYS =
            TestKeys.pairs(9, 31).stream().map(KeyPair::publicKey).toList();
    private static final Subject VICTIM = new Subject.Node(KEYS.getLast());

    private final BlameScore score = new BlameScore(HALF_LIFE, WORD_CAP, ACCUSER_CAP, CAP);
    private final Instant start = Instant.parse("2026-11-22T12:00:00Z");
    private final List<Evidence> evidence = new ArrayList<>();
    private Instant now = start;

    private void accuse(int accuser, FaultKind kind) {
        evidence.add(evidence(evidence.size() + 1, Optional.of(KEYS.get(accuser)), kind, now));
    }

    private static Evidence evidence(long id, Optional<PublicKey> accuser, FaultKind kind, Instant at) {
        return new Evidence(
                id, VICTIM, accuser, kind, kind.weightOfEach(1), at, RouteUid.random(new SplittableRandom(id)));
    }

    private double score() {
        return score.at(now, evidence);
    }

    @Test
    void whoNobodyAccusesIsClean() {
        assertThat(score()).isZero();
    }

    @Test
    void oneFreshFailureIsOne() {
        accuse(0, FaultKind.SILENT);

        assertThat(score()).isEqualTo(1.0, within(EXACT));
    }

    @Test
    void halvesInEachHalfLife() {
        accuse(0, FaultKind.SILENT);

        now = start.plus(HALF_LIFE);
        assertThat(score()).isEqualTo(0.5, within(EXACT));
        now = start.plus(HALF_LIFE.multipliedBy(3));
        assertThat(score()).isEqualTo(0.125, within(EXACT));
    }

    @Test
    void isCleanAgainWhenNothingWorthMentioningIsLeft() {
        accuse(0, FaultKind.SILENT);

        now = start.plus(HALF_LIFE.multipliedBy(7));
        assertThat(score()).isZero();
    }

    @Test
    void takesLaterEvidenceForFreshBecauseClocksDiffer() {
        accuse(0, FaultKind.SILENT);

        now = start.minusSeconds(30);
        assertThat(score()).isEqualTo(1.0, within(EXACT));
    }

    @Test
    void anInitiatorsWordAloneCountsLittleHoweverOftenItIsGiven() {
        for (int i = 0; i < 1_000; i++) {
            accuse(0, FaultKind.PROBE_UNANSWERED);
        }

        assertThat(score()).isEqualTo(WORD_CAP, within(EXACT));
    }

    @Test
    void initiatorsThatAgreeCountTogether() {
        for (int initiator = 0; initiator < 3; initiator++) {
            for (int i = 0; i < 10; i++) {
                accuse(initiator, FaultKind.PROBE_UNANSWERED);
            }
        }

        assertThat(score()).isEqualTo(3 * WORD_CAP, within(EXACT));
    }

    @Test
    void whatWasSeenCountsBesideTheAccusersWord() {
        accuse(0, FaultKind.PROBE_UNANSWERED);
        accuse(0, FaultKind.SILENT);

        assertThat(score()).isEqualTo(1.5, within(EXACT));
    }

    @Test
    void aThousandReportsAreForgottenAsFastAsAFew() {
        for (int i = 0; i < 1_000; i++) {
            accuse(i % 8, FaultKind.REFUSED);
        }
        assertThat(score()).isEqualTo(CAP, within(EXACT));

        now = start.plus(HALF_LIFE);
        assertThat(score()).isEqualTo(CAP / 2, within(EXACT));
    }

    @Test
    void sharesWhatOnlyOneOfSeveralCanHaveDone() {
        assertThat(FaultKind.PROBE_UNANSWERED.weightOfEach(5)).isEqualTo(0.1, within(EXACT));
        assertThat(FaultKind.SILENT.weightOfEach(5)).isEqualTo(1.0, within(EXACT));
    }

    @Test
    void noSequenceOfReportsOfOneAccuserRaisesAScoreAboveItsCap() {
        for (long seed = 0; seed < RUNS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Evidence> accused = random(random, 1 + random.nextInt(60), 1);
            boolean onlySaid = accused.stream().allMatch(one -> one.kind() == FaultKind.PROBE_UNANSWERED);
            for (Evidence one : accused) {
                assertThat(score.at(one.at(), accused.subList(0, accused.indexOf(one) + 1)))
                        .as("seed " + seed)
                        .isBetween(0.0, (onlySaid ? WORD_CAP : ACCUSER_CAP) + EXACT);
            }
        }
    }

    @Test
    void oneAccuserMoreRaisesAScoreByItsCapAtMostAndNeverLowersIt() {
        for (long seed = 0; seed < RUNS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Evidence> all = random(random, 1 + random.nextInt(80), 4);
            PublicKey one = KEYS.getFirst();
            List<Evidence> without = all.stream()
                    .filter(evidence -> !evidence.accuser().equals(Optional.of(one)))
                    .toList();
            Instant when = all.getLast().at().plusSeconds(random.nextInt(1_000));

            double more = score.at(when, all) - score.at(when, without);

            assertThat(more).as("seed " + seed).isBetween(-EXACT, ACCUSER_CAP + BlameScore.NEGLIGIBLE + EXACT);
        }
    }

    @Test
    void staysWithinItsCapAndHalvesFromWhereverItIs() {
        for (long seed = 0; seed < RUNS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Evidence> all = random(random, 1 + random.nextInt(80), 8);
            Instant when = all.getLast().at().plusSeconds(random.nextInt(100));

            double level = score.at(when, all);

            assertThat(level).as("seed " + seed).isBetween(0.0, CAP + EXACT);
            if (level > 4 * BlameScore.NEGLIGIBLE) {
                assertThat(score.at(when.plus(HALF_LIFE), all))
                        .as("seed " + seed)
                        .isEqualTo(level / 2, within(EXACT));
            }
        }
    }

    @Test
    void doesNotDependOnTheOrderInWhichEvidenceIsRead() {
        for (long seed = 0; seed < RUNS / 5; seed++) {
            List<Evidence> all = random(new SplittableRandom(seed), 40, 5);
            List<Evidence> shuffled = new ArrayList<>(all);
            Collections.shuffle(shuffled, new Random(seed));
            Instant when = all.getLast().at();

            assertThat(score.at(when, shuffled)).as("seed " + seed).isEqualTo(score.at(when, all));
        }
    }

    @Test
    void refusesCapsThatDoNotGrow() {
        assertThatThrownBy(() -> new BlameScore(HALF_LIFE, 3, 2, 4)).hasMessageContaining("caps must grow");
        assertThatThrownBy(() -> new BlameScore(Duration.ZERO, 0.5, 2, 4)).hasMessageContaining("half-life");
    }

    /// Evidence in the order of its time, in bursts and with gaps.
    private List<Evidence> random(SplittableRandom random, int count, int accusers) {
        FaultKind[] kinds = random.nextInt(4) == 0 ? new FaultKind[] {FaultKind.PROBE_UNANSWERED} : FaultKind.values();
        List<Evidence> all = new ArrayList<>();
        Instant at = start;
        for (int id = 1; id <= count; id++) {
            at = random.nextInt(3) == 0 ? at.plusSeconds(random.nextInt(600)) : at;
            int accuser = random.nextInt(accusers);
            Optional<PublicKey> who = accusers > 1 && accuser == 1 ? Optional.empty() : Optional.of(KEYS.get(accuser));
            all.add(evidence(id, who, kinds[random.nextInt(kinds.length)], at));
        }
        return all;
    }
}
