package io.skywire.local.simulation.virtual;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/// All that happened in one run: a hash of everything, and the last lines for people.
final class Story {
    private static final int LAST = 60;

    private final VirtualTime time;
    private final MessageDigest digest;
    private final ByteBuffer numbers = ByteBuffer.allocate(4 * Long.BYTES);
    private final ArrayDeque<String> last = new ArrayDeque<>();

    Story(VirtualTime time) {
        this.time = time;
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    void tell(String line) {
        String dated = String.format(Locale.ROOT, "%9.4f s  %s", time.nanos() / 1e9, line);
        digest.update(dated.getBytes(StandardCharsets.UTF_8));
        last.addLast(dated);
        if (last.size() > LAST) {
            last.removeFirst();
        }
    }

    /// Something too frequent for a line.
    void mix(int what, long one, long other) {
        numbers.clear().putLong(time.nanos()).putLong(what).putLong(one).putLong(other);
        digest.update(numbers.array());
    }

    List<String> last() {
        return List.copyOf(last);
    }

    /// Of all so far. Once, at the end.
    String hash() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
