package io.skywire.node.messaging;

import io.skywire.shared.key.PublicKey;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// The search for a server through which one peer can be reached. On the mailbox's loop only.
final class Seeking {
    private final PublicKey peer;
    private final CompletableFuture<Mailbox.Reach> answer = new CompletableFuture<>();
    private final Set<PublicKey> tried = new HashSet<>();
    private final Set<PublicKey> askedFor = new HashSet<>();
    private Optional<List<PublicKey>> servers = Optional.empty();

    Seeking(PublicKey peer) {
        this.peer = peer;
    }

    PublicKey peer() {
        return peer;
    }

    CompletableFuture<Mailbox.Reach> answer() {
        return answer;
    }

    void found(List<PublicKey> waitsAt) {
        servers = Optional.of(waitsAt);
    }

    /// Where the peer waits; empty while the discovery is being asked.
    Optional<List<PublicKey>> servers() {
        return servers;
    }

    /// Whether this server was not tried yet; it counts as tried from now on.
    boolean tries(PublicKey server) {
        return tried.add(server);
    }

    /// Whether this server's address was not asked for yet; it counts as asked for from now on.
    boolean asksFor(PublicKey server) {
        return askedFor.add(server);
    }

    boolean isOver() {
        return answer.isDone();
    }

    void via(PublicKey server) {
        answer.complete(new Mailbox.Reach.Via(server));
    }

    void nowhere(Mailbox.Cause cause, String text) {
        answer.complete(new Mailbox.Reach.Nowhere(cause, text));
    }
}
