package io.skywire.node.router;

import io.skywire.node.transport.Transport;
import io.skywire.shared.transport.TransportId;
import org.jspecify.annotations.Nullable;

/// One transport as the table sees it: the link while it is up, and the rules for packets that arrive on it.
///
/// A port outlives its link, so rules find the link again when it comes back.
final class Port {
    private final TransportId id;
    private volatile @Nullable Transport link;
    private volatile Slots slots = Slots.EMPTY;

    Port(TransportId id) {
        this.id = id;
    }

    TransportId id() {
        return id;
    }

    @Nullable
    Transport link() {
        return link;
    }

    void attach(Transport up) {
        link = up;
    }

    /// Only if `gone` is still the link: a newer one may have taken its place already.
    void detach(Transport gone) {
        if (link == gone) {
            link = null;
        }
    }

    Slots slots() {
        return slots;
    }

    void replace(Slots next) {
        slots = next;
    }
}
