package io.skywire.node.metrics;

import io.skywire.node.metrics.NodeReadings.ByLabel;

/// The numbers of a gateway at the moment it is asked. Called while a scrape is answered: cheap, and safe on any
/// thread. Totals never fall while the process lives.
public interface GatewayReadings {
    /// Messaging servers with which a session stands.
    long servers();

    /// Links with nodes.
    long links();

    /// Sessions inside those links.
    long sessions();

    /// Byte streams to the control plane.
    long streams();

    /// Byte streams that were refused, in total by reason.
    ByLabel<?> refused();

    /// Packets that led nowhere, in total by reason.
    ByLabel<?> dropped();

    /// Direct memory that the gateway's buffers hold, in bytes.
    long directMemory();
}
