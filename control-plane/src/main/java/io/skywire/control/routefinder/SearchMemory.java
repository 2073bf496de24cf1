package io.skywire.control.routefinder;

/// The arrays that searches work on, kept from one search to the next. For one search at a time.
final class SearchMemory {
    final Side forward = new Side();
    final Side backward = new Side();

    /// What one direction of a search knows of the nodes it has reached.
    static final class Side {
        final StampedInts label = new StampedInts();
        final CostQueue queue = new CostQueue();
        int[] parent = {};
        int[] cursor = {};
        int[] list = {};
        int listed;

        void reset(int size) {
            label.reset(size);
            queue.clear();
            listed = 0;
            if (parent.length < size) {
                parent = new int[size + size / 8];
                cursor = new int[parent.length];
                list = new int[parent.length];
            }
        }
    }

    final Flow flow = new Flow();

    /// What the search for disjoint paths knows of the paths it has so far.
    static final class Flow {
        final StampedInts potential = new StampedInts();
        final StampedInts after = new StampedInts();
        final StampedInts before = new StampedInts();
        final StampedInts toll = new StampedInts();

        void reset(int nodes) {
            potential.reset(2 * nodes);
            after.reset(nodes);
            before.reset(nodes);
            toll.reset(2 * nodes);
        }
    }
}
