package io.skywire.node.session;

import java.time.Duration;

/// The limits of datagrams in one session.
///
/// @param begunHere flows of this end at once
/// @param begunThere flows of the peer at once
/// @param idle a flow of the peer that carries nothing either way for so long is forgotten
/// @param waitingBytes that may wait for the session's event loop
public record DatagramSettings(int begunHere, int begunThere, Duration idle, int waitingBytes) {
    public static final DatagramSettings DEFAULTS = new DatagramSettings(1_024, 256, Duration.ofSeconds(60), 1 << 20);

    public DatagramSettings {
        if (begunHere < 1 || begunThere < 1 || waitingBytes < 1 || !idle.isPositive()) {
            throw new IllegalArgumentException("every limit of datagrams is at least 1");
        }
    }
}
