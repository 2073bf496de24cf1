package io.skywire.node.transport;

import io.skywire.node.wire.FrameBuilder;
import io.skywire.shared.packet.PacketLayout;

/// Whole packets of one route, first in, first out, in one array that is used in a circle and grows by doubling. Each
/// packet's own header tells its length. The array is on loan from a [RingArrays]. Not thread-safe.
final class PacketRing {
    private static final byte[] NONE = {};

    private final RingArrays arrays;
    private byte[] ring = NONE;
    private int head;
    private int bytes;

    PacketRing(RingArrays arrays) {
        this.arrays = arrays;
    }

    int bytes() {
        return bytes;
    }

    void add(byte[] packet, int offset, int length) {
        if (bytes + length > ring.length) {
            grow(bytes + length);
        }
        int at = (head + bytes) & (ring.length - 1);
        int first = Math.min(length, ring.length - at);
        System.arraycopy(packet, offset, ring, at, first);
        System.arraycopy(packet, offset + first, ring, 0, length - first);
        bytes += length;
    }

    /// The length of the first packet; there must be one.
    int firstLength() {
        int mask = ring.length - 1;
        int high = ring[(head + PacketLayout.LENGTH_OFFSET) & mask] & 0xff;
        int low = ring[(head + PacketLayout.LENGTH_OFFSET + 1) & mask] & 0xff;
        return PacketLayout.HEADER_LENGTH + (high << 8 | low);
    }

    /// Moves the first packet into the frame, where it must fit.
    void moveFirstTo(FrameBuilder frame) {
        int length = firstLength();
        int at = frame.claim(length);
        copyOut(frame.array(), at, length);
        dropFirst();
    }

    /// Forgets the first packet; answers its length.
    int dropFirst() {
        int length = firstLength();
        head = (head + length) & (ring.length - 1);
        bytes -= length;
        return length;
    }

    /// Gives the array back; no packet may be left. The ring may be used again.
    void release() {
        if (bytes > 0) {
            throw new IllegalStateException(bytes + " bytes still wait");
        }
        if (ring.length > 0) {
            arrays.give(ring);
        }
        ring = NONE;
        head = 0;
    }

    private void grow(int need) {
        byte[] larger = arrays.take(need);
        byte[] before = ring;
        if (bytes > 0) {
            copyOut(larger, 0, bytes);
        }
        ring = larger;
        head = 0;
        if (before.length > 0) {
            arrays.give(before);
        }
    }

    private void copyOut(byte[] target, int at, int length) {
        int first = Math.min(length, ring.length - head);
        System.arraycopy(ring, head, target, at, first);
        System.arraycopy(ring, 0, target, at + first, length - first);
    }
}
