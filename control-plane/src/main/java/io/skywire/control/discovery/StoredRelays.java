package io.skywire.control.discovery;

import io.skywire.shared.key.PublicKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How relays lie in a column: keys of 33 bytes, one behind the other. For one reading: checks each key's bytes once,
/// for that costs a square root and many transports have the same relays.
public final class StoredRelays {
    private final Map<ByteBuffer, PublicKey> seen = new HashMap<>();

    public List<PublicKey> of(byte[] column) {
        List<PublicKey> relays = new ArrayList<>(column.length / PublicKey.LENGTH);
        for (int at = 0; at < column.length; at += PublicKey.LENGTH) {
            byte[] key = Arrays.copyOfRange(column, at, at + PublicKey.LENGTH);
            relays.add(seen.computeIfAbsent(ByteBuffer.wrap(key), bytes -> PublicKey.of(key)));
        }
        return relays;
    }

    static byte[] column(List<PublicKey> relays) {
        ByteBuffer column = ByteBuffer.allocate(relays.size() * PublicKey.LENGTH);
        relays.forEach(relay -> column.put(relay.bytes()));
        return column.array();
    }
}
