package io.skywire.control.platform;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.GitProperties;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// `GET /health` as every stock service answers it: which build runs and since when. Probes use `/actuator/health`.
@RestController
final class StockHealthController {
    private final Map<String, Object> answer;

    StockHealthController(InstantSource clock, ObjectProvider<GitProperties> git) {
        String version = Optional.ofNullable(
                        StockHealthController.class.getPackage().getImplementationVersion())
                .orElse("unknown");
        answer = Map.of(
                "build_info",
                buildInfo(version, Optional.ofNullable(git.getIfAvailable())),
                "started_at",
                clock.instant().truncatedTo(ChronoUnit.MICROS).toString());
    }

    /// Commit and date are those of the commit that was built; unknown where it was not built from a checkout.
    private static Map<String, String> buildInfo(String version, Optional<GitProperties> git) {
        Map<String, String> info = new LinkedHashMap<>();
        info.put("version", version);
        info.put(
                "commit",
                git.map(GitProperties::getCommitId)
                        .map(commit -> isDirty(git) ? commit + "-dirty" : commit)
                        .orElse("unknown"));
        info.put(
                "date",
                git.map(GitProperties::getCommitTime).map(Instant::toString).orElse("unknown"));
        return info;
    }

    private static boolean isDirty(Optional<GitProperties> git) {
        return git.map(one -> "true".equals(one.get("dirty"))).orElse(false);
    }

    @GetMapping("/health")
    Map<String, Object> health() {
        return answer;
    }
}
