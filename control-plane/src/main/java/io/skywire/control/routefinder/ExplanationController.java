package io.skywire.control.routefinder;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/// Why a route is what it is, for staff: it names nodes, and what is held against them. Answered to callers of
/// `skywire.staff.networks` only, as the setup ledger is.
@RestController
final class ExplanationController {
    private static final int MOST_AVOIDED = 64;
    private static final int KEY_DIGITS = 2 * PublicKey.LENGTH;

    private final RouteReasons reasons;

    ExplanationController(RouteReasons reasons) {
        this.reasons = reasons;
    }

    /// By price unless `metric` says otherwise, as setup asks. `avoid` holds keys of nodes and ids of transports.
    @GetMapping("/api/v1/routes/explain")
    ExplanationJson explain(
            @RequestParam String from,
            @RequestParam String to,
            @RequestParam(defaultValue = "cost") String metric,
            @RequestParam(defaultValue = "0") int minHops,
            @RequestParam(defaultValue = "" + RouteQuery.MAX_HOPS) int maxHops,
            @RequestParam Optional<List<String>> avoid) {
        Set<PublicKey> nodes = new HashSet<>();
        Set<TransportId> transports = new HashSet<>();
        List<String> avoided = avoid.orElse(List.of());
        if (avoided.size() > MOST_AVOIDED) {
            throw bad("avoid: at most " + MOST_AVOIDED + " nodes and transports, not " + avoided.size());
        }
        for (String one : avoided) {
            if (one.length() == KEY_DIGITS) {
                nodes.add(parse(one, "avoid", PublicKey::parse));
            } else {
                transports.add(parse(one, "avoid", TransportId::parse));
            }
        }
        PublicKey source = parse(from, "from", PublicKey::parse);
        PublicKey target = parse(to, "to", PublicKey::parse);
        try {
            return ExplanationJson.of(reasons.explain(
                    new RouteQuery(source, target, minHops, maxHops, 1, nodes, transports).by(metric(metric))));
        } catch (IllegalArgumentException impossible) {
            throw bad(String.valueOf(impossible.getMessage()));
        }
    }

    private static RouteQuery.Metric metric(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "cost" -> RouteQuery.Metric.COST;
            case "hops" -> RouteQuery.Metric.HOPS;
            default -> throw bad("metric: expected cost or hops, not '" + text + "'");
        };
    }

    private static <T> T parse(String text, String parameter, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException malformed) {
            throw bad(parameter + ": " + malformed.getMessage());
        }
    }

    private static ResponseStatusException bad(String detail) {
        return new ResponseStatusException(HttpStatus.BAD_REQUEST, detail);
    }
}
