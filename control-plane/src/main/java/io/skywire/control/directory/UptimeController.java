package io.skywire.control.directory;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.skywire.control.identity.SignedCaller;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// The uptime tracker as stock visors and monitors speak it.
@RestController
final class UptimeController {
    private static final BigDecimal SECONDS_OF_A_PERCENT = BigDecimal.valueOf(864);

    private final UptimeLedger ledger;

    UptimeController(UptimeLedger ledger) {
        this.ledger = ledger;
    }

    /// The status is 200 and nothing else: only then does a stock visor count its nonce on.
    @GetMapping("/v4/update")
    ResponseEntity<Void> update(
            @RequestAttribute(SignedCaller.ATTRIBUTE) SignedCaller caller,
            @RequestParam(defaultValue = "") String version) {
        ledger.seen(caller.key(), version);
        return ResponseEntity.ok().build();
    }

    @RequestMapping({"/update", "/v2/update", "/v3/update"})
    ResponseEntity<Void> goneUpdate() {
        return ResponseEntity.status(HttpStatus.GONE).build();
    }

    /// Where visors are on a map. Nobody tells this control plane, and it does not look addresses up.
    @GetMapping("/visors")
    List<Map<String, Double>> positions() {
        return List.of();
    }

    @GetMapping("/uptimes")
    List<?> uptimes(
            @RequestParam(defaultValue = "") String visors,
            @RequestParam(defaultValue = "") String startDate,
            @RequestParam(defaultValue = "") String endDate,
            @RequestParam(defaultValue = "") String status,
            @RequestParam(defaultValue = "") String v)
            throws BadInputException {
        UptimeQuestion question = UptimeQuestion.parse(visors, startDate, endDate, status, ledger.currentMonth());
        List<NodeUptime> found = ledger.of(question.nodes(), question.presence(), question.days());
        return v.equals("v2")
                ? found.stream().map(UptimeController::withDays).toList()
                : found.stream().map(UptimeController::briefly).toList();
    }

    @GetMapping("/uptime/{key}")
    ResponseEntity<?> uptime(@PathVariable String key, @RequestParam(defaultValue = "") String v)
            throws BadInputException {
        Optional<NodeUptime> found = ledger.of(UptimeQuestion.key(key), ledger.currentMonth());
        if (found.isEmpty()) {
            return error(HttpStatus.NOT_FOUND, "no uptime is known of this key");
        }
        return ResponseEntity.ok(v.equals("v2") ? withDays(found.get()) : briefly(found.get()));
    }

    @ExceptionHandler
    ResponseEntity<Map<String, String>> badInput(BadInputException e) {
        return error(HttpStatus.BAD_REQUEST, e.problem());
    }

    record Brief(String key, boolean online) {}

    record Detailed(
            String pk,
            boolean on,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable
            String version,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> daily) {}

    private static Brief briefly(NodeUptime uptime) {
        return new Brief(uptime.node().hex(), uptime.online());
    }

    private static Detailed withDays(NodeUptime uptime) {
        Map<String, String> daily = new LinkedHashMap<>();
        uptime.secondsOf()
                .forEach((day, seconds) -> daily.put(
                        day.toString(),
                        BigDecimal.valueOf(seconds)
                                .divide(SECONDS_OF_A_PERCENT, 2, RoundingMode.HALF_UP)
                                .toPlainString()));
        return new Detailed(uptime.node().hex(), uptime.online(), uptime.version(), daily);
    }

    private static ResponseEntity<Map<String, String>> error(HttpStatus status, String text) {
        return ResponseEntity.status(status).body(Map.of("error", text));
    }
}
