package io.skywire.control.messaging;

import io.skywire.shared.key.PublicKey;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Iterator;

/// The one serialisation of an entry that signatures cover: compact, fields in fixed order, empty ones left out.
/// ```
/// {"version":…,"sequence":…,"timestamp":…,"static":…[,"client":{"delegated_servers":null|[…]}][,"client_type":…]
///  [,"server":{"address":…,"availableSessions":…[,"serverType":…]}][,"signature":…]}
/// ```
/// Signatures are made over these bytes with `signature` left out. Only `"`, `\` and control characters are escaped.
final class CanonicalJson {
    private static final String NULL_KEY = "0".repeat(2 * PublicKey.LENGTH);
    private static final HexFormat HEX = HexFormat.of();

    private CanonicalJson() {}

    static byte[] signedBytes(MessagingEntry entry) {
        return fields(entry).append('}').toString().getBytes(StandardCharsets.UTF_8);
    }

    static String document(MessagingEntry entry) {
        StringBuilder out = fields(entry);
        if (!entry.signature().isEmpty()) {
            string(out.append(",\"signature\":"), entry.signature());
        }
        return out.append('}').toString();
    }

    static String message(int status, String text) {
        return string(new StringBuilder("{\"message\":"), text)
                .append(",\"code\":")
                .append(status)
                .append('}')
                .toString();
    }

    private static StringBuilder fields(MessagingEntry entry) {
        StringBuilder out = new StringBuilder(512);
        string(out.append("{\"version\":"), entry.version());
        out.append(",\"sequence\":").append(Long.toUnsignedString(entry.sequence()));
        out.append(",\"timestamp\":").append(entry.timestamp());
        out.append(",\"static\":\"")
                .append(entry.key().map(PublicKey::hex).orElse(NULL_KEY))
                .append('"');
        entry.client().ifPresent(client -> {
            out.append(",\"client\":{\"delegated_servers\":");
            client.delegatedServers().ifPresentOrElse(servers -> keys(out, servers), () -> out.append("null"));
            out.append('}');
        });
        if (!entry.clientType().isEmpty()) {
            string(out.append(",\"client_type\":"), entry.clientType());
        }
        entry.server().ifPresent(server -> {
            string(out.append(",\"server\":{\"address\":"), server.address());
            out.append(",\"availableSessions\":").append(server.availableSessions());
            if (!server.serverType().isEmpty()) {
                string(out.append(",\"serverType\":"), server.serverType());
            }
            out.append('}');
        });
        return out;
    }

    private static void keys(StringBuilder out, Iterable<PublicKey> keys) {
        out.append('[');
        for (Iterator<PublicKey> all = keys.iterator(); all.hasNext(); ) {
            out.append('"').append(all.next().hex()).append(all.hasNext() ? "\"," : "\"");
        }
        out.append(']');
    }

    private static StringBuilder string(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ') {
                        out.append("\\u").append(HEX.toHexDigits(c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.append('"');
    }
}
