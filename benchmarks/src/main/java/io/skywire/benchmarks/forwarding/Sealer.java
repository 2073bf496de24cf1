package io.skywire.benchmarks.forwarding;

/// Seals one frame after the other, from one array into another.
@FunctionalInterface
interface Sealer {
    /// Writes the sealed bytes and answers how many.
    int seal(byte[] plain, int offset, int length, byte[] target, int targetOffset);
}
