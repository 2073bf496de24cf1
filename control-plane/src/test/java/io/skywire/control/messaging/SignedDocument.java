package io.skywire.control.messaging;

import io.skywire.shared.key.KeyPair;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// An entry as a stock client writes and signs it. Text only: shares no code with the serialisation under test.
record SignedDocument(KeyPair owner, String sequence, long timestamp, String parts) {
    static SignedDocument client(KeyPair owner, String sequence, Instant time) {
        return new SignedDocument(owner, sequence, nanos(time), "\"client\":{\"delegated_servers\":null}");
    }

    static SignedDocument visor(KeyPair owner, String sequence, Instant time) {
        return new SignedDocument(
                owner, sequence, nanos(time), "\"client\":{\"delegated_servers\":[]},\"client_type\":\"visor\"");
    }

    static SignedDocument server(KeyPair owner, String sequence, Instant time, long free) {
        return server(owner, sequence, time, "203.0.113.5:8080", free);
    }

    static SignedDocument server(KeyPair owner, String sequence, Instant time, String address, long free) {
        return new SignedDocument(
                owner,
                sequence,
                nanos(time),
                "\"server\":{\"address\":\"" + address + "\",\"availableSessions\":" + free + "}");
    }

    SignedDocument withType(String type) {
        return new SignedDocument(owner, sequence, timestamp, parts.replace("}", ",\"serverType\":\"" + type + "\"}"));
    }

    String signedText() {
        return "{\"version\":\"0.0.1\",\"sequence\":" + sequence + ",\"timestamp\":" + timestamp + ",\"static\":\""
                + owner.publicKey().hex() + "\"," + parts + "}";
    }

    String text() {
        return signed(signedText());
    }

    /// Another text signed by the same key, with the signature in its place.
    String signed(String text) {
        return text.substring(0, text.length() - 1) + ",\"signature\":\""
                + owner.sign(text.getBytes(StandardCharsets.UTF_8)).hex() + "\"}";
    }

    private static long nanos(Instant time) {
        return time.getEpochSecond() * 1_000_000_000L + time.getNano();
    }
}
