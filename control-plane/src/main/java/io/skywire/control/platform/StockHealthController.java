package io.skywire.control.platform;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// `GET /health` as every stock service answers it: which build runs and since when. Probes use `/actuator/health`.
@RestController
final class StockHealthController {
    private final Map<String, Object> answer;

    StockHealthController(InstantSource clock) {
        String version = Optional.ofNullable(
                        StockHealthController.class.getPackage().getImplementationVersion())
                .orElse("unknown");
        answer = Map.of(
                "build_info",
                Map.of("version", version, "commit", "unknown", "date", "unknown"),
                "started_at",
                clock.instant().truncatedTo(ChronoUnit.MICROS).toString());
    }

    @GetMapping("/health")
    Map<String, Object> health() {
        return answer;
    }
}
