package io.skywire.control.discovery;

import io.skywire.control.discovery.StockEntry.Registration;
import io.skywire.control.discovery.StockJson.BadDocument;
import io.skywire.control.discovery.StockJson.Word;
import io.skywire.control.identity.KnownKeys;
import io.skywire.control.identity.SignedCaller;
import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// Transport discovery as stock visors speak it; every path is one of [io.skywire.control.identity.SignedPaths].
/// Application errors are `{"error":"text"}`, never the object that stock clients take for a stale nonce.
@RestController
final class TransportController {
    private final StockTransports transports;
    private final KnownKeys keys;
    private final StockJson json;

    TransportController(StockTransports transports, KnownKeys keys) {
        this.transports = transports;
        this.keys = keys;
        this.json = new StockJson(keys);
    }

    @PostMapping("/transports/")
    ResponseEntity<String> register(
            @RequestAttribute(SignedCaller.ATTRIBUTE) SignedCaller caller,
            @RequestBody(required = false) Optional<byte[]> body) {
        Optional<List<Registration>> registrations;
        try {
            registrations = json.registrations(body.orElse(new byte[0]));
        } catch (BadDocument bad) {
            return error(HttpStatus.BAD_REQUEST, bad);
        }
        if (registrations.isEmpty()) {
            return answer(HttpStatus.CREATED, "null");
        }
        return switch (transports.register(caller.key(), registrations.get())) {
            case StockTransports.Outcome.Registered registered ->
                answer(HttpStatus.CREATED, json.echo(registrations.get()));
            case StockTransports.Outcome.NotAnEdge stranger ->
                error(HttpStatus.FORBIDDEN, "the caller is no edge of transport " + stranger.transport());
            case StockTransports.Outcome.Unproven unproven ->
                error(
                        HttpStatus.BAD_REQUEST,
                        "transport " + unproven.transport() + " does not carry a valid signature of each edge");
        };
    }

    @GetMapping("/transports/id:{id}")
    ResponseEntity<String> byId(
            @RequestAttribute(SignedCaller.ATTRIBUTE) SignedCaller caller, @PathVariable("id") String text) {
        try {
            return transports
                    .find(StockJson.id(text), caller.key())
                    .map(entry -> answer(HttpStatus.OK, json.entry(entry)))
                    .orElseGet(this::notFound);
        } catch (BadDocument bad) {
            return error(HttpStatus.BAD_REQUEST, bad);
        }
    }

    @GetMapping("/transports/edge:{key}")
    ResponseEntity<?> byEdge(
            @RequestAttribute(SignedCaller.ATTRIBUTE) SignedCaller caller, @PathVariable("key") String text) {
        PublicKey edge;
        try {
            edge = keys.read(text);
        } catch (InvalidKeyException invalid) {
            return error(HttpStatus.BAD_REQUEST, "public key is invalid");
        }
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(transports.ofEdge(edge, caller.key()));
    }

    @DeleteMapping("/transports/id:{id}")
    ResponseEntity<String> delete(
            @RequestAttribute(SignedCaller.ATTRIBUTE) SignedCaller caller, @PathVariable("id") String text) {
        TransportId id;
        try {
            id = StockJson.id(text);
        } catch (BadDocument bad) {
            return error(HttpStatus.BAD_REQUEST, bad);
        }
        Optional<StockEntry> before = transports.known(List.of(id)).stream().findFirst();
        if (before.isEmpty()) {
            return notFound();
        }
        if (!before.get().hasEdge(caller.key())) {
            return before.get().isListedFor(caller.key())
                    ? error(HttpStatus.BAD_REQUEST, "transport ID is invalid")
                    : notFound();
        }
        transports.say(caller.key(), Map.of(id, LinkState.DOWN));
        return before.get().views().merged()
                ? ResponseEntity.ok().contentType(MediaType.TEXT_PLAIN).body("transport deleted")
                : notFound();
    }

    @PostMapping("/statuses")
    ResponseEntity<String> say(
            @RequestAttribute(SignedCaller.ATTRIBUTE) SignedCaller caller,
            @RequestBody(required = false) Optional<byte[]> body) {
        Map<TransportId, LinkState> words = new LinkedHashMap<>();
        try {
            for (Word word : json.words(body.orElse(new byte[0]))) {
                words.put(word.id(), word.state());
            }
        } catch (BadDocument bad) {
            return error(HttpStatus.BAD_REQUEST, bad);
        }
        List<StockEntry> known = transports.known(words.keySet());
        if (known.size() < words.size()) {
            return notFound();
        }
        if (!known.stream().allMatch(entry -> entry.hasEdge(caller.key()))) {
            return error(HttpStatus.FORBIDDEN, "the caller is no edge of one of the transports");
        }
        return answer(HttpStatus.OK, json.statuses(transports.say(caller.key(), words)));
    }

    @GetMapping("/statuses/id:{id}")
    ResponseEntity<String> views(
            @RequestAttribute(SignedCaller.ATTRIBUTE) SignedCaller caller, @PathVariable("id") String text) {
        try {
            return transports
                    .views(StockJson.id(text), caller.key())
                    .map(entry -> answer(HttpStatus.OK, json.status(entry).toString()))
                    .orElseGet(this::notFound);
        } catch (BadDocument bad) {
            return error(HttpStatus.BAD_REQUEST, bad);
        }
    }

    private ResponseEntity<String> notFound() {
        return error(HttpStatus.NOT_FOUND, "transport not found");
    }

    private ResponseEntity<String> error(HttpStatus status, BadDocument bad) {
        return error(status, String.valueOf(bad.getMessage()));
    }

    private ResponseEntity<String> error(HttpStatus status, String message) {
        return answer(status, json.error(message));
    }

    private static ResponseEntity<String> answer(HttpStatus status, String body) {
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_JSON)
                .body(body + "\n");
    }
}
