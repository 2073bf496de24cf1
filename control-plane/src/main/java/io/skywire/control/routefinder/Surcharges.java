package io.skywire.control.routefinder;

import io.skywire.control.blame.BlameSnapshot;
import io.skywire.control.topology.Topology;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntUnaryOperator;
import java.util.stream.LongStream;

/// What blame adds to the ways through one snapshot, by the numbers of its nodes and transports. Immutable: made once
/// for a snapshot and the scores of a moment, then shared by all searches.
///
/// A search asks for every lane it opens, and nearly all are clean: one bit says whether a node is blamed or an end
/// of a blamed transport. Only behind that bit are numbers looked up.
final class Surcharges {
    private final Topology topology;
    private final BlameSnapshot blame;
    private final BitSet touched = new BitSet();
    private final Column nodes;
    private final Column transports;

    private Surcharges(Topology topology, BlameSnapshot blame) {
        this.topology = topology;
        this.blame = blame;
        nodes = Column.of(blame.nodes().entrySet().stream()
                .flatMapToLong(entry -> topology.find(entry.getKey()).stream()
                        .mapToLong(number -> Column.row(number, BlameCost.surcharge(entry.getValue())))));
        transports = Column.of(blame.transports().entrySet().stream()
                .flatMapToLong(entry -> topology.find(entry.getKey()).stream()
                        .mapToLong(number -> Column.row(number, BlameCost.surcharge(entry.getValue())))));
        for (int node : nodes.numbers) {
            touched.set(node);
        }
        for (int transport : transports.numbers) {
            touched.set(topology.lower(transport));
            touched.set(topology.higher(transport));
        }
    }

    static Surcharges of(Topology topology, BlameSnapshot blame) {
        return new Surcharges(topology, blame);
    }

    /// Whether these are the surcharges of this snapshot and these scores.
    boolean areOf(Topology other, BlameSnapshot scores) {
        return topology == other && blame == scores;
    }

    /// Whether nothing that is up is blamed.
    boolean areNone() {
        return touched.isEmpty();
    }

    /// Whether a lane between these nodes may cost more; false for nearly all.
    boolean touch(int node, int to) {
        return touched.get(node) || touched.get(to);
    }

    /// In microseconds, always even.
    int ofNode(int node) {
        return nodes.get(node);
    }

    /// In microseconds.
    int ofTransport(int transport) {
        return transports.get(transport);
    }

    int[] blamedNodes() {
        return nodes.numbers.clone();
    }

    int[] blamedTransports() {
        return transports.numbers.clone();
    }

    /// Numbers in order, and what stands beside each.
    private record Column(int[] numbers, int[] values) {
        static long row(int number, int value) {
            return (long) number << 32 | value;
        }

        static Column of(LongStream rows) {
            long[] sorted = rows.filter(row -> (int) row > 0).sorted().toArray();
            return new Column(part(sorted, i -> (int) (sorted[i] >>> 32)), part(sorted, i -> (int) sorted[i]));
        }

        private static int[] part(long[] rows, IntUnaryOperator part) {
            int[] values = new int[rows.length];
            Arrays.setAll(values, part);
            return values;
        }

        int get(int number) {
            int at = Arrays.binarySearch(numbers, number);
            return at < 0 ? 0 : values[at];
        }
    }
}
