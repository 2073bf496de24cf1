package io.skywire.control.directory;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.skywire.control.directory.UptimeLedger.Days;
import io.skywire.control.directory.UptimeLedger.Presence;
import io.skywire.control.identity.SignedCaller;
import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.PublicKey;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
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
    private static final int MAX_NODES = 100;
    private static final int MAX_DAYS = 62;
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
            @RequestParam(defaultValue = "") String v) {
        Presence presence = switch (status) {
            case "on" -> Presence.ONLINE;
            case "off" -> Presence.OFFLINE;
            default -> Presence.ANY;
        };
        List<NodeUptime> found = ledger.of(keys(visors), presence, days(startDate, endDate));
        return v.equals("v2")
                ? found.stream().map(UptimeController::withDays).toList()
                : found.stream().map(UptimeController::briefly).toList();
    }

    @GetMapping("/uptime/{key}")
    ResponseEntity<?> uptime(@PathVariable String key, @RequestParam(defaultValue = "") String v) {
        Optional<NodeUptime> found = ledger.of(key(key), ledger.currentMonth());
        if (found.isEmpty()) {
            return error(HttpStatus.NOT_FOUND, "no uptime is known of this key");
        }
        return ResponseEntity.ok(v.equals("v2") ? withDays(found.get()) : briefly(found.get()));
    }

    @ExceptionHandler
    ResponseEntity<Map<String, String>> badInput(BadInputException e) {
        return error(HttpStatus.BAD_REQUEST, e.problem);
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

    private static List<PublicKey> keys(String list) {
        List<PublicKey> keys = new ArrayList<>();
        if (!list.isEmpty()) {
            String[] texts = list.split(",", -1);
            if (texts.length > MAX_NODES) {
                throw new BadInputException("at most " + MAX_NODES + " visors in one request");
            }
            for (String text : texts) {
                keys.add(key(text));
            }
        }
        return keys;
    }

    private static PublicKey key(String text) {
        if (text.length() != 2 * PublicKey.LENGTH) {
            throw new BadInputException("public key is invalid");
        }
        try {
            return PublicKey.parse(text);
        } catch (InvalidKeyException invalid) {
            throw new BadInputException("public key is invalid");
        }
    }

    /// Seconds since 1970, both days included; the current month where nothing is said.
    private Days days(String start, String end) {
        Days month = ledger.currentMonth();
        LocalDate last = end.isEmpty() ? month.last() : day(end);
        LocalDate first = start.isEmpty() ? last.withDayOfMonth(1) : day(start);
        long count = ChronoUnit.DAYS.between(first, last) + 1;
        if (count < 1 || count > MAX_DAYS) {
            throw new BadInputException("startDate to endDate must be 1 to " + MAX_DAYS + " days");
        }
        return new Days(first, last);
    }

    private static LocalDate day(String seconds) {
        try {
            long second = Long.parseLong(seconds);
            if (second < 0 || second > Integer.MAX_VALUE * 4L) {
                throw new BadInputException("a date must be in seconds since 1970");
            }
            return LocalDate.ofInstant(Instant.ofEpochSecond(second), ZoneOffset.UTC);
        } catch (NumberFormatException | DateTimeException malformed) {
            throw new BadInputException("a date must be in seconds since 1970");
        }
    }

    private static ResponseEntity<Map<String, String>> error(HttpStatus status, String text) {
        return ResponseEntity.status(status).body(Map.of("error", text));
    }

    /// A parameter that is not what it must be.
    private static final class BadInputException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String problem;

        BadInputException(String problem) {
            super(problem, null, false, false);
            this.problem = problem;
        }
    }
}
