package io.skywire.control.setup;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
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

/// The setup ledger for staff: who asked for which route, and how it ended. It names whole routes, so it is answered
/// to callers of `skywire.staff.networks` only: loopback, unless somebody decides otherwise.
@RestController
@RequestMapping("/api/v1/routes")
final class RoutesController {
    private static final int MOST = 500;

    private final SetupLedger ledger;
    private final RuleReceipts receipts;

    RoutesController(SetupLedger ledger, RuleReceipts receipts) {
        this.ledger = ledger;
        this.receipts = receipts;
    }

    @GetMapping
    List<RouteJson> newest(@RequestParam Optional<RouteState> state, @RequestParam(defaultValue = "50") int limit) {
        return ledger.newest(state, Math.clamp(limit, 1, MOST)).stream()
                .map(row -> json(row, List.of()))
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
                .map(row -> json(row, receipts.of(row.id())))
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND, "no route " + route));
    }

    private RouteJson json(SetupLedger.RouteRow row, List<RuleReceipts.Kept> kept) {
        List<PublicKey> nodes = ledger.nodesOf(row);
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
                nodes.stream().map(PublicKey::hex).toList(),
                row.times().find().toNanos() / 1000,
                row.times().write().toNanos() / 1000,
                row.times().install().toNanos() / 1000,
                row.times().probe().toNanos() / 1000,
                row.created(),
                row.changed(),
                kept.stream()
                        .map(one -> new ReceiptJson(
                                Math.max(0, nodes.indexOf(one.node())),
                                one.node().hex(),
                                one.plan().toString(),
                                one.revision(),
                                one.delta()
                                        .map(Base64.getEncoder()::encodeToString)
                                        .orElse(null),
                                HexFormat.of().formatHex(one.digest()),
                                HexFormat.of().formatHex(one.signature()),
                                one.received()))
                        .sorted(Comparator.comparing(ReceiptJson::received).thenComparing(ReceiptJson::hop))
                        .toList());
    }

    record ReceiptJson(
            int hop,
            String node,
            String plan,
            long revision,
            @Nullable String delta,
            String digest,
            String signature,
            Instant received) {}

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
            Instant changed,
            List<ReceiptJson> receipts) {}
}
