/// A client's sessions with messaging servers: kept, replaced when dead, told in the messaging discovery, and opened to
/// a peer's servers when none is shared.
///
/// Start here: [Mailbox] is what others call, [ServerSessions] keeps the sessions, [ServerSession] is one. Source:
/// `docs/protocol/messaging.md`. The allowed arrows are [io.skywire.node.letters], [io.skywire.node.directory],
/// [io.skywire.shared.noise], [io.skywire.node.wire] and [io.skywire.node.loops].
@NullMarked
package io.skywire.node.messaging;

import org.jspecify.annotations.NullMarked;
