package io.skywire.control.discovery;

import io.skywire.control.discovery.ListingSegment.Held;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// Every public transport that is up, in memory, by edge and as the JSON of the whole list.
///
/// Follows the events after each commit, so what this replica has acknowledged is here at once. The list is kept in
/// segments by id. A change costs one segment its rendering, and a reader holds one segment at a time: many slow
/// readers cost no more heap than one. Safe for any thread; readers of one segment wait for its rendering, never for
/// another.
final class TransportListing {
    private static final int SEGMENTS = 1024;
    private static final byte[] NONE = "null\n".getBytes(StandardCharsets.US_ASCII);

    private final ListingSegment[] segments =
            Stream.generate(ListingSegment::new).limit(SEGMENTS).toArray(ListingSegment[]::new);
    private final Map<PublicKey, TransportUp[]> byEdge = new ConcurrentHashMap<>();

    private final Object tagLock = new Object();
    private long known; // guarded by tagLock, like the next two
    private long sum;
    private long mix;

    /// Which transports a reader wants.
    enum Selection {
        ALL,
        WITHOUT_SELF_TRANSPORTS
    }

    void take(TransportUp up) {
        take(up.id(), new Held(up.revision(), Optional.of(up)));
    }

    void take(TransportDown down) {
        take(down.id(), new Held(down.revision(), Optional.empty()));
    }

    /// Takes over a reading of the registry. Transports that were never up are nobody's news.
    void takeAll(Collection<RegisteredTransport> transports) {
        transports.stream()
                .filter(one -> one.revision() > 0)
                .forEach(one -> take(one.id(), new Held(one.revision(), one.up())));
    }

    /// Whether the transport was ever up, as far as this replica has heard.
    boolean knows(TransportId id) {
        return segment(id).knows(id);
    }

    /// The transport, if it is up and public.
    Optional<TransportUp> find(TransportId id) {
        return segment(id).find(id);
    }

    /// The transports of an edge, in no order.
    List<TransportUp> list(PublicKey edge) {
        TransportUp[] transports = byEdge.get(edge);
        return transports == null ? List.of() : Arrays.asList(transports);
    }

    /// The transports of an edge as a JSON array; `null` for none, as the stock server over PostgreSQL says it.
    byte[] ofEdge(PublicKey edge) {
        return json(list(edge));
    }

    static byte[] json(List<TransportUp> transports) {
        if (transports.isEmpty()) {
            return NONE;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(256 * transports.size() + 8);
        char before = '[';
        for (TransportUp transport : transports) {
            out.write(before);
            EntryJson.write(transport, out);
            before = ',';
        }
        out.write(']');
        out.write('\n');
        return out.toByteArray();
    }

    /// Differs after any change and is the same on all replicas that know the same, also after a restart. Read it
    /// before the list: then the list is never older than its tag.
    String tag() {
        synchronized (tagLock) {
            return String.format("%x-%016x%016x", known, sum, mix);
        }
    }

    /// Writes the JSON array, or `null` if there is no transport. Each transport is written as it is at some moment
    /// between the call and its end.
    void writeTo(OutputStream out, Selection selection) throws IOException {
        boolean isFirst = true;
        for (ListingSegment segment : segments) {
            ListingSegment.Rendering rendering = segment.rendering();
            int length = switch (selection) {
                case ALL -> rendering.bytes().length;
                case WITHOUT_SELF_TRANSPORTS -> rendering.selfStart();
            };
            if (length == 0) {
                continue;
            }
            if (isFirst) {
                out.write('[');
                out.write(rendering.bytes(), 1, length - 1);
            } else {
                out.write(rendering.bytes(), 0, length);
            }
            isFirst = false;
        }
        out.write(isFirst ? NONE : new byte[] {']', '\n'});
    }

    private void take(TransportId id, Held held) {
        segment(id).take(id, held, (before, now) -> {
            List<Held> old = before == null ? List.of() : List.of(before);
            old.forEach(one -> one.up().ifPresent(this::unlink));
            now.up().ifPresent(this::link);
            synchronized (tagLock) {
                old.forEach(one -> add(id, one.revision(), -1));
                add(id, now.revision(), 1);
            }
        });
    }

    private void link(TransportUp up) {
        Stream.of(up.lower(), up.higher())
                .distinct()
                .forEach(edge -> byEdge.merge(edge, new TransportUp[] {up}, (a, b) -> {
                    TransportUp[] longer = Arrays.copyOf(a, a.length + 1);
                    longer[a.length] = b[0];
                    return longer;
                }));
    }

    private void unlink(TransportUp up) {
        Stream.of(up.lower(), up.higher())
                .distinct()
                .forEach(edge -> byEdge.computeIfPresent(edge, (key, all) -> {
                    TransportUp[] left = Arrays.stream(all)
                            .filter(one -> !one.id().equals(up.id()))
                            .toArray(TransportUp[]::new);
                    return left.length == 0 ? null : left;
                }));
    }

    /// Order does not matter, so that replicas agree. Revisions of what went down count too: so no tag ever returns.
    private void add(TransportId id, long revision, int sign) {
        long one = hash(id) ^ scramble(revision);
        long scrambled = scramble(one);
        known += sign;
        sum += sign * scrambled;
        mix ^= Long.rotateLeft(scrambled, 23) * 0x9e3779b97f4a7c15L;
    }

    private ListingSegment segment(TransportId id) {
        return segments[(int) Long.remainderUnsigned(hash(id), SEGMENTS)];
    }

    private static long hash(TransportId id) {
        return scramble(id.uuid().getMostSignificantBits() ^ scramble(id.uuid().getLeastSignificantBits()));
    }

    /// The finaliser of MurmurHash3: every bit of the input moves every bit of the output.
    private static long scramble(long value) {
        long z = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
        z = (z ^ (z >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return z ^ (z >>> 33);
    }
}
