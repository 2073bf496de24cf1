/// The messaging discovery, seen from outside: who is a messaging server, and at which of them a key can be reached.
///
/// Start here: [DirectoryClient] asks over HTTP, [EntryPublisher] keeps one key's own entry alive, [DirectoryEntry] is
/// the signed document. Source: `docs/protocol/messaging-discovery.md`. Knows keys only; the allowed arrow is
/// `io.skywire.shared.key`.
@NullMarked
package io.skywire.node.directory;

import org.jspecify.annotations.NullMarked;
