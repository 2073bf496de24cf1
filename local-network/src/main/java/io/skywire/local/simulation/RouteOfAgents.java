package io.skywire.local.simulation;

import io.skywire.proto.v1.SetupResult;
import java.time.Duration;

/// What an agent got for a request for a route.
///
/// @param seen from the request to the answer, as the agent sees it: its own way to the control plane included
/// @param atControlPlane the same without the simulated delay of the agent's own way there and back
public record RouteOfAgents(SetupResult result, Duration seen, Duration atControlPlane) {
    public boolean isEstablished() {
        return result.getOutcomeCase() == SetupResult.OutcomeCase.ESTABLISHED;
    }
}
