package io.skywire.control.setup;

import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// How long each node usually takes to acknowledge its rules, learned as TCP learns round trips (Jacobson and Karels,
/// RFC 6298), and so how long to wait for it. Bounded: who was not asked for the longest time is forgotten. Pure but
/// for what it has learned; safe for any thread.
///
/// | heard | smoothed `s` | deviation `d` | patience |
/// |---|---|---|---|
/// | nothing yet | – | – | the whole node timeout |
/// | first answer after `t` | t | t/2 | s + 4d |
/// | answer after `t` | 7/8 s + 1/8 t | 3/4 d + 1/4 \|s − t\| | s + 4d |
/// | no answer within the patience | as before | as before | twice as long, until the next answer |
///
/// The patience is never below the floor nor above the whole node timeout. Late answers teach as well.
final class AckTimes {
    private static final int MOST_DOUBLINGS = 10;
    private static final int DEVIATIONS = 4;

    private final Duration floor;
    private final Duration whole;
    private final Map<PublicKey, Learned> nodes;

    /// What was heard of one node. At most one question is timed at once, the oldest without an answer.
    private static final class Learned {
        private double smoothed = -1;
        private double deviation;
        private int doublings;
        private long acknowledged;
        private long asked;
        private Instant askedAt = Instant.MIN;
    }

    /// @param floor the least patience
    /// @param whole the most, and what a node gets of which nothing is known
    /// @param most how many nodes are remembered
    AckTimes(Duration floor, Duration whole, int most) {
        this.floor = floor.compareTo(whole) < 0 ? floor : whole;
        this.whole = whole;
        this.nodes = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<PublicKey, Learned> eldest) {
                return size() > most;
            }
        };
    }

    /// The node is told of `revision` now.
    synchronized void asked(PublicKey node, long revision, Instant at) {
        Learned learned = nodes.computeIfAbsent(node, key -> new Learned());
        if (learned.asked <= learned.acknowledged && revision > learned.acknowledged) {
            learned.asked = revision;
            learned.askedAt = at;
        }
    }

    /// The node holds `revision` now.
    synchronized void acknowledged(PublicKey node, long revision, Instant at) {
        Learned learned = nodes.get(node);
        if (learned == null) {
            return;
        }
        if (learned.asked > learned.acknowledged && revision >= learned.asked) {
            learn(learned, Duration.between(learned.askedAt, at));
        }
        learned.acknowledged = Math.max(learned.acknowledged, revision);
    }

    private void learn(Learned learned, Duration took) {
        double sample = Math.clamp(took.toNanos(), 0, whole.toNanos());
        if (learned.smoothed < 0) {
            learned.smoothed = sample;
            learned.deviation = sample / 2;
        } else {
            learned.deviation += (Math.abs(learned.smoothed - sample) - learned.deviation) / 4;
            learned.smoothed += (sample - learned.smoothed) / 8;
        }
        learned.doublings = 0;
    }

    /// The node did not answer within its patience.
    synchronized void silent(PublicKey node) {
        Learned learned = nodes.get(node);
        if (learned != null) {
            learned.doublings = Math.min(learned.doublings + 1, MOST_DOUBLINGS);
        }
    }

    /// How long to wait for the node's answer.
    synchronized Duration patience(PublicKey node) {
        Learned learned = nodes.get(node);
        if (learned == null || learned.smoothed < 0) {
            return whole;
        }
        double least = Math.max(learned.smoothed + DEVIATIONS * learned.deviation, floor.toNanos());
        double doubled = least * (1L << learned.doublings);
        return doubled >= whole.toNanos() ? whole : Duration.ofNanos((long) doubled);
    }

    /// Whether the node is known to have said nothing of `revision` or a later one. One that was forgotten is not.
    synchronized boolean isMissing(PublicKey node, long revision) {
        Learned learned = nodes.get(node);
        return learned != null && learned.acknowledged < revision;
    }
}
