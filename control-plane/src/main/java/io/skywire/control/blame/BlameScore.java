package io.skywire.control.blame;

import io.skywire.control.blame.FaultKind.Testimony;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How evidence against one subject adds up. Pure: the same evidence and instant give the same score.
///
/// The unit is one fresh failure. Evidence of weight w counts w × 2^(-age ÷ halfLife), and pours into three vessels
/// that leak at that rate and run over: what the accuser has said (`wordCap`), the accuser altogether (`accuserCap`),
/// and the score (`cap`). What runs over is gone, so that a thousand reports are forgotten as fast as the few that
/// filled the vessel. It follows that
/// - one accuser, whatever it does, raises a score by at most `accuserCap`, and by its word alone by at most `wordCap`;
/// - without new evidence a score halves in each half-life, whatever was before.
///
/// @param halfLife above zero
/// @param wordCap at most `accuserCap`
/// @param accuserCap at most `cap`
record BlameScore(Duration halfLife, double wordCap, double accuserCap, double cap) {
    /// Below this a subject is clean.
    static final double NEGLIGIBLE = 0.01;

    BlameScore {
        if (!halfLife.isPositive()) {
            throw new IllegalArgumentException("a half-life must be above zero, not " + halfLife);
        }
        if (!(0 < wordCap && wordCap <= accuserCap && accuserCap <= cap && cap <= 1000)) {
            throw new IllegalArgumentException("caps must grow, 0 < word <= accuser <= all <= 1000, not " + wordCap
                    + ", " + accuserCap + ", " + cap);
        }
    }

    /// The score at `now`, 0 to `cap`; 0 if it is [#NEGLIGIBLE]. Evidence from the future counts as fresh: clocks of
    /// replicas differ.
    double at(Instant now, Collection<Evidence> evidence) {
        List<Evidence> inOrder = evidence.stream().sorted(Evidence.IN_ORDER).toList();
        Vessel score = new Vessel(cap);
        Map<Optional<PublicKey>, Accuser> accusers = new HashMap<>();
        for (Evidence one : inOrder) {
            Accuser accuser = accusers.computeIfAbsent(one.accuser(), who -> new Accuser());
            score.pour(accuser.credible(one), one.at());
        }
        double level = score.level(now);
        return level < NEGLIGIBLE ? 0 : level;
    }

    /// What the weight still counts at `now`, from 0 to 1.
    double fading(Instant at, Instant now) {
        double age = Math.max(0, Duration.between(at, now).toMillis());
        return Math.exp(-Math.log(2) * age / halfLife.toMillis());
    }

    /// What an accuser has brought forward already.
    private final class Accuser {
        private final Vessel said = new Vessel(wordCap);
        private final Vessel altogether = new Vessel(accuserCap);

        /// How much of this evidence is new enough to count.
        double credible(Evidence evidence) {
            double room = Math.min(evidence.weight(), altogether.room(evidence.at()));
            double counts =
                    evidence.kind().testimony() == Testimony.SAID ? Math.min(room, said.room(evidence.at())) : room;
            if (evidence.kind().testimony() == Testimony.SAID) {
                said.pour(counts, evidence.at());
            }
            altogether.pour(counts, evidence.at());
            return counts;
        }
    }

    /// A level that leaks with the half-life and never passes its brim. Instants never go back.
    private final class Vessel {
        private final double brim;
        private double level;
        private Instant since = Instant.MIN;

        Vessel(double brim) {
            this.brim = brim;
        }

        double level(Instant now) {
            return level == 0 ? 0 : level * fading(since, now);
        }

        double room(Instant now) {
            return brim - level(now);
        }

        void pour(double amount, Instant now) {
            level = Math.min(brim, level(now) + amount);
            since = now;
        }
    }
}
