package io.skywire.control.routefinder;

/// A path with the transport of each hop, as numbers of one snapshot.
record Way(int[] nodes, int[] transports) {
    int hops() {
        return transports.length;
    }
}
