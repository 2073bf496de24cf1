package io.skywire.node.cli;

import io.skywire.node.config.GatewayConfig;

/// Starts a gateway from its config. The composition root is plugged in here.
@FunctionalInterface
interface GatewayStarter {
    /// Returns when the gateway dials its messaging servers. A failed start leaves nothing behind.
    ///
    /// @throws NodeStarter.StartFailedException if the machine does not give what the config asks for
    Running start(GatewayConfig config) throws NodeStarter.StartFailedException;

    /// A gateway that runs.
    interface Running extends AutoCloseable {
        /// One line that says who it is.
        String readyLine();

        /// Ends it. A second call does nothing.
        @Override
        void close();
    }
}
