package io.skywire.node.router;

import io.skywire.node.transport.Transport;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One transport as the table sees it: the link while it is up, and the rules for packets that arrive on it.
///
/// A port outlives its link, so rules find the link again when it comes back.
final class Port {
    private static final long NEVER = Long.MIN_VALUE;

    private final TransportId id;
    private volatile @Nullable Transport link;
    private final AtomicLong toldBrokenAt = new AtomicLong(NEVER);
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

    /// Whether the ends of the routes here have not been told for `pause` that the link is away; from now on they have.
    boolean mayTellBroken(long nowNanos, Duration pause) {
        long told = toldBrokenAt.get();
        return (told == NEVER || nowNanos - told >= pause.toNanos()) && toldBrokenAt.compareAndSet(told, nowNanos);
    }

    Slots slots() {
        return slots;
    }

    void replace(Slots next) {
        slots = next;
    }
}
