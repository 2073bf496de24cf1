package io.skywire.control.identity;

import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// Checks a signed request and takes its nonce. The signature covers the raw body and the decimal nonce behind it.
///
/// Checks and their words are those of stock servers, in their order. A good request costs one statement; the stored
/// nonce is read only to tell a stale nonce from a bad signature.
@Component
class RequestVerification {
    private static final BigInteger PRIME =
            BigInteger.TWO.pow(256).subtract(BigInteger.TWO.pow(32)).subtract(BigInteger.valueOf(977));
    private static final BigInteger ORDER =
            new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);

    private final KnownKeys keys;
    private final RequestNonces nonces;

    RequestVerification(KnownKeys keys, RequestNonces nonces) {
        this.keys = keys;
        this.nonces = nonces;
    }

    sealed interface Outcome {
        record Proved(PublicKey key) implements Outcome {}

        record Refused(String message) implements Outcome {}
    }

    /// The headers as they came, null where one is missing.
    record Headers(
            @Nullable String key,
            @Nullable String nonce,
            @Nullable String signature) {}

    /// While the database is away, throws Spring's `DataAccessException` and has taken nothing.
    Outcome verify(Headers headers, byte[] body) {
        String keyText = headers.key();
        String signatureText = headers.signature();
        String nonceText = headers.nonce();
        if (keyText == null || keyText.isEmpty()) {
            return new Outcome.Refused("SW-Public missing");
        }
        if (signatureText == null || signatureText.isEmpty()) {
            return new Outcome.Refused("SW-Sig missing");
        }
        if (nonceText == null || nonceText.isEmpty()) {
            return new Outcome.Refused("SW-Nonce missing");
        }
        PublicKey key;
        try {
            key = keys.read(keyText);
        } catch (InvalidKeyException invalid) {
            return new Outcome.Refused("error parsing SW-Public: " + invalid.getMessage());
        }
        Signature signature;
        try {
            signature = StockKeys.signature(signatureText);
        } catch (InvalidKeyException invalid) {
            return new Outcome.Refused("error parsing SW-Sig:'" + signatureText + "': " + invalid.getMessage());
        }
        if (!nonceText.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return new Outcome.Refused("error parsing SW-Nonce: invalid syntax");
        }
        String digits = nonceText.replaceFirst("^0+(?=.)", "");
        if (digits.length() > 20 || new BigInteger(digits).compareTo(RequestNonces.LARGEST) > 0) {
            return new Outcome.Refused("error parsing SW-Nonce: value out of range");
        }
        return verify(key, signature, new BigInteger(digits), body);
    }

    private Outcome verify(PublicKey key, Signature signature, BigInteger nonce, byte[] body) {
        ByteArrayOutputStream signed = new ByteArrayOutputStream(body.length + 20);
        signed.writeBytes(body);
        signed.writeBytes(nonce.toString().getBytes(StandardCharsets.US_ASCII));
        if (!key.verifies(signature, signed.toByteArray())) {
            return new Outcome.Refused(
                    nonces.next(key).equals(nonce) ? whatIsWrong(signature) : "SW-Nonce does not match");
        }
        return nonces.take(key, nonce) ? new Outcome.Proved(key) : new Outcome.Refused("SW-Nonce does not match");
    }

    /// Whether any key at all can be recovered from the signature; only the words of the refusal depend on it.
    private static String whatIsWrong(Signature signature) {
        byte[] bytes = signature.bytes();
        BigInteger r = new BigInteger(1, bytes, 0, 32);
        BigInteger s = new BigInteger(1, bytes, 32, 32);
        int recovery = bytes[64] & 0xff;
        BigInteger x = (recovery & 2) == 0 ? r : r.add(ORDER);
        boolean recovers = recovery < 4
                && r.signum() > 0
                && r.compareTo(ORDER) < 0
                && s.signum() > 0
                && s.compareTo(ORDER.shiftRight(1)) <= 0
                && x.compareTo(PRIME) < 0
                && isOnCurve(x);
        return recovers ? "Recovered pubkey does not match pubkey" : "Failed to recover pubkey from signature";
    }

    private static boolean isOnCurve(BigInteger x) {
        BigInteger square = x.pow(3).add(BigInteger.valueOf(7)).mod(PRIME);
        return square.signum() == 0
                || square.modPow(PRIME.subtract(BigInteger.ONE).shiftRight(1), PRIME)
                        .equals(BigInteger.ONE);
    }
}
