package io.skywire.local.conformance;

import io.skywire.shared.key.KeyPair;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// An entry of the messaging discovery as a stock client writes and signs it.
///
/// @param signed the canonical form without the signature, which is what is signed
record StockDocument(KeyPair key, String signed) {
    /// @param servers what stands as `delegated_servers`
    static StockDocument client(StockClient owner, String sequence, Instant at, String servers) {
        return of(owner, sequence, at, "\"client\":{\"delegated_servers\":" + servers + "}");
    }

    static StockDocument server(StockClient owner, String sequence, Instant at, String address, int free) {
        return of(
                owner, sequence, at, "\"server\":{\"address\":\"" + address + "\",\"availableSessions\":" + free + "}");
    }

    static StockDocument of(StockClient owner, String sequence, Instant at, String parts) {
        return new StockDocument(
                owner.key(),
                "{\"version\":\"0.0.1\",\"sequence\":" + sequence + ",\"timestamp\":" + nanos(at) + ",\"static\":\""
                        + owner.publicKey().hex() + "\"" + (parts.isEmpty() ? "" : "," + parts) + "}");
    }

    /// The same with something else in it, signed as it stands then.
    StockDocument with(String part, String instead) {
        return new StockDocument(key, signed.replace(part, instead));
    }

    /// The whole document.
    String text() {
        return signedWith(key.sign(signed.getBytes(StandardCharsets.UTF_8)).hex());
    }

    String signedWith(String signature) {
        return signed.substring(0, signed.length() - 1) + ",\"signature\":\"" + signature + "\"}";
    }

    private static String nanos(Instant at) {
        return at.getEpochSecond() + String.format(java.util.Locale.ROOT, "%09d", at.getNano());
    }
}
