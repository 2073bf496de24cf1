package io.skywire.node.messaging;

import io.netty.channel.EventLoop;
import io.skywire.node.directory.DirectoryClient;
import io.skywire.node.directory.DirectoryEntry;
import io.skywire.node.messaging.Discovery.Answered;
import io.skywire.node.messaging.Discovery.Unanswered;
import io.skywire.node.messaging.Mailbox.Cause;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Finds servers through which peers can be reached: a shared one if there is one, else sessions with the peer's are
/// opened. On the mailbox's loop only. Every search ends: with a session, with a reason, or by its deadline.
final class Search {
    private static final int RACERS = 3;
    private static final int MOST = 256;
    private static final Duration DEADLINE = Duration.ofSeconds(8);

    private final DirectoryClient directory;
    private final PeerLookups lookups;
    private final Discovery discovery;
    private final EventLoop loop;
    private final LongSupplier nanos;
    private final Servers servers;
    private final Map<PublicKey, Seeking> open = new HashMap<>();
    private boolean closed;

    /// The sessions there are, and the way to more of them.
    interface Servers {
        /// One of these with which a session stands.
        Optional<PublicKey> shared(List<PublicKey> servers);

        /// Whether a session stands with one of these that is not about to end.
        boolean stands(List<PublicKey> servers);

        /// Whether a session with one of these is being opened.
        boolean isBeingTried(List<PublicKey> servers);

        Optional<ServerAddress> address(PublicKey server);

        boolean mayDial(PublicKey server);

        void learn(ServerAddress server);

        /// Answers whether there is room for one more session.
        boolean open(List<ServerAddress> servers);
    }

    Search(
            DirectoryClient directory,
            PeerLookups lookups,
            Discovery discovery,
            EventLoop loop,
            LongSupplier nanos,
            Servers servers) {
        this.directory = directory;
        this.lookups = lookups;
        this.discovery = discovery;
        this.loop = loop;
        this.nanos = nanos;
        this.servers = servers;
    }

    CompletableFuture<Mailbox.Reach> seek(PublicKey peer) {
        Seeking known = open.get(peer);
        if (known != null) {
            return known.answer();
        }
        Seeking seeking = new Seeking(peer);
        if (closed || open.size() >= MOST) {
            seeking.nowhere(Cause.BUSY, closed ? "this node is ending" : "too many peers are being looked for");
            return seeking.answer();
        }
        open.put(peer, seeking);
        seeking.answer().thenRun(() -> open.remove(peer, seeking));
        loop.schedule(
                () -> seeking.nowhere(Cause.SERVERS_AWAY, "no server of " + peer.shortHex() + " answered in time"),
                DEADLINE.toNanos(),
                TimeUnit.NANOSECONDS);
        Optional<List<PublicKey>> fresh = lookups.fresh(peer, nanos.getAsLong());
        // One who has moved is not found where he was: what was said before counts only if it leads on at once.
        if (fresh.isPresent() && servers.stands(fresh.get())) {
            seeking.found(fresh.get());
            advance(seeking);
        } else {
            lookUp(seeking);
        }
        return seeking.answer();
    }

    private void lookUp(Seeking seeking) {
        discovery.ask(() -> directory.entry(seeking.peer()), answer -> {
            switch (answer) {
                case Answered<Optional<DirectoryEntry>> said -> {
                    List<PublicKey> waitsAt = said.value()
                            .flatMap(DirectoryEntry::client)
                            .map(DirectoryEntry.Client::servers)
                            .orElse(List.of());
                    lookups.learn(seeking.peer(), waitsAt, nanos.getAsLong());
                    seeking.found(waitsAt);
                    advance(seeking);
                }
                case Unanswered<Optional<DirectoryEntry>> silent ->
                    seeking.nowhere(Cause.DISCOVERY_AWAY, silent.text());
            }
        });
    }

    /// A session stands, or one does not: every search may go on.
    void advance() {
        List.copyOf(open.values()).forEach(this::advance);
    }

    private void advance(Seeking seeking) {
        Optional<List<PublicKey>> known = seeking.servers();
        if (seeking.isOver() || known.isEmpty()) {
            return;
        }
        List<PublicKey> waitsAt = known.get();
        Optional<PublicKey> shared = servers.shared(waitsAt);
        if (shared.isPresent()) {
            seeking.via(shared.get());
        } else if (waitsAt.isEmpty()) {
            seeking.nowhere(
                    Cause.UNKNOWN_PEER,
                    "the discovery knows no server of " + seeking.peer().shortHex());
        } else if (!servers.isBeingTried(waitsAt)) { // else its end will come back here
            tryNext(seeking, waitsAt);
        }
    }

    private void tryNext(Seeking seeking, List<PublicKey> waitsAt) {
        List<ServerAddress> racers = new ArrayList<>();
        for (PublicKey server : waitsAt) {
            Optional<ServerAddress> address = servers.address(server);
            if (address.isEmpty() && seeking.asksFor(server)) {
                findAddress(seeking, server);
                return;
            }
            if (racers.size() < RACERS && address.isPresent() && servers.mayDial(server) && seeking.tries(server)) {
                racers.add(address.get());
            }
        }
        if (racers.isEmpty()) {
            seeking.nowhere(
                    Cause.SERVERS_AWAY,
                    "none of the " + waitsAt.size() + " servers of "
                            + seeking.peer().shortHex() + " lets us in");
        } else if (!servers.open(racers)) {
            seeking.nowhere(Cause.BUSY, "no more sessions for peers may be opened, all are in use");
        }
    }

    private void findAddress(Seeking seeking, PublicKey server) {
        discovery.ask(() -> directory.entry(server), answer -> {
            if (answer instanceof Answered<Optional<DirectoryEntry>> said) {
                said.value().flatMap(ServerAddress::of).ifPresent(servers::learn);
            }
            advance(seeking);
        });
    }

    /// The peer was not where it was said to be.
    void forget(PublicKey peer) {
        lookups.forget(peer);
    }

    void close() {
        closed = true;
        List.copyOf(open.values()).forEach(seeking -> seeking.nowhere(Cause.BUSY, "this node is ending"));
    }
}
