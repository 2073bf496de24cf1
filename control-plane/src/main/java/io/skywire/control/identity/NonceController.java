package io.skywire.control.identity;

import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.PublicKey;
import java.math.BigInteger;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/// Tells a key which nonce its next signed request must carry.
@RestController
final class NonceController {
    private final RequestNonces nonces;

    NonceController(RequestNonces nonces) {
        this.nonces = nonces;
    }

    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    record NextNonce(String edge, BigInteger nextNonce) {}

    @GetMapping("/security/nonces/{key}")
    ResponseEntity<?> next(@PathVariable("key") String text) {
        PublicKey key;
        try {
            key = StockKeys.publicKey(text);
        } catch (InvalidKeyException invalid) {
            return ResponseEntity.badRequest()
                    .contentType(MediaType.APPLICATION_JSON)
                    .body(StockError.of(String.valueOf(invalid.getMessage()), 400));
        }
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .header("Cache-Control", "no-store")
                .body(new NextNonce(key.hex(), nonces.next(key).min(RequestNonces.LARGEST)));
    }
}
