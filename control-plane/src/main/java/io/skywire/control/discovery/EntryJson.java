package io.skywire.control.discovery;

import io.skywire.shared.key.PublicKey;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.io.JsonStringEncoder;

/// Writes transports as stock clients read them, `{"t_id":…,"edges":[…,…],"type":…,"label":…}`, without a tree of nodes
/// between: a listing has a hundred thousand of them.
final class EntryJson {
    private static final byte[] ID = ascii("{\"t_id\":\"");
    private static final byte[] EDGES = ascii("\",\"edges\":[\"");
    private static final byte[] NEXT_EDGE = ascii("\",\"");
    private static final byte[] TYPE = ascii("\"],\"type\":\"");
    private static final byte[] LABEL = ascii("\",\"label\":\"");
    private static final byte[] END = ascii("\"}");
    private static final byte[] DIGITS = ascii("0123456789abcdef");

    private EntryJson() {}

    static void write(TransportUp transport, ByteArrayOutputStream out) {
        out.writeBytes(ID);
        out.writeBytes(ascii(transport.id().toString()));
        out.writeBytes(EDGES);
        write(transport.lower(), out);
        out.writeBytes(NEXT_EDGE);
        write(transport.higher(), out);
        out.writeBytes(TYPE);
        out.writeBytes(ascii(transport.type().name()));
        out.writeBytes(LABEL);
        out.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(transport.label()));
        out.writeBytes(END);
    }

    private static void write(PublicKey key, ByteArrayOutputStream out) {
        byte[] raw = key.bytes();
        byte[] hex = new byte[2 * raw.length];
        for (int i = 0; i < raw.length; i++) {
            hex[2 * i] = DIGITS[(raw[i] >> 4) & 15];
            hex[2 * i + 1] = DIGITS[raw[i] & 15];
        }
        out.writeBytes(hex);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
