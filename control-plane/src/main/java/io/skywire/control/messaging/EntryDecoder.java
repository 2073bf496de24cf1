package io.skywire.control.messaging;

import io.skywire.control.messaging.MessagingEntry.Client;
import io.skywire.control.messaging.MessagingEntry.Server;
import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.PublicKey;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads entries and key lists as leniently as the original: names in any case, unknown fields ignored, `null` and
/// absent alike, all-zero keys are no key. Stricter in what the original turned into panics: every listed key is a
/// point of the curve, lists and texts have an end.
///
/// Sizes are capped by the caller before the bytes come here.
final class EntryDecoder {
    private static final int MAX_DELEGATED_SERVERS = 128;
    private static final int MAX_TEXT = 300;

    private final JsonMapper json = new JsonMapper();

    MessagingEntry entry(byte[] body) throws UndecodableException {
        JsonNode document = read(body);
        Map<String, JsonNode> fields = fields(document.isNull() ? json.createObjectNode() : document);
        JsonNode client = fields.get("client");
        JsonNode server = fields.get("server");
        return new MessagingEntry(
                text(fields.get("version")),
                unsigned(fields.get("sequence")),
                signed(fields.get("timestamp")),
                key(fields.get("static")),
                client == null ? Optional.empty() : Optional.of(client(fields(client))),
                text(fields.get("client_type")),
                server == null ? Optional.empty() : Optional.of(server(fields(server))),
                text(fields.get("signature")));
    }

    List<PublicKey> keys(byte[] body) throws UndecodableException {
        return keys(read(body), Integer.MAX_VALUE);
    }

    private JsonNode read(byte[] body) throws UndecodableException {
        try {
            // Decoded here: from bytes the parser would guess UTF-16 and UTF-32 as well.
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
            return json.readTree(text);
        } catch (CharacterCodingException | JacksonException malformed) {
            throw new UndecodableException("no JSON in UTF-8");
        }
    }

    private static Client client(Map<String, JsonNode> fields) throws UndecodableException {
        JsonNode servers = fields.get("delegated_servers");
        return new Client(servers == null ? Optional.empty() : Optional.of(keys(servers, MAX_DELEGATED_SERVERS)));
    }

    private static Server server(Map<String, JsonNode> fields) throws UndecodableException {
        return new Server(
                text(fields.get("address")), signed(fields.get("availablesessions")), text(fields.get("servertype")));
    }

    /// The fields that are there and not null, by lower-case name; the last one of a name counts.
    private static Map<String, JsonNode> fields(JsonNode object) throws UndecodableException {
        if (!object.isObject()) {
            throw new UndecodableException("no object where one is expected");
        }
        Map<String, JsonNode> fields = new HashMap<>();
        object.properties().forEach(field -> {
            if (!field.getValue().isNull()) {
                fields.put(field.getKey().toLowerCase(Locale.ROOT), field.getValue());
            }
        });
        return fields;
    }

    private static List<PublicKey> keys(JsonNode array, int most) throws UndecodableException {
        if (!array.isArray() || array.size() > most) {
            throw new UndecodableException("no list of at most " + most + " keys");
        }
        List<PublicKey> keys = new ArrayList<>(array.size());
        for (JsonNode element : array) {
            keys.add(key(element).orElseThrow(() -> new UndecodableException("a null key in a list")));
        }
        return keys;
    }

    private static Optional<PublicKey> key(@Nullable JsonNode node) throws UndecodableException {
        String text = node == null ? "" : string(node);
        return parseKey(text);
    }

    /// The key of the text; empty for the null key, which is any number of zeros.
    static Optional<PublicKey> parseKey(String text) throws UndecodableException {
        if (text.chars().allMatch(digit -> digit == '0')) {
            return Optional.empty();
        }
        if (text.length() != 2 * PublicKey.LENGTH) {
            throw new UndecodableException("a key has 66 hex digits");
        }
        try {
            return Optional.of(PublicKey.parse(text));
        } catch (InvalidKeyException invalid) {
            throw new UndecodableException("no key");
        }
    }

    private static String text(@Nullable JsonNode node) throws UndecodableException {
        String text = node == null ? "" : string(node);
        if (text.length() > MAX_TEXT) {
            throw new UndecodableException("a text of more than " + MAX_TEXT + " characters");
        }
        return text;
    }

    private static String string(JsonNode node) throws UndecodableException {
        if (!node.isString()) {
            throw new UndecodableException("no text where one is expected");
        }
        String text = node.stringValue();
        StringBuilder clean = new StringBuilder(text.length());
        // An escaped half of a surrogate pair is no character; the original reads U+FFFD instead.
        text.codePoints()
                .forEach(c -> clean.appendCodePoint(
                        c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c));
        return clean.toString();
    }

    private static long unsigned(@Nullable JsonNode node) throws UndecodableException {
        BigInteger value = integer(node);
        if (value.signum() < 0 || value.bitLength() > Long.SIZE) {
            throw new UndecodableException("no unsigned 64-bit number");
        }
        return value.longValue();
    }

    private static long signed(@Nullable JsonNode node) throws UndecodableException {
        BigInteger value = integer(node);
        if (value.bitLength() >= Long.SIZE) {
            throw new UndecodableException("no 64-bit number");
        }
        return value.longValue();
    }

    private static BigInteger integer(@Nullable JsonNode node) throws UndecodableException {
        if (node == null) {
            return BigInteger.ZERO;
        }
        if (!node.isIntegralNumber()) {
            throw new UndecodableException("no whole number where one is expected");
        }
        return node.bigIntegerValue();
    }
}
