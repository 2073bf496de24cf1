package io.skywire.local.simulation.virtual;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;

/// What one run is to be like. The rest is drawn from the seed while it runs.
///
/// @param length of the troubled part; a quiet one follows, in which everything is whole again
/// @param cuts links that are reset
/// @param partitions links on which nothing passes for a while, without a word
/// @param stops nodes that go silent and start again, with nothing remembered
/// @param crashes replicas that die and come back
/// @param outages times in which every replica is gone
/// @param attacks rule deltas that no setup node meant for that node now
record Conditions(
        long seed,
        int nodes,
        int replicas,
        int setups,
        Duration length,
        Faults faults,
        int cuts,
        int partitions,
        int stops,
        int crashes,
        int outages,
        int attacks,
        Set<Flaw> flaws) {
    static final Duration QUIET = Duration.ofSeconds(25);

    /// All kinds of trouble in a proportion that the seed decides.
    static Conditions drawn(long seed) {
        Random random = new Random(seed);
        boolean lossy = random.nextInt(3) > 0;
        Faults faults = new Faults(
                lossy ? random.nextDouble() * 0.15 : 0,
                lossy ? random.nextDouble() * 0.1 : 0,
                lossy ? random.nextDouble() * 0.2 : 0,
                random.nextInt(2) * random.nextDouble() * 0.0005,
                random.nextInt(2) * random.nextDouble() * 0.01);
        return new Conditions(
                seed,
                5 + random.nextInt(5),
                1 + random.nextInt(3),
                8 + random.nextInt(8),
                Duration.ofSeconds(35),
                faults,
                random.nextInt(5),
                random.nextInt(3),
                random.nextInt(3),
                random.nextInt(4),
                random.nextInt(2),
                random.nextInt(10),
                Set.of());
    }

    /// Some of every kind of trouble, for flaws to show.
    static Conditions troubled(long seed) {
        return new Conditions(
                seed,
                7,
                3,
                14,
                Duration.ofSeconds(35),
                new Faults(0.05, 0.05, 0.05, 0, 0.005),
                3,
                1,
                1,
                4,
                1,
                8,
                Set.of());
    }

    /// Nothing goes wrong by itself: for what a test does by hand.
    static Conditions calm(long seed, int nodes, int replicas) {
        return new Conditions(
                seed, nodes, replicas, 0, Duration.ofSeconds(30), Faults.NONE, 0, 0, 0, 0, 0, 0, Set.of());
    }

    Conditions with(Faults other) {
        return new Conditions(
                seed,
                nodes,
                replicas,
                setups,
                length,
                other,
                cuts,
                partitions,
                stops,
                crashes,
                outages,
                attacks,
                flaws);
    }

    Conditions with(Flaw flaw) {
        Set<Flaw> more = flaws.isEmpty() ? EnumSet.noneOf(Flaw.class) : EnumSet.copyOf(flaws);
        more.add(flaw);
        return new Conditions(
                seed,
                nodes,
                replicas,
                setups,
                length,
                faults,
                cuts,
                partitions,
                stops,
                crashes,
                outages,
                attacks,
                more);
    }

    boolean has(Flaw flaw) {
        return flaws.contains(flaw);
    }
}
