package io.skywire.control.topology;

import io.skywire.control.discovery.TransportUp;
import io.skywire.control.topology.TransportPage.Kind;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// The next snapshot in the making: shares everything with the one it came from and copies what a change touches.
///
/// A change costs the two ends' lanes, two small pages and some roots, whatever the size of the network. For one
/// thread; over once it is published.
public final class TopologyDraft {
    private final long nowSeconds;
    private final Kinds sharedKinds;
    int nodeCount;
    PublicKey[][] keyPages;
    int[][][] lanePages;
    NumberIndex nodeIndex;
    TransportPage[] transportPages;
    NumberIndex transportIndex;
    int transportCount;
    int slots;
    int firstFree; // -1: none
    int relayedCount;
    private boolean isPublished;
    private boolean isChanged;

    TopologyDraft(Topology base, Instant now) {
        nowSeconds = now.getEpochSecond();
        sharedKinds = base.kinds;
        nodeCount = base.nodeCount();
        keyPages = base.keyPages.clone();
        lanePages = base.lanePages.clone();
        nodeIndex = base.nodeIndex;
        transportPages = base.transportPages.clone();
        transportIndex = base.transportIndex;
        transportCount = base.transportCount();
        slots = base.slots;
        firstFree = base.firstFree;
        relayedCount = base.relayedCount;
    }

    private TopologyDraft(Instant now) {
        nowSeconds = now.getEpochSecond();
        sharedKinds = new Kinds();
        keyPages = new PublicKey[0][];
        lanePages = new int[0][][];
        nodeIndex = NumberIndex.empty();
        transportPages = new TransportPage[0];
        transportIndex = NumberIndex.empty();
        firstFree = -1;
    }

    Kinds kinds() {
        return sharedKinds;
    }

    /// Kinds that many transports share, so that each is held once. Forgets all when strangers invent too many.
    static final class Kinds {
        private static final int MOST = 4096;
        private final Map<Kind, Kind> known = new HashMap<>();

        synchronized Kind shared(Kind kind) {
            if (known.size() >= MOST) {
                known.clear();
            }
            Kind same = known.putIfAbsent(kind, kind);
            return same == null ? kind : same;
        }
    }

    /// Everything at once, which is faster than one by one.
    static TopologyDraft of(Collection<PublicKey> known, Collection<LiveTransport> live, Instant now) {
        TopologyDraft draft = new TopologyDraft(now);
        draft.fill(known, live);
        return draft;
    }

    private void fill(Collection<PublicKey> known, Collection<LiveTransport> live) {
        Map<PublicKey, Integer> numbers = HashMap.newHashMap(Math.max(known.size(), 16));
        for (PublicKey node : known) {
            numbers.putIfAbsent(node, numbers.size());
        }
        transportPages = TransportPage.pagesFor(live.size());
        for (LiveTransport transport : live) {
            int lower = numberIn(numbers, transport.up().lower());
            int higher = numberIn(numbers, transport.up().higher());
            List<Integer> relays = transport.relays().stream()
                    .map(key -> numberIn(numbers, key))
                    .toList();
            int price = freshPrice(transport.quality());
            page(slots).put(slots, transport, lower, higher, price, kind(transport.up(), relays));
            relayedCount += relays.isEmpty() ? 0 : 1;
            slots++;
        }
        transportCount = slots;
        nodeCount = numbers.size();
        keyPages = new PublicKey[pageCount(nodeCount)][Topology.PAGE];
        numbers.forEach((key, number) -> keyPages[number >>> Topology.BITS][number & Topology.PAGE - 1] = key);
        nodeIndex = NumberIndex.of(nodeCount, this::nodeHash);
        transportIndex = NumberIndex.of(slots, this::transportHash);
        fillLanes();
    }

    private static int numberIn(Map<PublicKey, Integer> numbers, PublicKey key) {
        Integer number = numbers.putIfAbsent(key, numbers.size());
        return number == null ? numbers.size() - 1 : number;
    }

