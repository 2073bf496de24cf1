package io.skywire.control.discovery;

import java.util.List;

/// Other replicas have changed these transports; this is how they stand in the database now.
///
/// Published outside of any transaction. As with [TransportUp], who holds a newer revision ignores an older one.
public record TransportsHeard(List<RegisteredTransport> transports) {
    public TransportsHeard {
        transports = List.copyOf(transports);
    }
}
