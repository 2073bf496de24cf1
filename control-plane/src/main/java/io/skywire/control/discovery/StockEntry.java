package io.skywire.control.discovery;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Instant;
import java.util.Optional;

/// A transport as stock clients read it, with what each edge says of it.
///
/// @param views of the lower and the higher edge: whether each says up and has a lease
record StockEntry(
        TransportId id,
        PublicKey lower,
        PublicKey higher,
        TransportType type,
        String label,
        Visibility visibility,
        Views views,
        Instant registered,
        Instant updated) {

    /// @param privacy what the registration says, if it says anything
    record Registration(SignedTransport transport, String label, Privacy privacy) {}

    enum Privacy {
        PUBLIC,
        PRIVATE,
        UNSAID
    }

    enum Visibility {
        PUBLIC,
        PRIVATE
    }

    record Views(boolean lower, boolean higher) {
        boolean merged() {
            return lower && higher;
        }
    }

    boolean hasEdge(PublicKey key) {
        return lower.equals(key) || higher.equals(key);
    }

    /// As it would be told if it were up and public; only what is listed is filled in.
    TransportUp up() {
        return new TransportUp(id, lower, higher, type, label, 0, Optional.empty(), 0);
    }

    /// Up, and `reader` may know of it.
    boolean isListedFor(PublicKey reader) {
        return views.merged() && (visibility == Visibility.PUBLIC || hasEdge(reader));
    }
}
