package io.skywire.node.session;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;
import java.net.InetSocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The paths of a node's sessions, by the peer's synthetic address and by route. Readers never lock.
final class SessionPaths {
    private final PublicKey self;
    private final ConcurrentHashMap<InetSocketAddress, SessionPath> byRemote = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<RouteUid, SessionPath> byRoute = new ConcurrentHashMap<>();

    SessionPaths(PublicKey self) {
        this.self = self;
    }

    /// The path of that name, made if it is new.
    SessionPath claim(PublicKey peer, SessionUid session, RouteEnd end) {
        SessionPath fresh = new SessionPath(self, peer, session, end);
        SessionPath known = byRemote.putIfAbsent(fresh.remote(), fresh);
        return known == null ? fresh : known;
    }

    @Nullable
    SessionPath find(PublicKey peer, SessionUid session, RouteEnd end) {
        return byRemote.get(SessionAddress.of(peer, session, SessionAddress.other(end)));
    }

    @Nullable
    SessionPath to(InetSocketAddress remote) {
        return byRemote.get(remote);
    }

    @Nullable
    SessionPath of(RouteUid route) {
        return byRoute.get(route);
    }

    void lead(RouteUid route, SessionPath path) {
        byRoute.put(route, path);
    }

    @Nullable
    SessionPath forget(RouteUid route) {
        return byRoute.remove(route);
    }

    void forget(SessionPath path) {
        byRemote.remove(path.remote(), path);
        path.routeUids().forEach(byRoute::remove);
    }
}
