package io.skywire.node.cli;

import io.skywire.node.config.RelayConfig;

/// Starts a messaging server from its config. The composition root is plugged in here.
@FunctionalInterface
interface RelayStarter {
    /// Returns when the server listens. A failed start leaves nothing behind.
    ///
    /// @throws NodeStarter.StartFailedException if the machine does not give what the config asks for
    Running start(RelayConfig config) throws NodeStarter.StartFailedException;

    /// A server that runs.
    interface Running extends AutoCloseable {
        /// One line that says who it is and where it listens.
        String readyLine();

        /// Drains and ends it: out of the discovery, clients told to move, a bounded wait. A second call does nothing.
        @Override
        void close();
    }
}
