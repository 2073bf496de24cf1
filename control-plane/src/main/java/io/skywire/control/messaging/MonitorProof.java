package io.skywire.control.messaging;

import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// What a network monitor shows to deregister entries: a signature over this very request, made now, good once.
/// ```
/// NM-PK      66 hex digits, in skywire.messaging.monitors
/// NM-Time    seconds since 1970, within the freshness of now
/// NM-Nonce   32 hex digits, never used before by this monitor
/// NM-Sign    130 hex digits, over the text below
///
/// "skywire network monitor\nDELETE /dmsg-discovery/deregister\n" NM-PK "\n" NM-Time "\n" NM-Nonce "\n" SHA-256 of the
/// body
/// ```
/// The original's proof, a signature over the monitor's own key, is the same for ever and is refused.
record MonitorProof(PublicKey monitor, Instant time, byte[] nonce, Signature signature) {
    private static final int NONCE_LENGTH = 16;

    /// @throws UndecodableException if a header is missing or is not what it must be
    static MonitorProof parse(
            @Nullable String key, @Nullable String time, @Nullable String nonce, @Nullable String signature)
            throws UndecodableException {
        if (key == null || time == null || nonce == null || signature == null) {
            throw new UndecodableException("NM-PK, NM-Time, NM-Nonce and NM-Sign are needed");
        }
        try {
            byte[] nonceBytes = HexFormat.of().parseHex(nonce);
            if (nonceBytes.length != NONCE_LENGTH) {
                throw new UndecodableException("NM-Nonce has 32 hex digits");
            }
            return new MonitorProof(
                    EntryDecoder.parseKey(key).orElseThrow(() -> new UndecodableException("NM-PK is the null key")),
                    Instant.ofEpochSecond(Long.parseLong(time)),
                    nonceBytes,
                    Signature.parse(signature));
        } catch (InvalidKeyException | DateTimeException malformed) {
            throw new UndecodableException("NM-Time or NM-Sign is malformed");
        } catch (IllegalArgumentException malformed) {
            throw new UndecodableException("NM-Time or NM-Nonce is malformed");
        }
    }

    boolean isFresh(Instant now, Duration freshness) {
        return Duration.between(time, now).abs().compareTo(freshness) <= 0;
    }

    boolean covers(byte[] body) {
        return monitor.verifies(signature, signedBytes(monitor, time, nonce, body));
    }

    static byte[] signedBytes(PublicKey monitor, Instant time, byte[] nonce, byte[] body) {
        return String.join(
                        "\n",
                        "skywire network monitor",
                        "DELETE /dmsg-discovery/deregister",
                        monitor.hex(),
                        Long.toString(time.getEpochSecond()),
                        HexFormat.of().formatHex(nonce),
                        HexFormat.of().formatHex(sha256(body)))
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
