package io.skywire.shared.rule;

import java.util.random.RandomGenerator;

/// The number that a packet of a route carries on one transport, in one direction: an unsigned 32-bit value that means
/// something only to the node that receives it there. 0 is [#LINK], the link itself.
public record RouteId(int bits) {
    public static final RouteId LINK = new RouteId(0);

    /// A random id other than 0. Random, so that a neighbour cannot guess its way into a route.
    public static RouteId random(RandomGenerator random) {
        int bits = random.nextInt();
        while (bits == 0) {
            bits = random.nextInt();
        }
        return new RouteId(bits);
    }

    public long value() {
        return Integer.toUnsignedLong(bits);
    }

    @Override
    public String toString() {
        return Integer.toUnsignedString(bits);
    }
}
