package io.skywire.node.session;

import io.netty.util.AttributeKey;
import io.skywire.node.router.EdgeRoute;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Where one session's datagrams go: its two synthetic addresses, which never change, and its routes, which may. The
/// first route is the one in use. Safe for any thread.
final class SessionPath {
    static final AttributeKey<SessionPath> KEY = AttributeKey.valueOf(SessionPath.class, "path");

    private final PublicKey peer;
    private final SessionUid session;
    private final RouteEnd end;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    private final CompletableFuture<EdgeRoute> chosen = new CompletableFuture<>();
    private @Nullable RouteUid choice;
    private volatile List<EdgeRoute> routes = List.of();
    private volatile @Nullable Overlay overlay;
    private volatile @Nullable PeerSession occupant;

    SessionPath(PublicKey self, PublicKey peer, SessionUid session, RouteEnd end) {
        this.peer = peer;
        this.session = session;
        this.end = end;
        this.local = SessionAddress.of(self, session, end);
        this.remote = SessionAddress.of(peer, session, SessionAddress.other(end));
    }

    PublicKey peer() {
        return peer;
    }

    SessionUid session() {
        return session;
    }

    RouteEnd end() {
        return end;
    }

    InetSocketAddress local() {
        return local;
    }

    InetSocketAddress remote() {
        return remote;
    }

    /// Completes with this route as soon as it is here; never exceptionally. Others that open before belong to plans
    /// that failed.
    synchronized CompletableFuture<EdgeRoute> choose(RouteUid route) {
        choice = route;
        routes.stream().filter(known -> known.route().equals(route)).forEach(chosen::complete);
        return chosen;
    }

    @Nullable
    EdgeRoute current() {
        List<EdgeRoute> now = routes;
        return now.isEmpty() ? null : now.getFirst();
    }

    List<RouteUid> routeUids() {
        return routes.stream().map(EdgeRoute::route).toList();
    }

    void add(EdgeRoute route) {
        boolean isChoice;
        synchronized (this) {
            List<EdgeRoute> next = new ArrayList<>(routes);
            next.removeIf(known -> known.route().equals(route.route()));
            next.add(route);
            routes = List.copyOf(next);
            isChoice = route.route().equals(choice);
        }
        if (isChoice) {
            chosen.complete(route);
        }
    }

    /// Forgets the route; whether none is left.
    synchronized boolean remove(RouteUid route) {
        routes = routes.stream().filter(known -> !known.route().equals(route)).toList();
        return routes.isEmpty();
    }

    @Nullable
    Overlay overlay() {
        return overlay;
    }

    void carriedBy(Overlay channel) {
        overlay = channel;
    }

    @Nullable
    PeerSession occupant() {
        return occupant;
    }

    /// The session takes the path, unless another one has it.
    synchronized boolean occupy(PeerSession session) {
        if (occupant != null) {
            return false;
        }
        occupant = session;
        return true;
    }

    synchronized void leave(PeerSession session) {
        if (occupant == session) {
            occupant = null;
        }
    }
}
