package io.skywire.control.setup;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.RuleKey;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;

/// The face of route setup, for whoever speaks with nodes. Callers have proved the node's key. Safe for any thread.
public interface RouteSetups {
    /// Sets up a route, or answers as before if this initiator has sent the same id already. Returns at once.
    ///
    /// The future always completes normally, at the latest a little after the request's patience has run out.
    CompletableFuture<SetupOutcome> request(RouteRequest request);

    /// The initiator's probe came back through the route, whichever replica sets it up. From others, and for routes
    /// that do not wait, it means nothing.
    void probed(PublicKey reporter, RouteUid route);

    /// The initiator has given up probing.
    void probeUnanswered(PublicKey reporter, RouteUid route, String detail);

    /// An end of the route wants it closed; from others it means nothing. Blocks for the database and throws
    /// `DataAccessException` without it.
    void close(PublicKey by, RouteUid route, String detail);

    /// A node has removed these rules by itself because they idled: their routes are closed. Blocks as [#close] does.
    void expired(PublicKey node, Collection<RuleKey> rules);

    /// A node's receipt for a delta that it has acknowledged: checked and kept with the routes concerned, later and
    /// elsewhere. A wrong one is counted and changes nothing. Never blocks.
    ///
    /// @param delta the bytes that the setup key signed
    /// @param signature as the node sent it
    void receipt(PublicKey node, long revision, byte[] delta, byte[] signature);
}
