package io.skywire.node.transport;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportId;
import java.util.List;

/// A live link to one neighbour, settled: both edges have signed its entry. Safe for any thread.
///
/// A transport never stalls its caller. When the neighbour is slower than the sender, the route's own bounded queue
/// fills and further packets of that route are dropped and counted.
public interface Transport {
    /// The entry with both edges' signatures: the proof that is reported to the control plane.
    SignedTransport signed();

    default TransportId id() {
        return signed().id();
    }

    /// The neighbour's proven key.
    PublicKey remote();

    /// The largest packet payload this link carries, in bytes.
    int maxPayload();

    /// The messaging servers that this link may use now, at most 8: it shares their fate. None for a direct link.
    default List<PublicKey> relays() {
        return List.of();
    }

    /// Takes a copy of one whole packet (header and payload, at most `maxPayload` of it). It leaves at the next
    /// [#flush()] at the latest. On the transport's own event loop this takes no lock and allocates nothing.
    void send(byte[] packet, int offset, int length);

    /// Lets everything queued so far leave as far as the socket takes it.
    void flush();

    /// What a person or a metric may know of this link now.
    TransportSnapshot snapshot();

    /// Ends the link; [TransportListener#down] tells when it is gone. A second call does nothing.
    void close(String reason);
}
