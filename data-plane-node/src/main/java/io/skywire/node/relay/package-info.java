/// The messaging server: relays letters between the sessions of its clients, who prove their keys. It knows who is
/// connected and how much waits for each, and reads no letter.
///
/// Start here: [Relay] listens and drains, [RelaySettings] are its limits, [SessionHandler] is a letter's way. Source:
/// `docs/protocol/messaging.md`. The allowed arrows are [io.skywire.node.letters], [io.skywire.shared.noise],
/// [io.skywire.node.wire] and [io.skywire.node.loops]; nothing of routes, rules or applications.
@NullMarked
package io.skywire.node.relay;

import org.jspecify.annotations.NullMarked;
