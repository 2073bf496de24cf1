package io.skywire.control.rules;

import io.skywire.shared.key.PublicKey;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/// Nodes as the ledger's statements name them: their keys' bytes in an array, and from a row back to the key that was
/// asked for, which need not be checked again.
final class NodeColumn {
    private final Map<ByteBuffer, PublicKey> known = new HashMap<>();

    NodeColumn(Collection<PublicKey> nodes) {
        nodes.forEach(node -> known.put(ByteBuffer.wrap(node.bytes()), node));
    }

    /// The key in the first column.
    PublicKey of(ResultSet row) throws SQLException {
        return Objects.requireNonNull(known.get(ByteBuffer.wrap(row.getBytes(1))));
    }

    static byte[][] arrayOf(Collection<PublicKey> nodes) {
        return nodes.stream().map(PublicKey::bytes).toArray(byte[][]::new);
    }
}
