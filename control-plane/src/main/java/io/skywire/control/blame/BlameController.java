package io.skywire.control.blame;

import io.skywire.control.blame.Subject.Node;
import io.skywire.control.blame.Subject.Transport;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/// Who is blamed, how much, and by what, for staff. Answered to callers of `skywire.staff.networks` only, as the
/// setup ledger is: loopback, unless somebody decides otherwise.
///
/// Accusers are shown by the first digits of their key: enough to see whether it is always the same one. Whose route it
/// was is in the ledger, under the route's uid.
@RestController
@RequestMapping("/api/v1/blame")
final class BlameController {
    private static final int MOST = 500;

    private final StoredBlame book;
    private final BlameSettings settings;
    private final BlameScore score;
    private final InstantSource clock;

    BlameController(StoredBlame book, BlameSettings settings, InstantSource clock) {
        this.book = book;
        this.settings = settings;
        this.score = settings.score();
        this.clock = clock;
    }

    /// The most blamed first. `node` also finds the transports that end there.
    @GetMapping
    BlameJson blamed(
            @RequestParam Optional<String> node,
            @RequestParam Optional<String> transport,
            @RequestParam(defaultValue = "50") int limit) {
        Optional<PublicKey> key = node.map(text -> parse(text, "node", PublicKey::parse));
        Optional<TransportId> id = transport.map(text -> parse(text, "transport", TransportId::parse));
        Predicate<Subject> asked = subject -> switch (subject) {
            case Node blamed -> id.isEmpty() && key.map(blamed.key()::equals).orElse(true);
            case Transport blamed ->
                id.map(blamed.id()::equals).orElse(true)
                        && key.map(edge -> edge.equals(blamed.lower()) || edge.equals(blamed.higher()))
                                .orElse(true);
        };
        Instant now = clock.instant();
        List<SubjectJson> subjects = book.evidence().entrySet().stream()
                .filter(entry -> asked.test(entry.getKey()))
                .map(entry -> json(entry, now))
                .filter(subject -> subject.score() > 0)
                .sorted(Comparator.comparingDouble(SubjectJson::score)
                        .reversed()
                        .thenComparing(SubjectJson::id))
                .limit(Math.clamp(limit, 1, MOST))
                .toList();
        return new BlameJson(
                now,
                settings.halfLife().toSeconds(),
                settings.wordCap(),
                settings.accuserCap(),
                settings.cap(),
                subjects);
    }

    private static <T> T parse(String text, String parameter, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException malformed) {
            throw new ResponseStatusException(HttpStatus.BAD_REQUEST, parameter + ": " + malformed.getMessage());
        }
    }

    private SubjectJson json(Map.Entry<Subject, List<Evidence>> entry, Instant now) {
        List<EvidenceJson> evidence = entry.getValue().stream()
                .sorted(Evidence.IN_ORDER.reversed())
                .map(one -> new EvidenceJson(
                        one.kind(),
                        one.accuser().map(PublicKey::shortHex).orElse(null),
                        one.weight(),
                        one.weight() * score.fading(one.at(), now),
                        one.at(),
                        one.route().toString()))
                .toList();
        double level = score.at(now, entry.getValue());
        return switch (entry.getKey()) {
            case Node node -> new SubjectJson("node", node.key().hex(), List.of(), level, evidence);
            case Transport transport ->
                new SubjectJson(
                        "transport",
                        transport.id().toString(),
                        List.of(transport.lower().hex(), transport.higher().hex()),
                        level,
                        evidence);
        };
    }

    record BlameJson(
            Instant asOf,
            long halfLifeSeconds,
            double wordCap,
            double accuserCap,
            double cap,
            List<SubjectJson> subjects) {}

    record SubjectJson(String kind, String id, List<String> edges, double score, List<EvidenceJson> evidence) {}

    /// `weight` as it was entered, `counts` what is left of it now; the caps may let even less through.
    record EvidenceJson(
            FaultKind reason, @Nullable String accuser, double weight, double counts, Instant at, String route) {}
}
