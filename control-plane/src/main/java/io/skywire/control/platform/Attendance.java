package io.skywire.control.platform;

import io.skywire.shared.key.PublicKey;
import java.util.Collection;
import java.util.Set;

/// Which nodes have a session with any control plane. Safe for any thread.
public interface Attendance {
    /// Those of `nodes` that have a proven session with a replica that is alive. One statement; none for no nodes.
    ///
    /// @throws org.springframework.dao.DataAccessException if the database is away
    Set<PublicKey> attended(Collection<PublicKey> nodes);
}
