package io.skywire.control.topology;

import io.skywire.control.discovery.TransportUp;
import io.skywire.control.topology.TransportPage.Kind;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractCollection;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/// The live network at one moment: known nodes, and the transports that are up between them. Immutable; the next one is
/// made by [#draft], which shares all that did not change.
///
/// Nodes and transports are numbers, so that a search runs over arrays; a number means something only within its
/// snapshot. A *lane* is one transport seen from one end, and the lanes of a node are one array that [Lanes] reads:
/// ```
///  node v ──► lanes     lanePages[v >> 8][v & 255]     neighbours | prices | transports, cheapest first
///  transport t ──►      transportPages[t >> 8]         id, ends, measurements, price (see TransportPage)
///  key, id ──► number   nodeIndex, transportIndex      pages of open addressing
/// ```
/// A node that is known but has no live transport is in the picture without lanes. A transport from a node to itself
/// joins nothing and has no lanes. Prices are those of the moment of the last pricing ([LinkCost]).
public final class Topology {
    static final int BITS = 8;
    static final int PAGE = 1 << BITS;

    private final long version;
    private final Instant createdAt;
    private final int nodeCount;
    private final int transportCount;
    final PublicKey[][] keyPages;
    final int[][][] lanePages;
    final NumberIndex nodeIndex;
    final TransportPage[] transportPages;
    final NumberIndex transportIndex;
    final TopologyDraft.Kinds kinds;
    final int slots;
    final int firstFree;
    final int relayedCount;

    Topology(TopologyDraft draft, long version, Instant createdAt) {
        this.version = version;
        this.createdAt = createdAt;
        nodeCount = draft.nodeCount;
        transportCount = draft.transportCount;
        keyPages = draft.keyPages;
        lanePages = draft.lanePages;
        nodeIndex = draft.nodeIndex;
        transportPages = draft.transportPages;
        transportIndex = draft.transportIndex;
        kinds = draft.kinds();
        slots = draft.slots;
        firstFree = draft.firstFree;
        relayedCount = draft.relayedCount;
    }

    /// Builds a snapshot of direct transports. Edges of live transports are known even if `known` does not name them.
    ///
    /// @param known the nodes to hold, each once; their place becomes their number
    public static Topology of(
            long version, Instant createdAt, Collection<PublicKey> known, Collection<TransportUp> live) {
        return ofLive(
                version,
                createdAt,
                known,
                live.stream().map(up -> LiveTransport.of(up, createdAt)).toList());
    }

    /// As [#of], with measurements and relays; relays are known as well.
    public static Topology ofLive(
            long version, Instant createdAt, Collection<PublicKey> known, Collection<LiveTransport> live) {
        return TopologyDraft.of(known, live, createdAt).publish(version, createdAt);
    }

    /// The next snapshot, equal to this one until something is changed.
    ///
    /// @param now the moment that changes are priced at
    public TopologyDraft draft(Instant now) {
        return new TopologyDraft(this, now);
    }

    /// Grows by one with every snapshot of this process in which a node, a transport, a price, or what else a route is
    /// chosen by differs.
    public long version() {
        return version;
    }

    /// When it was made, or found to be still the same.
    public Instant createdAt() {
        return createdAt;
    }

    public int nodeCount() {
        return nodeCount;
    }

    public int transportCount() {
        return transportCount;
    }

    /// Whether any transport depends on relays.
    public boolean hasRelays() {
        return relayedCount > 0;
    }

    /// The number of a node, empty if it has never been seen.
    public OptionalInt find(PublicKey node) {
        return find(nodeIndex, keyPages, node);
    }

    /// The number of a transport, empty if it is not up.
    public OptionalInt find(TransportId id) {
        return find(transportIndex, transportPages, id);
    }

    static OptionalInt find(NumberIndex index, PublicKey[][] keyPages, PublicKey node) {
        int hash = hash(node);
        int i = 0;
        for (int number = index.candidate(hash, 0); number >= 0; number = index.candidate(hash, ++i)) {
            if (keyPages[number >>> BITS][number & PAGE - 1].equals(node)) {
                return OptionalInt.of(number);
            }
        }
        return OptionalInt.empty();
    }

