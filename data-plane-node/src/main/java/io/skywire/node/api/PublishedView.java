package io.skywire.node.api;

import io.skywire.shared.key.PublicKey;
import java.util.List;
import java.util.Optional;

/// A local service on offer.
///
/// @param port the port number in the network
/// @param protocol `TCP` or `UDP`; the same number may be published once for each
/// @param target `host:port` on this side
/// @param allow who may connect; none: everyone
public record PublishedView(int port, Protocol protocol, String target, Optional<List<PublicKey>> allow) {
    public enum Protocol {
        TCP,
        UDP
    }

    public PublishedView {
        allow = allow.map(List::copyOf);
    }
}
