package io.skywire.node.directory;

import io.skywire.shared.key.PublicKey;
import java.util.Set;

/// What a key wants known of itself.
public sealed interface EntryContent {
    /// It is a messaging server.
    ///
    /// @param address `host:port` for those who dial
    record OfServer(String address, long availableSessions) implements EntryContent {}

    /// It waits at messaging servers.
    ///
    /// @param type `visor` for a node
    record OfClient(Set<PublicKey> servers, String type) implements EntryContent {
        public OfClient {
            servers = Set.copyOf(servers);
        }
    }
}
