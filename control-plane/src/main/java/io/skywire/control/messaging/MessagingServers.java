package io.skywire.control.messaging;

import io.skywire.shared.key.PublicKey;
import java.util.List;

/// The messaging servers that are registered now. Safe for any thread.
public interface MessagingServers {
    /// @param address as the server announces it, mostly `host:port`
    record Server(PublicKey key, String address) {}

    /// All of them, the official ones first where there are very many. While the database is away, throws Spring's
    /// `DataAccessException`.
    List<Server> all();
}
