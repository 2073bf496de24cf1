package io.skywire.control.blame;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.time.Instant;
import java.util.Map;

/// The scores at one instant. Immutable.
///
/// A score says how much speaks against a subject: **0 is clean, 1.0 is one fresh failure**. It halves in one half-life
/// (`skywire.blame.half-life`) and never passes `skywire.blame.cap`, so that a cost made from it stays finite: a blamed
/// node is costlier and still there when it is the only way.
///
/// @param asOf when these were the scores
/// @param nodes the scores of blamed nodes; all others are clean
/// @param transports the scores of blamed transports; all others are clean
public record BlameSnapshot(Instant asOf, Map<PublicKey, Double> nodes, Map<TransportId, Double> transports) {
    /// Nobody is blamed.
    public static final BlameSnapshot CLEAN = new BlameSnapshot(Instant.EPOCH, Map.of(), Map.of());

    public BlameSnapshot {
        nodes = Map.copyOf(nodes);
        transports = Map.copyOf(transports);
    }

    public double scoreOf(PublicKey node) {
        return nodes.getOrDefault(node, 0.0);
    }

    public double scoreOf(TransportId transport) {
        return transports.getOrDefault(transport, 0.0);
    }

    public boolean isClean() {
        return nodes.isEmpty() && transports.isEmpty();
    }
}