    /// Counts, then distributes: the usual two passes of compressed rows.
    private void fillLanes() {
        int[] start = new int[nodeCount + 1];
        for (int number = 0; number < slots; number++) {
            int lower = page(number).get(number, TransportPage.LOWER);
            int higher = page(number).get(number, TransportPage.HIGHER);
            if (lower != higher) {
                start[lower + 1]++;
                start[higher + 1]++;
            }
        }
        int most = 0;
        for (int node = 0; node < nodeCount; node++) {
            most = Math.max(most, start[node + 1]);
            start[node + 1] += start[node];
        }
        int[] placed = start.clone();
        int[] transports = new int[start[nodeCount]];
        for (int number = 0; number < slots; number++) {
            int lower = page(number).get(number, TransportPage.LOWER);
            int higher = page(number).get(number, TransportPage.HIGHER);
            if (lower != higher) {
                transports[placed[lower]++] = number;
                transports[placed[higher]++] = number;
            }
        }
        lanePages = new int[pageCount(nodeCount)][Topology.PAGE][];
        long[] keys = new long[most];
        int[] neighbours = new int[most];
        int[] words = new int[most];
        int[] seen = new int[nodeCount];
        for (int node = 0; node < nodeCount; node++) {
            int count = start[node + 1] - start[node];
            for (int i = 0; i < count; i++) {
                int number = transports[start[node] + i];
                TransportPage page = page(number);
                int lower = page.get(number, TransportPage.LOWER);
                neighbours[i] = lower == node ? page.get(number, TransportPage.HIGHER) : lower;
                words[i] = Lanes.word(number, !page.kind(number).relays().isEmpty());
                keys[i] = (long) page.get(number, TransportPage.PRICE) << 32 | i;
            }
            lanePages[node >>> Topology.BITS][node & Topology.PAGE - 1] =
                    count == 0 ? Lanes.NONE : Lanes.of(keys, count, neighbours, words, seen, node + 1);
        }
        int[][] last = lanePages.length == 0 ? new int[0][] : lanePages[lanePages.length - 1];
        for (int i = (nodeCount - 1 & Topology.PAGE - 1) + 1; i < last.length; i++) {
            last[i] = Lanes.NONE;
        }
    }

    /// Takes a node in, unless it is known. Gives its number.
    public int add(PublicKey node) {
        requireOpen();
        OptionalInt known = Topology.find(nodeIndex, keyPages, node);
        if (known.isPresent()) {
            return known.getAsInt();
        }
        isChanged = true;
        int number = nodeCount++;
        int page = number >>> Topology.BITS;
        if (page == keyPages.length) {
            keyPages = Arrays.copyOf(keyPages, page + 1);
            lanePages = Arrays.copyOf(lanePages, page + 1);
            keyPages[page] = new PublicKey[Topology.PAGE];
            lanePages[page] = new int[Topology.PAGE][];
            Arrays.fill(lanePages[page], Lanes.NONE);
        } else {
            keyPages[page] = keyPages[page].clone();
        }
        keyPages[page][number & Topology.PAGE - 1] = node;
        nodeIndex = nodeIndex.with(number, this::nodeHash);
        return number;
    }

    /// Takes a transport in, or what has changed of one that is there.
    public void up(LiveTransport transport) {
        requireOpen();
        TransportUp up = transport.up();
        int lower = add(up.lower());
        int higher = add(up.higher());
        List<Integer> relays = transport.relays().stream().map(this::add).toList();
        Kind kind = kind(up, relays);
        OptionalInt known = find(up.id());
        int price = freshPrice(transport.quality());
        if (known.isPresent()) {
            int number = known.getAsInt();
            price = LinkCost.settled(page(number).get(number, TransportPage.PRICE), price);
            boolean sameLanes = page(number).get(number, TransportPage.PRICE) == price
                    && page(number).kind(number).relays().equals(relays);
            isChanged |= !sameLanes || !page(number).kind(number).equals(kind);
            if (!sameLanes) {
                unlink(number);
            }
            relayedCount -= page(number).kind(number).relays().isEmpty() ? 0 : 1;
            relayedCount += relays.isEmpty() ? 0 : 1;
            own(number).put(number, transport, lower, higher, price, kind);
            if (!sameLanes) {
                link(number);
            }
            return;
        }
        isChanged = true;
        int number = takeSlot();
        own(number).put(number, transport, lower, higher, price, kind);
        transportIndex = transportIndex.with(number, this::transportHash);
        transportCount++;
        relayedCount += relays.isEmpty() ? 0 : 1;
        link(number);
    }

