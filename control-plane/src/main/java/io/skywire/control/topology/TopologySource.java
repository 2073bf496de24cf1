package io.skywire.control.topology;

/// Gives the newest snapshot. Never blocks, never locks.
public interface TopologySource {
    Topology current();
}
