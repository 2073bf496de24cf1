package io.skywire.node.gateway;

/// Why a packet on a link with a gateway, or with a gateway's client, leads nowhere. Bounded, so that it labels a
/// metric.
public enum PacketDrop {
    /// It is no DATA packet of a session over the link, or too short to be one.
    MALFORMED,
    /// It belongs to a session that this node has not dialled, or that is over.
    UNKNOWN_SESSION
}