    /// Drops a transport, if it is there. Its nodes stay known.
    public void down(TransportId id) {
        requireOpen();
        OptionalInt known = find(id);
        if (known.isEmpty()) {
            return;
        }
        isChanged = true;
        int number = known.getAsInt();
        unlink(number);
        transportIndex = transportIndex.without(number, this::transportHash);
        relayedCount -= page(number).kind(number).relays().isEmpty() ? 0 : 1;
        transportCount--;
        own(number).free(number, firstFree);
        firstFree = number;
    }

    /// Prices every transport anew, as measurements have aged. Only what leaves its dead band is copied.
    public void reprice() {
        requireOpen();
        for (int number = 0; number < slots; number++) {
            TransportPage page = page(number);
            if (!page.isFree(number)) {
                int old = page.get(number, TransportPage.PRICE);
                int price = LinkCost.settled(old, page.price(number, nowSeconds));
                if (price != old) {
                    isChanged = true;
                    unlink(number);
                    own(number).set(number, TransportPage.PRICE, price);
                    link(number);
                }
            }
        }
    }

    /// Whether anybody who looks for routes can tell the difference to the snapshot it came from. Measurements that
    /// move no price out of its dead band are taken in and change nothing.
    public boolean isChanged() {
        return isChanged;
    }

    /// Ends the draft.
    public Topology publish(long version, Instant createdAt) {
        requireOpen();
        isPublished = true;
        return new Topology(this, version, createdAt);
    }

    private void requireOpen() {
        if (isPublished) {
            throw new IllegalStateException("this draft has been published");
        }
    }

    private OptionalInt find(TransportId id) {
        return Topology.find(transportIndex, transportPages, id);
    }

    private int freshPrice(LinkQuality quality) {
        return LinkCost.price(
                TransportPage.roundTripMicros(quality),
                quality.loss(),
                quality.load(),
                nowSeconds - quality.measuredAt().getEpochSecond());
    }

    private Kind kind(TransportUp up, List<Integer> relays) {
        return sharedKinds.shared(new Kind(up.type(), up.label(), up.maxPayload(), relays));
    }

    private int takeSlot() {
        if (firstFree >= 0) {
            int number = firstFree;
            firstFree = page(number).get(number, TransportPage.LOWER);
            return number;
        }
        int number = slots++;
        if (number >>> TransportPage.BITS == transportPages.length) {
            transportPages = Arrays.copyOf(transportPages, transportPages.length + 1);
            transportPages[transportPages.length - 1] = new TransportPage();
        }
        return number;
    }

    private void link(int number) {
        TransportPage page = page(number);
        int lower = page.get(number, TransportPage.LOWER);
        int higher = page.get(number, TransportPage.HIGHER);
        if (lower != higher) {
            int price = page.get(number, TransportPage.PRICE);
            int word = Lanes.word(number, !page.kind(number).relays().isEmpty());
            lanes(lower, Lanes.with(lanes(lower), higher, price, word));
            lanes(higher, Lanes.with(lanes(higher), lower, price, word));
        }
    }

    private void unlink(int number) {
        TransportPage page = page(number);
        int lower = page.get(number, TransportPage.LOWER);
        int higher = page.get(number, TransportPage.HIGHER);
        if (lower != higher) {
            lanes(lower, Lanes.without(lanes(lower), number));
            lanes(higher, Lanes.without(lanes(higher), number));
        }
    }

    private int[] lanes(int node) {
        return lanePages[node >>> Topology.BITS][node & Topology.PAGE - 1];
    }

    private void lanes(int node, int[] lanes) {
        int page = node >>> Topology.BITS;
        lanePages[page] = lanePages[page].clone();
        lanePages[page][node & Topology.PAGE - 1] = lanes;
    }

    private TransportPage page(int number) {
        return transportPages[number >>> TransportPage.BITS];
    }

    private TransportPage own(int number) {
        int page = number >>> TransportPage.BITS;
        transportPages[page] = transportPages[page].copy();
        return transportPages[page];
    }

    private int nodeHash(int number) {
        return Topology.hash(keyPages[number >>> Topology.BITS][number & Topology.PAGE - 1]);
    }

    private int transportHash(int number) {
        return TransportPage.hash(page(number).high(number), page(number).low(number));
    }

    private static int pageCount(int nodes) {
        return (nodes + Topology.PAGE - 1) >>> Topology.BITS;
    }
}
