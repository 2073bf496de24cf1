package io.skywire.node.metrics;

import io.skywire.node.metrics.NodeReadings.ByLabel;
import java.time.Duration;

/// The numbers of a messaging server at the moment it is asked. Called while a scrape is answered: cheap, and safe on
/// any thread. Totals never fall while the process lives.
public interface RelayReadings {
    /// Clients that are connected now.
    long sessions();

    /// Clients that may be connected at once.
    long capacity();

    /// Connections that have not proved a key yet.
    long handshakes();

    /// Sessions that were opened, in total.
    long opened();

    /// Letters that went on to their addressee, in total.
    long letters();

    /// Bytes of those letters, heads included, in total.
    long bytes();

    /// Letters that were not handed on, in total by reason.
    ByLabel<?> dropped();

    /// Connections that did not become sessions, in total by reason.
    ByLabel<?> refused();

    /// Sessions that ended, in total by reason.
    ByLabel<?> ended();

    /// Bytes that wait for addressees.
    long waiting();

    /// Event loops that move letters.
    long loops();

    /// Processor time of those loops, in total.
    Duration loopCpuTime();

    /// Direct memory that the server's buffers hold, in bytes.
    long directMemory();

    /// Whether the server's entry is in the messaging discovery.
    boolean isRegistered();
}
