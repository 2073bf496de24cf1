/// The node's local API: HTTP/1.1 and JSON on a Unix socket that only the node's user may open.
///
/// Start here: [NodeApi] is what a node can be asked, [ApiServer] serves it, [ApiClient] asks it from another process.
/// The contract is `docs/protocol/node-api.yaml`. Everything shown here obeys invariant I1: a node knows no more of a
/// route than its own neighbours on it. May look at [io.skywire.node.transport] and the shared values, nothing else.
@NullMarked
package io.skywire.node.api;

import org.jspecify.annotations.NullMarked;
