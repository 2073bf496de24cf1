package io.skywire.control.identity;

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
/// NM-PK      66 hex digits, in skywire.identity.monitors.keys
/// NM-Time    seconds since 1970, within the freshness of now
/// NM-Nonce   32 hex digits, never used before by this monitor
/// NM-Sign    130 hex digits, over the text below
///
/// "skywire network monitor\nDELETE " path "\n" NM-PK "\n" NM-Time "\n" NM-Nonce "\n" SHA-256 of the body
/// ```
/// The original's proof, a signature over the monitor's own key, is the same for ever and is refused.
public final class MonitorProof {
    private static final int NONCE_LENGTH = 16;

    private final PublicKey monitor;
    private final Instant time;
    private final byte[] nonce;
    private final Signature signature;

    private MonitorProof(PublicKey monitor, Instant time, byte[] nonce, Signature signature) {
        this.monitor = monitor;
        this.time = time;
        this.nonce = nonce;
        this.signature = signature;
    }

    static MonitorProof parse(
            PublicKey monitor, @Nullable String time, @Nullable String nonce, @Nullable String signature)
            throws MonitorRefused {
        if (time == null || nonce == null || signature == null) {
            throw MonitorRefused.malformed("NM-PK, NM-Time, NM-Nonce and NM-Sign are needed");
        }
        try {
            byte[] nonceBytes = HexFormat.of().parseHex(nonce);
            if (nonceBytes.length != NONCE_LENGTH) {
                throw MonitorRefused.malformed("NM-Nonce has 32 hex digits");
            }
            return new MonitorProof(
                    monitor, Instant.ofEpochSecond(Long.parseLong(time)), nonceBytes, Signature.parse(signature));
        } catch (InvalidKeyException | DateTimeException malformed) {
            throw MonitorRefused.malformed("NM-Time or NM-Sign is malformed");
        } catch (IllegalArgumentException malformed) {
            throw MonitorRefused.malformed("NM-Time or NM-Nonce is malformed");
        }
    }

    PublicKey monitor() {
        return monitor;
    }

    Instant time() {
        return time;
    }

    byte[] nonce() {
        return nonce.clone();
    }

    boolean isFresh(Instant now, Duration freshness) {
        return Duration.between(time, now).abs().compareTo(freshness) <= 0;
    }

    boolean covers(String path, byte[] body) {
        return monitor.verifies(signature, signedBytes(path, monitor, time, nonce, body));
    }

    /// What a monitor signs.
    public static byte[] signedBytes(String path, PublicKey monitor, Instant time, byte[] nonce, byte[] body) {
        return String.join(
                        "\n",
                        "skywire network monitor",
                        "DELETE " + path,
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
