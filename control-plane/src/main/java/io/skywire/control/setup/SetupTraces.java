package io.skywire.control.setup;

import java.time.Instant;

/// Where the course of setups is told to, if anywhere. Safe for any thread.
interface SetupTraces extends AutoCloseable {
    /// Nobody is told, and nothing is kept for it.
    SetupTraces NONE = new SetupTraces() {
        @Override
        public SetupWitness begin(RouteRequest request, Instant begun) {
            return SetupWitness.NOBODY;
        }

        @Override
        public void close() {}
    };

    SetupWitness begin(RouteRequest request, Instant begun);

    /// Tells what is still to be told, for some seconds at most.
    @Override
    void close();
}
