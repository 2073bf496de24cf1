package io.skywire.control.discovery;

import io.skywire.shared.transport.TransportId;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A part of the [TransportListing], with its JSON: rendered when it is read first after a change, then shared by all
/// readers. Safe for any thread.
final class ListingSegment {
    private final Map<TransportId, Held> held = new HashMap<>();
    private @Nullable Rendering rendering;

    /// The newest that is known of a transport.
    ///
    /// @param up empty while it is down; its revision is kept so that a late event cannot bring it back
    record Held(long revision, Optional<TransportUp> up) {}

    /// The entries, each with a comma before it; those from a node to itself are the last. The bytes are never changed.
    ///
    /// @param selfStart where the entries from a node to itself begin
    record Rendering(byte[] bytes, int selfStart) {}

    /// What a change is done to, under the segment's lock.
    @FunctionalInterface
    interface Change {
        void from(@Nullable Held before, Held now);
    }

    /// Takes it over if it is newer than what is held.
    synchronized void take(TransportId id, Held now, Change change) {
        Held before = held.get(id);
        if (before == null || before.revision() < now.revision()) {
            held.put(id, now);
            if (before == null || !looksTheSame(before, now)) {
                rendering = null;
            }
            change.from(before, now);
        }
    }

    /// Measurements come all day and are in no rendering. Id, edges and type never change.
    private static boolean looksTheSame(Held before, Held now) {
        return before.up().map(TransportUp::label).equals(now.up().map(TransportUp::label));
    }

    synchronized boolean knows(TransportId id) {
        return held.containsKey(id);
    }

    synchronized Optional<TransportUp> find(TransportId id) {
        return Optional.ofNullable(held.get(id)).flatMap(Held::up);
    }

    synchronized Rendering rendering() {
        Rendering current = rendering;
        if (current == null) {
            current = render();
            rendering = current;
        }
        return current;
    }

    private Rendering render() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256 * held.size());
        List<TransportUp> toItself = new ArrayList<>();
        held.values()
                .forEach(one -> one.up().ifPresent(up -> {
                    if (up.lower().equals(up.higher())) {
                        toItself.add(up);
                    } else {
                        out.write(',');
                        EntryJson.write(up, out);
                    }
                }));
        int selfStart = out.size();
        toItself.forEach(up -> {
            out.write(',');
            EntryJson.write(up, out);
        });
        return new Rendering(out.toByteArray(), selfStart);
    }
}
