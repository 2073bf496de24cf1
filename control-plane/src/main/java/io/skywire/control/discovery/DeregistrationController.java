package io.skywire.control.discovery;

import io.skywire.control.discovery.StockJson.BadDocument;
import io.skywire.control.identity.KnownKeys;
import io.skywire.control.identity.MonitorProof;
import io.skywire.control.identity.MonitorRefused;
import io.skywire.control.identity.NetworkMonitors;
import io.skywire.shared.transport.TransportId;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.RestController;

/// `DELETE /transports/deregister` for network monitors, with a proof that is good for one request.
@RestController
final class DeregistrationController {
    private static final String PATH = "/transports/deregister";
    private static final int MAX_BODY = 1024 * 1024;

    private final TransportDeregistrations transports;
    private final NetworkMonitors monitors;
    private final StockJson json;

    DeregistrationController(TransportDeregistrations transports, NetworkMonitors monitors, KnownKeys keys) {
        this.transports = transports;
        this.monitors = monitors;
        this.json = new StockJson(keys);
    }

    @DeleteMapping(PATH)
    ResponseEntity<String> deregister(HttpServletRequest request) throws IOException {
        try {
            MonitorProof proof = monitors.proof(request::getHeader);
            byte[] body = request.getInputStream().readNBytes(MAX_BODY + 1);
            if (body.length > MAX_BODY) {
                return error(HttpStatus.CONTENT_TOO_LARGE, "the body is larger than " + MAX_BODY + " bytes");
            }
            monitors.check(proof, PATH, body);
            List<TransportId> ids = json.ids(body);
            monitors.spend(proof);
            transports.deregister(ids);
            return answer(HttpStatus.OK, "null");
        } catch (MonitorRefused refused) {
            return error(
                    switch (refused.reason()) {
                        case MALFORMED -> HttpStatus.BAD_REQUEST;
                        case FORBIDDEN -> HttpStatus.FORBIDDEN;
                    },
                    String.valueOf(refused.getMessage()));
        } catch (BadDocument bad) {
            return error(HttpStatus.BAD_REQUEST, String.valueOf(bad.getMessage()));
        }
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
