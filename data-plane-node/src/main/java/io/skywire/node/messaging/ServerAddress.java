package io.skywire.node.messaging;

import io.skywire.node.directory.DirectoryEntry;
import io.skywire.shared.key.PublicKey;
import java.util.Optional;

/// A messaging server and where to dial it.
record ServerAddress(PublicKey key, String host, int port) {
    private static final int HIGHEST_PORT = 65_535;

    /// Empty if the entry is no server's, or its address is none.
    static Optional<ServerAddress> of(DirectoryEntry entry) {
        return entry.server().flatMap(server -> parse(entry.key(), server.address()));
    }

    private static Optional<ServerAddress> parse(PublicKey key, String address) {
        int colon = address.lastIndexOf(':');
        if (colon < 1) {
            return Optional.empty();
        }
        String host = address.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            int port = Integer.parseInt(address.substring(colon + 1));
            return host.isEmpty() || port < 1 || port > HIGHEST_PORT
                    ? Optional.empty()
                    : Optional.of(new ServerAddress(key, host, port));
        } catch (NumberFormatException noPort) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
