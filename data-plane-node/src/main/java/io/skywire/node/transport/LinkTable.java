package io.skywire.node.transport;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The settled links of a node, at most one per neighbour. Safe for any thread.
///
/// Both edges decide alike which of two links stays: of two by the same edge the newer one, because the older one is
/// most likely dead; of two that crossed the one that the edge with the lower key dialled.
final class LinkTable {
    private final PublicKey self;
    private final Map<TransportId, Link> links = new HashMap<>();

    LinkTable(PublicKey self) {
        this.self = self;
    }

    /// What became of a link that has settled.
    sealed interface Admission {
        record Alone() implements Admission {}

        /// The older link has to go first.
        record Instead(Link older) implements Admission {}

        record Refused() implements Admission {}
    }

    synchronized Admission admit(Link link) {
        Link older = links.get(link.id());
        if (older != null && older.opener() != link.opener() && !isByLowerKey(link)) {
            return new Admission.Refused();
        }
        links.put(link.id(), link);
        return older == null ? new Admission.Alone() : new Admission.Instead(older);
    }

    synchronized void remove(Link link) {
        links.remove(link.id(), link);
    }

    synchronized Optional<Link> find(TransportId id) {
        return Optional.ofNullable(links.get(id));
    }

    synchronized List<Link> all() {
        return List.copyOf(links.values());
    }

    private boolean isByLowerKey(Link link) {
        boolean weAreLower = self.compareTo(link.remote()) < 0;
        return (link.opener() == TransportSnapshot.Opener.US) == weAreLower;
    }
}
