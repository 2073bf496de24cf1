package io.skywire.control.messaging;

import io.skywire.control.identity.MonitorProof;
import io.skywire.control.identity.MonitorRefused;
import io.skywire.control.identity.NetworkMonitors;
import io.skywire.control.identity.SignedCaller;
import io.skywire.control.messaging.Answer.Refused;
import io.skywire.control.messaging.EntryDirectory.Lease;
import io.skywire.shared.key.PublicKey;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.TransactionException;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// `/dmsg-discovery/*` as stock clients speak it. Bodies are read here, with a cap, before anything looks at them;
/// answers are `{"message":…,"code":…}` or documents.
@RestController
@RequestMapping("/dmsg-discovery")
final class MessagingController {
    static final int MAX_ENTRY = 16 * 1024;
    static final int MAX_KEY_LIST = 1024 * 1024;

    private final EntryDirectory directory;
    private final NetworkMonitors monitors;
    private final EntryDecoder decoder = new EntryDecoder();

    MessagingController(EntryDirectory directory, NetworkMonitors monitors) {
        this.directory = directory;
        this.monitors = monitors;
    }

    @GetMapping("/entry/{key}")
    ResponseEntity<byte[]> entry(@PathVariable String key) {
        Optional<PublicKey> parsed;
        try {
            parsed = EntryDecoder.parseKey(key);
        } catch (UndecodableException malformed) {
            return answer(Refused.BAD_INPUT);
        }
        return parsed.flatMap(directory::document)
                .map(MessagingController::ok)
                .orElseGet(() -> answer(Refused.NOT_FOUND));
    }

    @PostMapping({"/entry", "/entry/", "/entry/{ignored}"})
    ResponseEntity<byte[]> post(HttpServletRequest request) throws IOException {
        Optional<byte[]> body = body(request, MAX_ENTRY);
        return answer(body.isPresent() ? directory.post(body.get(), lease(request)) : Refused.TOO_LARGE);
    }

    @DeleteMapping({"/entry", "/entry/"})
    ResponseEntity<byte[]> delete(HttpServletRequest request) throws IOException {
        Optional<byte[]> body = body(request, MAX_ENTRY);
        return answer(body.isPresent() ? directory.delete(body.get(), caller(request)) : Refused.TOO_LARGE);
    }

    @GetMapping("/entries")
    ResponseEntity<byte[]> entries() {
        return ok(keys(directory.clients()));
    }

    @GetMapping("/visorEntries")
    ResponseEntity<byte[]> visorEntries() {
        return ok(keys(directory.visors()));
    }

    @GetMapping("/available_servers")
    ResponseEntity<byte[]> availableServers() {
        return servers(directory.availableServers());
    }

    @GetMapping("/all_servers")
    ResponseEntity<byte[]> allServers() {
        return servers(directory.allServers());
    }

    @DeleteMapping("/deregister")
    ResponseEntity<byte[]> deregister(HttpServletRequest request) throws IOException {
        try {
            MonitorProof proof = monitors.proof(request::getHeader);
            Optional<byte[]> body = body(request, MAX_KEY_LIST);
            if (body.isEmpty()) {
                return answer(Refused.TOO_LARGE);
            }
            monitors.check(proof, "/dmsg-discovery/deregister", body.get());
            List<PublicKey> keys = decoder.keys(body.get());
            monitors.spend(proof);
            directory.deregister(keys);
            return ok("null");
        } catch (MonitorRefused refused) {
            return switch (refused.reason()) {
                case MALFORMED -> answer(Refused.BAD_INPUT);
                case FORBIDDEN -> answer(new Refused(403, String.valueOf(refused.getMessage())));
            };
        } catch (UndecodableException malformed) {
            return answer(Refused.BAD_INPUT);
        }
    }

    @ExceptionHandler({DataAccessException.class, TransactionException.class})
    ResponseEntity<byte[]> databaseAway() {
        return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE)
                .header(HttpHeaders.RETRY_AFTER, "2")
                .contentType(MediaType.APPLICATION_JSON)
                .body(message(Refused.DATABASE_AWAY));
    }

    /// A body that the caller does not finish, or that is not what its headers say, is the caller's.
    @ExceptionHandler(IOException.class)
    ResponseEntity<byte[]> unreadable() {
        return answer(Refused.BAD_INPUT);
    }

    private static ResponseEntity<byte[]> servers(List<String> documents) {
        return documents.isEmpty() ? answer(Refused.NO_SERVERS) : ok(array(documents, UnaryOperator.identity()));
    }

    private static String keys(List<byte[]> keys) {
        return array(keys.stream().map(HexFormat.of()::formatHex).toList(), key -> '"' + key + '"');
    }

    private static String array(List<String> elements, UnaryOperator<String> form) {
        return elements.stream().map(form).collect(Collectors.joining(",", "[", "]"));
    }

    private static ResponseEntity<byte[]> ok(String json) {
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(json.getBytes(StandardCharsets.UTF_8));
    }

    private static ResponseEntity<byte[]> answer(Answer answer) {
        return ResponseEntity.status(answer.status())
                .contentType(MediaType.APPLICATION_JSON)
                .body(message(answer));
    }

    private static byte[] message(Answer answer) {
        return CanonicalJson.message(answer.status(), answer.text()).getBytes(StandardCharsets.UTF_8);
    }

    private static Optional<PublicKey> caller(HttpServletRequest request) {
        return request.getAttribute(SignedCaller.ATTRIBUTE) instanceof SignedCaller caller
                ? Optional.of(caller.key())
                : Optional.empty();
    }

    /// Read from the query itself: asking for parameters would read a body that says it is a form.
    private static Lease lease(HttpServletRequest request) {
        String query = request.getQueryString();
        return query != null && Arrays.asList(query.split("&", -1)).contains("timeout=true")
                ? Lease.SHORT
                : Lease.USUAL;
    }

    private static Optional<byte[]> body(HttpServletRequest request, int most) throws IOException {
        byte[] bytes = request.getInputStream().readNBytes(most + 1);
        return bytes.length > most ? Optional.empty() : Optional.of(bytes);
    }
}
