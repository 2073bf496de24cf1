/// The applications' side of a node: doors through which local programs reach other nodes, and published ports through
/// which other nodes reach local programs.
///
/// Start here: [Socks5Door], [ConnectDoor] and [Forwards] lead out, [Publications] lead in, [AddressBook] says whom a
/// name means, [StreamBridge] joins a socket and a stream, [UdpAssociation] and [UdpServices] a UDP socket and flows
/// of datagrams. Knows [io.skywire.node.session] and [io.skywire.node.loops], and nothing below them. Addressing and
/// replies: `docs/protocol/applications.md`.
@NullMarked
package io.skywire.node.app;

import org.jspecify.annotations.NullMarked;
