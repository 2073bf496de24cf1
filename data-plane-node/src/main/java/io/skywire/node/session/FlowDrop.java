package io.skywire.node.session;

/// Why a datagram of an application was thrown away. Nobody is told but the counters: the same happens to UDP anywhere.
public enum FlowDrop {
    /// More bytes than one datagram of the session carries.
    TOO_LARGE,
    /// They come faster than they can be passed on.
    QUEUE_FULL,
    /// As many flows as are kept at once.
    TOO_MANY_FLOWS,
    /// The session or the flow has ended, or is not up yet.
    NO_SESSION,
    /// The peer's node takes no datagrams.
    NOT_SUPPORTED,
    /// Nothing is published for UDP on that port, or not for that peer.
    NOT_PUBLISHED,
    /// Not a header of ours, or of another flow.
    MALFORMED,
    /// No bytes: Netty sends no such datagram to a socket.
    EMPTY,
    /// A fragment (SOCKS5, FRAG above 0).
    FRAGMENT,
    /// From another address than the one that asked for the association.
    FOREIGN_SOURCE,
    /// To a plain address, or a name outside this network.
    NOT_ALLOWED,
    /// No node of that name, or no way to it now.
    UNREACHABLE
}
