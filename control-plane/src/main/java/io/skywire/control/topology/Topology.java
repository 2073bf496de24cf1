package io.skywire.control.topology;

import io.skywire.control.discovery.TransportUp;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// The live network at one moment: known nodes, and the transports that are up between them. Immutable.
///
/// Nodes, links and transports are numbers, so that a search runs over arrays. A *link* is one direction between two
/// neighbours; it has one or more parallel *transports*:
/// ```
///  node v ──► links    linkStart[v] … linkStart[v+1]-1       each leads to linkTo[link]
///  link   ──► lanes    laneStart[link] … laneStart[link+1]-1 each holds a transport's number
/// ```
/// Links of one node are in the order of the neighbours' numbers; lanes in the order of the transports' numbers.
/// A node that is known but has no live transport is in the picture without links. A transport from a node to itself
/// joins nothing and is left out.
public final class Topology {
    private final long version;
    private final Instant createdAt;
    private final PublicKey[] nodes;
    private final Map<PublicKey, Integer> numbers;
    private final int[] linkStart;
    private final int[] linkTo;
    private final int[] laneStart;
    private final int[] lanes;
    private final TransportUp[] transports;

    private Topology(
            long version,
            Instant createdAt,
            PublicKey[] nodes,
            Map<PublicKey, Integer> numbers,
            TransportUp[] transports,
            List<Lane> sorted) {
        this.version = version;
        this.createdAt = createdAt;
        this.nodes = nodes;
        this.numbers = numbers;
        this.transports = transports;
        int links = 0;
        for (int i = 0; i < sorted.size(); i++) {
            if (i == 0 || !sorted.get(i).sameLink(sorted.get(i - 1))) {
                links++;
            }
        }
        linkStart = new int[nodes.length + 1];
        linkTo = new int[links];
        laneStart = new int[links + 1];
        lanes = new int[sorted.size()];
        int link = -1;
        for (int i = 0; i < sorted.size(); i++) {
            Lane lane = sorted.get(i);
            if (i == 0 || !lane.sameLink(sorted.get(i - 1))) {
                link++;
                linkTo[link] = lane.to();
                laneStart[link] = i;
                linkStart[lane.from() + 1]++;
            }
            lanes[i] = lane.transport();
        }
        laneStart[links] = sorted.size();
        for (int node = 0; node < nodes.length; node++) {
            linkStart[node + 1] += linkStart[node];
        }
    }

    /// Builds a snapshot. Edges of live transports are known even if `known` does not name them.
    ///
    /// @param known the nodes to hold, each once; their place becomes their number
    public static Topology of(
            long version, Instant createdAt, Collection<PublicKey> known, Collection<TransportUp> live) {
        Map<PublicKey, Integer> numbers = HashMap.newHashMap(known.size());
        for (PublicKey node : known) {
            numbers.putIfAbsent(node, numbers.size());
        }
        TransportUp[] transports = live.toArray(TransportUp[]::new);
        List<Lane> lanes = new ArrayList<>(2 * transports.length);
        for (int i = 0; i < transports.length; i++) {
            TransportUp transport = transports[i];
            Integer lower = numbers.computeIfAbsent(transport.lower(), key -> numbers.size());
            Integer higher = numbers.computeIfAbsent(transport.higher(), key -> numbers.size());
            if (!lower.equals(higher)) {
                lanes.add(new Lane(lower, higher, i));
                lanes.add(new Lane(higher, lower, i));
            }
        }
        lanes.sort(Lane.ORDER);
        PublicKey[] nodes = new PublicKey[numbers.size()];
        numbers.forEach((key, number) -> nodes[number] = key);
        return new Topology(version, createdAt, nodes, numbers, transports, lanes);
    }

    /// Grows by one with every snapshot of this process.
    public long version() {
        return version;
    }

    public Instant createdAt() {
        return createdAt;
    }

    public int nodeCount() {
        return nodes.length;
    }

    public int transportCount() {
        return transports.length;
    }

    /// The number of a node, empty if it has never been seen.
    public OptionalInt find(PublicKey node) {
        Integer number = numbers.get(node);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    public PublicKey node(int number) {
        return nodes[number];
    }

    /// The first link of a node; its links end before [#linksEnd].
    public int linksBegin(int node) {
        return linkStart[node];
    }

    public int linksEnd(int node) {
        return linkStart[node + 1];
    }

    /// The node that a link leads to.
    public int linkTo(int link) {
        return linkTo[link];
    }

    /// The first lane of a link; its lanes end before [#lanesEnd].
    public int lanesBegin(int link) {
        return laneStart[link];
    }

    public int lanesEnd(int link) {
        return laneStart[link + 1];
    }

    /// Every transport that is up, those from a node to itself included.
    public List<TransportUp> transports() {
        return Collections.unmodifiableList(Arrays.asList(transports));
    }

    public TransportId transport(int lane) {
        return transports[lanes[lane]].id();
    }

    /// The largest packet payload that the lane's transport carries, in bytes.
    public int maxPayload(int lane) {
        return transports[lanes[lane]].maxPayload();
    }

    /// The round trip of the lane's transport, empty while unknown.
    public Optional<Duration> roundTrip(int lane) {
        return transports[lanes[lane]].roundTrip();
    }

    @Override
    public String toString() {
        return "Topology(version " + version + ", " + nodes.length + " nodes, " + transports.length + " transports)";
    }

    private record Lane(int from, int to, int transport) {
        static final Comparator<Lane> ORDER =
                Comparator.comparingInt(Lane::from).thenComparingInt(Lane::to).thenComparingInt(Lane::transport);

        boolean sameLink(Lane other) {
            return from == other.from && to == other.to;
        }
    }
}
