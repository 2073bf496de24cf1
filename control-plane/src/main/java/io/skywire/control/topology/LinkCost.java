package io.skywire.control.topology;

/// The price of sending over one transport, in **microseconds**: the round trip that a sender should expect there.
/// Pure: the same measurement and age give the same price. Prices add up along a route.
///
/// ```
/// measured = roundTrip / (1 - loss) / (1 - load) + HOP       loss and load count up to 0.95
/// doubted  = max(measured, UNMEASURED)
/// price    = c * measured + (1 - c) * doubted                c = 2^(-max(0, age - TRUSTED) / HALF_LIFE)
/// ```
/// A lost packet is sent again; a loaded transport makes packets queue (as in an M/M/1 queue); every hop costs
/// something, so that fewer hops win among equals. Nodes report real change at once and a steady link every ten
/// minutes, so a measurement counts in full for [#TRUSTED_SECONDS]. From then on its reporter is overdue, and it loses
/// half of its weight in [#HALF_LIFE_SECONDS]: what was good drifts to the price of what nobody has measured, and what
/// was worse than that stays worse.
public final class LinkCost {
    /// What one more hop costs, in microseconds.
    public static final int HOP = 1_000;

    /// What a transport without a measurement costs, in microseconds.
    public static final int UNMEASURED = 150_000;

    /// No price is above this, in microseconds: beyond, a transport is a last resort whatever its numbers.
    public static final int MAX = 4_000_000;

    /// For how many seconds a measurement counts in full: until the next one is overdue.
    public static final int TRUSTED_SECONDS = 900;

    /// In how many seconds the trust in a measurement halves after that.
    public static final int HALF_LIFE_SECONDS = 1_800;

    /// A new price takes effect when it differs from the old one by more than this part of it: routes must not flap.
    public static final int DEAD_BAND = 8;

    private static final double MOST = 0.95;

    private LinkCost() {}

    /// @param roundTripMicros negative while unknown
    /// @param loss 0 to 1
    /// @param load 0 to 1
    /// @param ageSeconds since the measurement; below zero counts as zero
    public static int price(long roundTripMicros, double loss, double load, long ageSeconds) {
        if (roundTripMicros < 0) {
            return UNMEASURED;
        }
        double measured = roundTripMicros / (1 - Math.min(loss, MOST)) / (1 - Math.min(load, MOST)) + HOP;
        double doubted = Math.max(measured, UNMEASURED);
        long overdue = Math.max(0, ageSeconds - TRUSTED_SECONDS);
        double confidence = Math.pow(2, -overdue / (double) HALF_LIFE_SECONDS);
        return (int) Math.min(MAX, Math.max(1, Math.round(confidence * measured + (1 - confidence) * doubted)));
    }

    /// What a price is made of, in microseconds; the parts add up to it.
    ///
    /// @param roundTrip as measured
    /// @param loss what sending lost packets again adds
    /// @param load what waiting in queues adds
    /// @param hop [#HOP]
    /// @param doubt what the age of the measurement adds, or that there is none
    public record Parts(int roundTrip, int loss, int load, int hop, int doubt) {
        public int sum() {
            return roundTrip + loss + load + hop + doubt;
        }
    }

    /// The parts of [#price] of the same arguments. Where [#MAX] cuts the price, it cuts the last parts.
    public static Parts parts(long roundTripMicros, double loss, double load, long ageSeconds) {
        int price = price(roundTripMicros, loss, load, ageSeconds);
        if (roundTripMicros < 0) {
            return new Parts(0, 0, 0, HOP, price - HOP);
        }
        double sentAgain = roundTripMicros / (1 - Math.min(loss, MOST));
        double queued = sentAgain / (1 - Math.min(load, MOST));
        int one = (int) Math.min(price, roundTripMicros);
        int two = (int) Math.min(price, Math.round(sentAgain));
        int three = (int) Math.min(price, Math.round(queued));
        int four = (int) Math.min(price, Math.round(queued) + HOP);
        return new Parts(one, two - one, three - two, four - three, price - four);
    }

    /// Hysteresis: the old price unless the fresh one has left its dead band.
    public static int settled(int old, int fresh) {
        return Math.abs((long) fresh - old) * DEAD_BAND > old ? fresh : old;
    }
}
