package io.skywire.control.setup;

import java.time.Instant;

/// Sees how one setup goes on, on the setup's own thread. It must not wait, and changes nothing.
interface SetupWitness {
    SetupWitness NOBODY = new SetupWitness() {
        @Override
        public void step(RouteSetup before, SetupEvent event, RouteSetup after, Instant now) {}

        @Override
        public void over(SetupEffects.Ending ending, Instant now) {}
    };

    /// The event was taken in; whether it changed anything is for the witness to compare.
    void step(RouteSetup before, SetupEvent event, RouteSetup after, Instant now);

    /// The setup is over here. Once, and last.
    void over(SetupEffects.Ending ending, Instant now);
}
