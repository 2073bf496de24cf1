package io.skywire.node.transport;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportId;
import java.util.Optional;
import java.util.function.Function;

/// Decides which settled links stay, and tells the listener and the dials. For each neighbour the listener hears `down`
/// of the older link before `up` of the newer one, though the two may live on different event loops.
final class Announcer implements LinkOwner {
    private final LinkTable table;
    private final TransportListener listener;
    private final Function<PublicKey, Optional<Dial>> dials;
    private volatile boolean refusing;

    Announcer(LinkTable table, TransportListener listener, Function<PublicKey, Optional<Dial>> dials) {
        this.table = table;
        this.listener = listener;
        this.dials = dials;
    }

    /// The node is ending: no further link comes up.
    void refuseFurther() {
        refusing = true;
    }

    @Override
    public void settled(Link link) {
        if (refusing) {
            link.end("the node is ending");
            return;
        }
        switch (table.admit(link)) {
            case LinkTable.Admission.Alone alone -> announce(link);
            case LinkTable.Admission.Instead instead -> {
                Link older = instead.older();
                older.onLoop(() ->
                        older.endThen("replaced by another link of the pair", () -> link.onLoop(() -> announce(link))));
            }
            case LinkTable.Admission.Refused refused ->
                link.fail(LinkFailure.DUPLICATE, "a second link of the pair; the one dialled by the lower key stays");
        }
    }

    private void announce(Link link) {
        if (link.isGone()) {
            table.remove(link);
            return;
        }
        link.open();
        listener.up(link);
        dials.apply(link.remote()).ifPresent(Dial::linked);
    }

    @Override
    public void gone(Link link, String reason) {
        table.remove(link);
        listener.down(link, reason);
        dials.apply(link.remote()).ifPresent(dial -> dial.lost(reason));
    }

    @Override
    public void failed(LinkFailure kind, String detail) {
        listener.failed(kind, detail);
    }

    @Override
    public void measured(TransportId id, LinkMeasurement measured) {
        listener.measured(id, measured);
    }
}