    static OptionalInt find(NumberIndex index, TransportPage[] pages, TransportId id) {
        long high = id.uuid().getMostSignificantBits();
        long low = id.uuid().getLeastSignificantBits();
        int hash = TransportPage.hash(high, low);
        int i = 0;
        for (int number = index.candidate(hash, 0); number >= 0; number = index.candidate(hash, ++i)) {
            TransportPage page = pages[number >>> TransportPage.BITS];
            if (page.high(number) == high && page.low(number) == low) {
                return OptionalInt.of(number);
            }
        }
        return OptionalInt.empty();
    }

    static int hash(PublicKey node) {
        return TransportPage.hash(node.hashCode(), 0);
    }

    public PublicKey node(int number) {
        return keyPages[number >>> BITS][number & PAGE - 1];
    }

    /// The node's lanes, to be read through [Lanes] and never written.
    public int[] lanes(int node) {
        return lanePages[node >>> BITS][node & PAGE - 1];
    }

    public TransportId transport(int number) {
        TransportPage page = page(number);
        return new TransportId(new UUID(page.high(number), page.low(number)));
    }

    /// The largest packet payload that the transport carries, in bytes.
    public int maxPayload(int transport) {
        return page(transport).kind(transport).maxPayload();
    }

    /// The transport's price, in microseconds as [LinkCost] says.
    public int price(int transport) {
        return page(transport).get(transport, TransportPage.PRICE);
    }

    public LinkQuality quality(int transport) {
        TransportPage page = page(transport);
        return new LinkQuality(
                roundTrip(transport),
                page.loss(transport),
                page.load(transport),
                Instant.ofEpochSecond(page.measuredAtSeconds(transport)));
    }

    /// The transport's round trip, empty while unknown.
    public Optional<Duration> roundTrip(int transport) {
        int micros = page(transport).get(transport, TransportPage.ROUND_TRIP);
        return micros < 0 ? Optional.empty() : Optional.of(Duration.ofNanos(micros * 1000L));
    }

    /// The numbers of the nodes that relay the transport; none for a direct one.
    public List<Integer> relays(int transport) {
        return page(transport).kind(transport).relays();
    }

    /// The revision that the transport was taken in with.
    public long revision(int transport) {
        return page(transport).revision(transport);
    }

    /// Every transport that is up, those from a node to itself included. Made while it is read; holds nothing.
    public Collection<TransportUp> transports() {
        return new AbstractCollection<>() {
            @Override
            public Iterator<TransportUp> iterator() {
                return new Walk();
            }

            @Override
            public int size() {
                return transportCount;
            }
        };
    }

    LiveTransport live(int number) {
        return new LiveTransport(
                up(number),
                quality(number),
                relays(number).stream().map(this::node).toList());
    }

    private TransportUp up(int number) {
        TransportPage page = page(number);
        Kind kind = page.kind(number);
        return new TransportUp(
                transport(number),
                node(page.get(number, TransportPage.LOWER)),
                node(page.get(number, TransportPage.HIGHER)),
                kind.type(),
                kind.label(),
                kind.maxPayload(),
                roundTrip(number),
                page.revision(number));
    }

    private TransportPage page(int number) {
        return transportPages[number >>> TransportPage.BITS];
    }

    @Override
    public String toString() {
        return "Topology(version " + version + ", " + nodeCount + " nodes, " + transportCount + " transports)";
    }

    private final class Walk implements Iterator<TransportUp> {
        private int next = -1;

        Walk() {
            advance();
        }

        @Override
        public boolean hasNext() {
            return next < slots;
        }

        @Override
        public TransportUp next() {
            if (next >= slots) {
                throw new NoSuchElementException();
            }
            TransportUp up = up(next);
            advance();
            return up;
        }

        private void advance() {
            do {
                next++;
            } while (next < slots && page(next).isFree(next));
        }
    }
}
