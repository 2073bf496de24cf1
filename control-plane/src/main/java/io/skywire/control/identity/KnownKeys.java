package io.skywire.control.identity;

import io.skywire.shared.key.PublicKey;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/// Reads keys as [StockKeys] does and remembers the good ones: whether bytes are a point of the curve costs a square
/// root, and the same visors come with every request. Bounded; when it is full it forgets all. Safe for any thread.
@Component
public final class KnownKeys {
    private static final int MOST = 65_536;

    private final Map<String, PublicKey> known = new ConcurrentHashMap<>();

    /// @throws InvalidKeyException with the stock text
    public PublicKey read(String text) {
        PublicKey before = known.get(text);
        if (before != null) {
            return before;
        }
        PublicKey key = StockKeys.publicKey(text);
        if (known.size() >= MOST) {
            known.clear();
        }
        known.put(text, key);
        return key;
    }
}
