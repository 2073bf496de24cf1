package io.skywire.control;

import org.junit.jupiter.api.Test;
import org.springframework.modulith.core.ApplicationModules;

/// The rooms see each other only along the arrows that stand in their door-plates.
final class ModularityTests {
    @Test
    void roomsKeepToTheirArrows() {
        ApplicationModules.of(ControlPlaneApplication.class).verify();
    }
}
