package io.skywire.control.discovery;

import io.skywire.shared.key.PublicKey;
import java.util.Collection;
import java.util.List;

/// Transports that are known and down, for whoever wants to know why there is no way. Not for finding routes: it asks
/// the database.
public interface DownTransports {
    /// Those with an edge among `edges`, the newest first, at most `limit`; private ones are left out. Blocks, never
    /// for longer than two seconds; throws Spring's `DataAccessException` while the database is away.
    List<DownTransport> at(Collection<PublicKey> edges, int limit);
}
