package io.skywire.node.session;

import io.netty.buffer.ByteBuf;
import io.netty.util.AttributeKey;
import io.skywire.node.router.EdgeRoute;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Where one session's datagrams go: its two synthetic addresses, which never change, and its routes, which may. The
/// first route is the one in use. Safe for any thread.
final class SessionPath {
    static final AttributeKey<SessionPath> KEY = AttributeKey.valueOf(SessionPath.class, "path");

    /// How long nothing may come by the route in use before another one that brings something is the newest. A peer
    /// that uses two routes at once is heard on both all the time.
    private static final long FOLLOW_NANOS = Duration.ofMillis(100).toNanos();

    /// What came by one route. Its event loop writes.
    private static final class Heard {
        private final AtomicLong payloads = new AtomicLong();
        private final AtomicLong at = new AtomicLong(System.nanoTime());
    }

    private final PublicKey peer;
    private final SessionUid session;
    private final RouteEnd end;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    private final Map<RouteUid, CompletableFuture<EdgeRoute>> awaited = new HashMap<>();
    private final AtomicBoolean moving = new AtomicBoolean();
    private volatile List<EdgeRoute> routes = List.of();
    private final ConcurrentHashMap<RouteUid, Heard> heard = new ConcurrentHashMap<>();
    private final AtomicLong sent = new AtomicLong();
    private final Tail tail = new Tail();
    private final Turns.Turn<Inbox.Arrival> turn = new Turns.Turn<>();
    private volatile @Nullable Overlay overlay;
    private volatile @Nullable SessionRoutes keeper;
    private volatile @Nullable Spread spread;
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
        CompletableFuture<EdgeRoute> chosen = new CompletableFuture<>();
        for (EdgeRoute known : routes) {
            if (known.route().equals(route)) {
                chosen.complete(known);
                return chosen;
            }
        }
        awaited.put(route, chosen);
        return chosen;
    }

    /// Gives up waiting for that route.
    synchronized void waitNoLonger(RouteUid route) {
        awaited.remove(route);
    }

    /// Whether the search for another route may begin: there is one at a time, until [#moved].
    boolean move() {
        return moving.compareAndSet(false, true);
    }

    void moved() {
        moving.set(false);
    }

    /// That route is used from now on, if it is still here; whether it is.
    synchronized boolean prefer(RouteUid route) {
        List<EdgeRoute> next = new ArrayList<>(routes);
        next.removeIf(other -> !other.route().equals(route));
        List<EdgeRoute> others = new ArrayList<>(routes);
        others.removeIf(other -> other.route().equals(route));
        if (next.isEmpty()) {
            return false;
        }
        next.addAll(others);
        routes = List.copyOf(next);
        return true;
    }

    @Nullable
    EdgeRoute find(RouteUid route) {
        for (EdgeRoute known : routes) {
            if (known.route().equals(route)) {
                return known;
            }
        }
        return null;
    }

    /// A datagram came through that route. The end that answers goes over to that route once nothing comes by the one
    /// it uses; whether it did so now.
    boolean heard(EdgeRoute route) {
        Heard here = heard.get(route.route());
        if (here == null) {
            return false;
        }
        here.payloads.lazySet(here.payloads.get() + 1);
        if (end != RouteEnd.RESPONDER || routes.size() < 2) {
            return false;
        }
        long nanos = System.nanoTime();
        here.at.lazySet(nanos);
        EdgeRoute now = current();
        if (now == null || now == route) {
            return false;
        }
        Heard there = heard.get(now.route());
        return (there == null || nanos - there.at.get() > FOLLOW_NANOS) && prefer(route.route());
    }

    /// An empty payload came through that route: the peer uses it from now on. The end that answers does so too;
    /// whether it did not before.
    boolean told(EdgeRoute route) {
        Heard here = heard.get(route.route());
        if (here != null) {
            here.payloads.lazySet(here.payloads.get() + 1);
            here.at.lazySet(System.nanoTime());
        }
        EdgeRoute now = current();
        return end == RouteEnd.RESPONDER && now != null && !now.route().equals(route.route()) && prefer(route.route());
    }

    /// Payloads that came through that route so far.
    long heard(RouteUid route) {
        Heard here = heard.get(route);
        return here == null ? 0 : here.payloads.get();
    }

    /// A datagram is about to leave. On the session's event loop.
    void leaving(ByteBuf datagram) {
        sent.lazySet(sent.get() + 1); // one event loop writes
        if (routes.size() > 1) {
            tail.keep(datagram);
        }
    }

    /// The newest datagrams leave once more, by the route in use. On the session's event loop.
    void sendTailAgain() {
        EdgeRoute now = current();
        if (now != null) {
            tail.sendAgain(now);
        }
    }

    void sendTailAgain(EdgeRoute route) {
        tail.sendAgain(route);
    }

    /// The session is over. On its event loop.
    void closeTail() {
        tail.close();
    }

    long sent() {
        return sent.get();
    }

    /// Another route than this one is used from now on, if there is one and this one was in use; whether it was so.
    synchronized boolean avoid(RouteUid route) {
        EdgeRoute now = current();
        return now != null
                && now.route().equals(route)
                && routes.size() > 1
                && prefer(routes.get(1).route());
    }

    @Nullable
    SessionRoutes keeper() {
        return keeper;
    }

    /// From now on the session's routes are looked after.
    void keptBy(SessionRoutes routesOfSession) {
        keeper = routesOfSession;
    }

    @Nullable
    Spread spread() {
        return spread;
    }

    /// From now on the session's datagrams may go over two routes at once.
    void spreadBy(Spread overTwo) {
        spread = overTwo;
    }

    /// The route of the next datagram, of so many bytes. On the session's event loop.
    @Nullable
    EdgeRoute next(int bytes) {
        Spread overTwo = spread;
        return overTwo == null ? current() : overTwo.next(bytes);
    }

    /// The one in use first; the same list as before while nothing has changed.
    List<EdgeRoute> routes() {
        return routes;
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
        CompletableFuture<EdgeRoute> chosen;
        synchronized (this) {
            List<EdgeRoute> next = new ArrayList<>(routes);
            next.removeIf(known -> known.route().equals(route.route()));
            next.add(route);
            routes = List.copyOf(next);
            heard.putIfAbsent(route.route(), new Heard());
            chosen = awaited.remove(route.route());
        }
        if (chosen != null) {
            chosen.complete(route);
        }
    }

    /// Forgets the route; whether none is left.
    synchronized boolean remove(RouteUid route) {
        heard.remove(route);
        routes = routes.stream().filter(known -> !known.route().equals(route)).toList();
        return routes.isEmpty();
    }

    /// What came for this session and waits to be read. The overlay's event loop reads and writes it.
    Turns.Turn<Inbox.Arrival> turn() {
        return turn;
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
