package io.skywire.node.router;

import java.util.Collection;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The rules of one ingress transport by route id: an immutable open-addressing table. Readers never lock (I11).
final class Slots {
    static final Slots EMPTY = new Slots(1, 0);

    private final int[] ids;
    private final @Nullable Entry[] entries;
    private final int mask;
    private final int size;

    private Slots(int capacity, int size) {
        this.ids = new int[capacity];
        this.entries = new @Nullable Entry[capacity];
        this.mask = capacity - 1;
        this.size = size;
    }

    /// At most half full, so that a probe ends soon even for ids that a neighbour invents.
    static Slots of(Map<Integer, Entry> byId) {
        int capacity = Math.max(4, Integer.highestOneBit(Math.max(1, byId.size()) * 2 - 1) * 2);
        Slots slots = new Slots(capacity, byId.size());
        byId.forEach(slots::put);
        return slots;
    }

    private void put(int id, Entry entry) {
        int at = home(id);
        while (entries[at] != null) {
            at = (at + 1) & mask;
        }
        ids[at] = id;
        entries[at] = entry;
    }

    @Nullable
    Entry find(int id) {
        int at = home(id);
        while (true) {
            Entry entry = entries[at];
            if (entry == null || ids[at] == id) {
                return entry;
            }
            at = (at + 1) & mask;
        }
    }

    /// How many places there are, taken or not; for [#at].
    int places() {
        return entries.length;
    }

    @Nullable
    Entry at(int place) {
        return entries[place];
    }

    int size() {
        return size;
    }

    void forEach(Consumer<Entry> action) {
        for (Entry entry : entries) {
            if (entry != null) {
                action.accept(entry);
            }
        }
    }

    void copyTo(Map<Integer, Entry> byId) {
        for (int at = 0; at < entries.length; at++) {
            Entry entry = entries[at];
            if (entry != null) {
                byId.put(ids[at], entry);
            }
        }
    }

    void addTo(Collection<Entry> all) {
        forEach(all::add);
    }

    private int home(int id) {
        return (id * 0x9E3779B9 >>> 7) & mask;
    }
}
