package io.skywire.control.messaging;

import io.skywire.shared.key.PublicKey;
import java.util.List;
import java.util.Optional;

/// What a key says of itself: at which messaging servers it waits (client), or that it is a messaging server.
///
/// Holds what a document said, valid or not; [EntryRules] judges it. Empty text stands for an absent field, as it does
/// on the wire.
///
/// @param sequence unsigned 64-bit
/// @param timestamp nanoseconds since 1970
/// @param key empty if the document names none, or the null key
record MessagingEntry(
        String version,
        long sequence,
        long timestamp,
        Optional<PublicKey> key,
        Optional<Client> client,
        String clientType,
        Optional<Server> server,
        String signature) {

    /// @param delegatedServers empty for `null`, which is signed as `null` and not as `[]`
    record Client(Optional<List<PublicKey>> delegatedServers) {
        Client {
            delegatedServers = delegatedServers.map(List::copyOf);
        }
    }

    /// @param address `host:port` as it was told
    record Server(String address, long availableSessions, String serverType) {}

    boolean isVisor() {
        return clientType.equals("visor");
    }

    /// The same entry with another server type; the same if it is no server.
    MessagingEntry withServerType(String type) {
        return new MessagingEntry(
                version,
                sequence,
                timestamp,
                key,
                client,
                clientType,
                server.map(told -> new Server(told.address(), told.availableSessions(), type)),
                signature);
    }
}
