package io.skywire.node.letters;

/// Whole letters, first in, first out, in one array that is used in a circle and grows by doubling, as far as the
/// [Workspace] has room. Not thread-safe.
final class LetterRing {
    private static final int FIRST_CAPACITY = 4 * 1024;
    private static final byte[] NONE = new byte[0];

    private final Workspace workspace;
    private byte[] ring = NONE;
    private int head;
    private int bytes;

    LetterRing(Workspace workspace) {
        this.workspace = workspace;
    }

    int bytes() {
        return bytes;
    }

    boolean add(byte[] letter, int offset, int length) {
        if (bytes + length > ring.length && !grow(bytes + length)) {
            return false;
        }
        int at = (head + bytes) & (ring.length - 1);
        int first = Math.min(length, ring.length - at);
        System.arraycopy(letter, offset, ring, at, first);
        System.arraycopy(letter, offset + first, ring, 0, length - first);
        bytes += length;
        return true;
    }

    /// The length of the first letter; there must be one.
    int firstLength() {
        int headLength = LetterLayout.isAddressed(ring[head]) ? LetterLayout.HEAD : LetterLayout.OWN_HEAD;
        int mask = ring.length - 1;
        int high = ring[(head + headLength - 2) & mask] & 0xff;
        int low = ring[(head + headLength - 1) & mask] & 0xff;
        return headLength + (high << 8 | low);
    }

    void moveFirstTo(byte[] target, int at, int length) {
        copyOut(target, at, length);
        drop(length);
    }

    void drop(int length) {
        head = (head + length) & (ring.length - 1);
        bytes -= length;
    }

    /// Forgets all and gives back the room.
    void close() {
        workspace.release(ring.length);
        ring = NONE;
        head = 0;
        bytes = 0;
    }

    private boolean grow(int need) {
        int capacity = Math.max(FIRST_CAPACITY, Integer.highestOneBit(need - 1) << 1);
        if (!workspace.reserve(capacity - ring.length)) {
            return false;
        }
        byte[] larger = new byte[capacity];
        copyOut(larger, 0, bytes);
        ring = larger;
        head = 0;
        return true;
    }

    private void copyOut(byte[] target, int at, int length) {
        int first = Math.min(length, ring.length - head);
        System.arraycopy(ring, head, target, at, first);
        System.arraycopy(ring, 0, target, at + first, length - first);
    }
}
