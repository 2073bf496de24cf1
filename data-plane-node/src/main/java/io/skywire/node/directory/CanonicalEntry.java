package io.skywire.node.directory;

import io.skywire.shared.key.PublicKey;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/// The one serialisation of an entry that signatures cover: compact, fields in fixed order, empty ones left out.
/// ```
/// {"version":…,"sequence":…,"timestamp":…,"static":…[,"client":{"delegated_servers":[…]}][,"client_type":…]
///  [,"server":{"address":…,"availableSessions":…[,"serverType":…]}][,"signature":…]}
/// ```
/// The signature is made over these bytes with `signature` left out.
final class CanonicalEntry {
    private static final HexFormat HEX = HexFormat.of();

    private CanonicalEntry() {}

    static byte[] bytes(DirectoryEntry entry) {
        return fields(entry).append('}').toString().getBytes(StandardCharsets.UTF_8);
    }

    static String document(DirectoryEntry entry) {
        StringBuilder out = fields(entry);
        if (!entry.signature().isEmpty()) {
            string(out.append(",\"signature\":"), entry.signature());
        }
        return out.append('}').toString();
    }

    private static StringBuilder fields(DirectoryEntry entry) {
        StringBuilder out = new StringBuilder(512);
        string(out.append("{\"version\":"), DirectoryEntry.version());
        out.append(",\"sequence\":").append(Long.toUnsignedString(entry.sequence()));
        out.append(",\"timestamp\":").append(entry.timestamp());
        out.append(",\"static\":\"").append(entry.key().hex()).append('"');
        entry.client().ifPresent(client -> {
            out.append(",\"client\":{\"delegated_servers\":")
                    .append(list(client.servers()))
                    .append('}');
            if (!client.type().isEmpty()) {
                string(out.append(",\"client_type\":"), client.type());
            }
        });
        entry.server().ifPresent(server -> {
            string(out.append(",\"server\":{\"address\":"), server.address());
            out.append(",\"availableSessions\":").append(server.availableSessions());
            if (!server.type().isEmpty()) {
                string(out.append(",\"serverType\":"), server.type());
            }
            out.append('}');
        });
        return out;
    }

    private static String list(List<PublicKey> keys) {
        return keys.stream().map(key -> '"' + key.hex() + '"').collect(Collectors.joining(",", "[", "]"));
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
