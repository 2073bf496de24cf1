package io.skywire.control.setup;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/// The setup ledger for staff: who asked for which route, and how it ended. It names whole routes, so it is served only
/// where the control plane's HTTP port is bound: loopback, unless somebody decides otherwise.
@RestController
@RequestMapping("/api/v1/routes")
final class RoutesController {
    private static final int MOST = 500;

    private final SetupLedger ledger;

    RoutesController(SetupLedger ledger) {
        this.ledger = ledger;
    }

    @GetMapping
    List<RouteJson> newest(@RequestParam Optional<RouteState> state, @RequestParam(defaultValue = "50") int limit) {
        return ledger.newest(state, Math.clamp(limit, 1, MOST)).stream()
                .map(this::json)
                .toList();
    }

    @GetMapping("/{uid}")
    RouteJson one(@PathVariable String uid) {
        RouteUid route;
        try {
            route = RouteUid.parse(uid);
        } catch (IllegalArgumentException malformed) {
            throw new ResponseStatusException(HttpStatus.BAD_REQUEST, "'" + uid + "' is no route uid");
        }
        return ledger.byUid(route)
                .map(this::json)
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND, "no route " + route));
    }

    private RouteJson json(SetupLedger.RouteRow row) {
        return new RouteJson(
                row.uid().toString(),
                row.request().toString(),
                row.initiator().hex(),
                row.destination().hex(),
                row.state(),
                row.explicit(),
                row.plans(),
                row.reason().orElse(null),
                row.hop().isPresent() ? row.hop().getAsInt() : null,
                row.detail().orElse(null),
                ledger.nodesOf(row).stream().map(PublicKey::hex).toList(),
                row.times().find().toNanos() / 1000,
                row.times().write().toNanos() / 1000,
                row.times().install().toNanos() / 1000,
                row.times().probe().toNanos() / 1000,
                row.created(),
                row.changed());
    }

    record RouteJson(
            String uid,
            String requestId,
            String initiator,
            String destination,
            RouteState state,
            boolean explicit,
            int plans,
            @Nullable FailureReason reason,
            @Nullable Integer hop,
            @Nullable String detail,
            List<String> nodes,
            long findMicros,
            long writeMicros,
            long installMicros,
            long probeMicros,
            Instant created,
            Instant changed) {}
}
