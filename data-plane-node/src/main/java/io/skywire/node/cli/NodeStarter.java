package io.skywire.node.cli;

import io.skywire.node.api.StatusView;
import io.skywire.node.config.NodeConfig;

/// Starts a node from its config. The composition root is plugged in here.
@FunctionalInterface
public interface NodeStarter {
    /// Returns when the node listens everywhere it should. A failed start leaves nothing behind.
    ///
    /// @throws StartFailedException if the machine does not give what the config asks for, such as a port in use
    Running start(NodeConfig config) throws StartFailedException, InterruptedException;

    /// A node that runs.
    interface Running extends AutoCloseable {
        StatusView status();

        /// Ends it gracefully, within seconds: no new work, sessions closed, sockets removed. A second call does
        /// nothing.
        @Override
        void close();
    }

    /// Why a node did not start: one line that names the thing and what to do.
    final class StartFailedException extends Exception {
        private static final long serialVersionUID = 1L;

        public StartFailedException(String message) {
            super(message);
        }

        public StartFailedException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
