package io.skywire.node.router;

import java.util.Collection;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The rules of one ingress transport by route id: an open-addressing table, immutable once it is a port's. Readers
/// never lock (I11).
final class Slots {
    static final Slots EMPTY = new Slots(new int[1], new @Nullable Entry[1], 0);

    private static final int LEAST = 4;

    private final int[] ids;
    private final @Nullable Entry[] entries;
    private final int mask;
    private int size; // changes in a draft only

    private Slots(int[] ids, @Nullable Entry[] entries, int size) {
        this.ids = ids;
        this.entries = entries;
        this.mask = ids.length - 1;
        this.size = size;
    }

    /// The next table of a port while somebody writes it. What it costs is a copy of two arrays, made when something
    /// changes, and the changes. Not thread-safe.
    static final class Draft {
        private final Slots before;
        private Slots now;

        Draft(Slots before) {
            this.before = before;
            this.now = before;
        }

        @Nullable
        Entry get(int id) {
            return now.find(id);
        }

        /// `id` must be free.
        void put(int id, Entry entry) {
            int capacity = capacityFor(now.size + 1);
            if (capacity > now.places()) {
                now = now.moved(capacity);
            } else if (now == before) {
                now = now.copy();
            }
            now.put(id, entry);
        }

        /// What was there.
        @Nullable
        Entry remove(int id) {
            if (now == before && now.find(id) != null) {
                now = now.copy();
            }
            return now.remove(id);
        }

        /// The table as it is now; the draft is not written to after that.
        Slots done() {
            if (now.size == 0) {
                return EMPTY;
            }
            int capacity = capacityFor(now.size);
            return now.places() > 4 * capacity ? now.moved(capacity) : now;
        }
    }

    /// At most half full, so that a probe ends soon even for ids that a neighbour invents.
    private static int capacityFor(int size) {
        return Math.max(LEAST, Integer.highestOneBit(size * 2 - 1) * 2);
    }

    private Slots copy() {
        return new Slots(ids.clone(), entries.clone(), size);
    }

    private Slots moved(int capacity) {
        Slots next = new Slots(new int[capacity], new @Nullable Entry[capacity], 0);
        for (int at = 0; at < entries.length; at++) {
            Entry entry = entries[at];
            if (entry != null) {
                next.put(ids[at], entry);
            }
        }
        return next;
    }

    private void put(int id, Entry entry) {
        int at = placeOf(id);
        ids[at] = id;
        entries[at] = entry;
        size++;
    }

    private @Nullable Entry remove(int id) {
        int hole = placeOf(id);
        Entry gone = entries[hole];
        if (gone == null) {
            return null;
        }
        // Who stands behind moves up unless its own place lies behind the hole: a probe must meet no gap on its way.
        for (int at = (hole + 1) & mask; entries[at] != null; at = (at + 1) & mask) {
            if (((at - home(ids[at])) & mask) >= ((at - hole) & mask)) {
                ids[hole] = ids[at];
                entries[hole] = entries[at];
                hole = at;
            }
        }
        entries[hole] = null;
        size--;
        return gone;
    }

    /// Where that id stands, or would.
    private int placeOf(int id) {
        int at = home(id);
        while (entries[at] != null && ids[at] != id) {
            at = (at + 1) & mask;
        }
        return at;
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

    void addTo(Collection<Entry> all) {
        forEach(all::add);
    }

    private int home(int id) {
        return (id * 0x9E3779B9 >>> 7) & mask;
    }
}
