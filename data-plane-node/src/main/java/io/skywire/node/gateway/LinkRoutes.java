package io.skywire.node.gateway;

import io.skywire.node.router.RouteEnds;
import io.skywire.node.session.RouteRequests;
import io.skywire.node.transport.Ingress;
import io.skywire.node.transport.Transport;
import io.skywire.node.transport.TransportListener;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Makes links look like routes of one hop, so that two nodes that share nothing but a messaging server get a session
/// without any rule. Safe for any thread; never blocks.
///
/// | side | a session begins | because |
/// |---|---|---|
/// | [Side.Dials] | when this node asks for it | it wants its control plane |
/// | [Side.Answers] | with its first packet | anybody may ask a gateway |
///
/// A link has at most [#PER_LINK] sessions; one more ends the oldest. Memory per link is bounded by that.
public final class LinkRoutes implements RouteRequests, Ingress.Factory, TransportListener {
    static final int PER_LINK = 4;

    private final Side side;
    private final RandomGenerator random;
    private final LongSupplier nanos;
    private final ConcurrentHashMap<Name, LinkRoute> byName = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<RouteUid, Name> names = new ConcurrentHashMap<>();
    private final Map<PublicKey, Neighbour> neighbours = new HashMap<>(); // under this
    private final Map<SessionUid, Waiting> waiting = new LinkedHashMap<>(); // under this
    private final Map<PacketDrop, LongAdder> drops = new EnumMap<>(PacketDrop.class);
    private volatile @Nullable RouteEnds ends;

    /// What this node does with links.
    public sealed interface Side {
        /// An agent: links to whom it asks for.
        record Dials(Links links) implements Side {}

        /// A gateway: answers on at most so many links.
        record Answers(int mostLinks) implements Side {}
    }

    /// Makes links through messaging servers.
    public interface Links {
        void keep(PublicKey neighbour);

        /// Why there is no link yet, for people.
        String trouble(PublicKey neighbour);
    }

    private record Name(PublicKey peer, SessionUid session) {}

    private record Waiting(Request request, CompletableFuture<Answer> answer) {}

    private static final class Neighbour {
        private final Transport link;
        private final List<LinkRoute> routes = new ArrayList<>();
        private long usedAtNanos;

        Neighbour(Transport link, long now) {
            this.link = link;
            this.usedAtNanos = now;
        }
    }

    /// @param nanos runs on evenly, as `System::nanoTime` does
    public LinkRoutes(Side side, RandomGenerator random, LongSupplier nanos) {
        this.side = side;
        this.random = random;
        this.nanos = nanos;
        for (PacketDrop reason : PacketDrop.values()) {
            drops.put(reason, new LongAdder());
        }
    }

    /// Who lives at the ends; before the first link.
    public void begin(RouteEnds sessions) {
        ends = sessions;
    }

    private RouteEnds ends() {
        RouteEnds known = ends;
        if (known == null) {
            throw new IllegalStateException("begin() comes first");
        }
        return known;
    }

    // --- asked by sessions -------------------------------------------------------------------------------------

    @Override
    public CompletionStage<Answer> request(Request request) {
        return switch (side) {
            case Side.Answers answers ->
                CompletableFuture.completedFuture(failed(Reason.NO_ROUTE, "a gateway dials nobody"));
            case Side.Dials dials -> request(request, dials.links());
        };
    }

    private CompletionStage<Answer> request(Request request, Links links) {
        Waiting asked = new Waiting(request, new CompletableFuture<>());
        synchronized (this) {
            waiting.put(request.session(), asked);
        }
        CompletableFuture<Answer> timed = asked.answer()
                .copy()
                .completeOnTimeout(
                        failed(Reason.DEADLINE, ""), request.deadline().toMillis(), TimeUnit.MILLISECONDS)
                .thenApply(answer -> {
                    forget(request.session());
                    return answer instanceof Answer.Failed failed && failed.reason() == Reason.DEADLINE
                            ? failed(
                                    Reason.DEADLINE,
                                    "no link through messaging servers within "
                                            + request.deadline().toMillis() + " ms: "
                                            + links.trouble(request.destination()))
                            : answer;
                });
        links.keep(request.destination());
        establish(request.destination());
        return timed;
    }

    private synchronized void forget(SessionUid session) {
        waiting.remove(session);
    }

    /// Gives a route to everybody who waits for a link with `peer`, if it is up.
    private void establish(PublicKey peer) {
        Map<Waiting, LinkRoute> fresh = new LinkedHashMap<>();
        synchronized (this) {
            Neighbour neighbour = neighbours.get(peer);
            if (neighbour == null) {
                return;
            }
            List.copyOf(waiting.values()).stream()
                    .filter(asked -> asked.request().destination().equals(peer))
                    .forEach(asked -> {
                        waiting.remove(asked.request().session());
                        fresh.put(asked, add(neighbour, asked.request().session(), RouteEnd.INITIATOR));
                    });
        }
        fresh.forEach((asked, route) -> {
            ends().opened(route);
            asked.answer().complete(new Answer.Established(route.route(), 1, 1, List.of()));
        });
    }

    private LinkRoute add(Neighbour neighbour, SessionUid session, RouteEnd end) {
        LinkRoute route = new LinkRoute(RouteUid.random(random), session, end, neighbour.link);
        Name name = new Name(route.peer(), session);
        neighbour.routes.add(route);
        neighbour.usedAtNanos = nanos.getAsLong();
        byName.put(name, route);
        names.put(route.route(), name);
        return route;
    }

    private static Answer failed(Reason reason, String detail) {
        return new Answer.Failed(reason, OptionalInt.empty(), detail, List.of());
    }

    @Override
    public void close(RouteUid route, String reason) {
        Name name = names.remove(route);
        LinkRoute known = name == null ? null : byName.remove(name);
        if (known == null) {
            return;
        }
        synchronized (this) {
            Neighbour neighbour = neighbours.get(known.peer());
            if (neighbour != null) {
                neighbour.routes.remove(known);
                neighbour.usedAtNanos = nanos.getAsLong();
            }
        }
        ends().closed(known, reason);
    }

    // --- told by links -----------------------------------------------------------------------------------------

    @Override
    public void up(Transport link) {
        synchronized (this) {
            if (side instanceof Side.Answers answers && neighbours.size() >= answers.mostLinks()) {
                link.close("overloaded: the gateway has " + answers.mostLinks() + " links, its limit");
                return;
            }
            neighbours.put(link.remote(), new Neighbour(link, nanos.getAsLong()));
        }
        establish(link.remote());
    }

    @Override
    public void down(Transport link, String reason) {
        List<LinkRoute> over;
        synchronized (this) {
            Neighbour neighbour = neighbours.get(link.remote());
            if (neighbour == null || neighbour.link != link) {
                return;
            }
            neighbours.remove(link.remote());
            over = List.copyOf(neighbour.routes);
        }
        over.forEach(route -> close(route.route(), "the link is down: " + reason));
    }

    /// Ends links that have had no session for `idle`; every now and then.
    public void endIdle(long idleNanos) {
        List<Transport> idle;
        synchronized (this) {
            long now = nanos.getAsLong();
            idle = neighbours.values().stream()
                    .filter(neighbour -> neighbour.routes.isEmpty() && now - neighbour.usedAtNanos > idleNanos)
                    .map(neighbour -> neighbour.link)
                    .toList();
        }
        idle.forEach(link -> link.close("nobody has used it"));
    }

    /// Ends every link.
    public void endAll(String reason) {
        List<Transport> all;
        synchronized (this) {
            all = neighbours.values().stream().map(neighbour -> neighbour.link).toList();
        }
        all.forEach(link -> link.close(reason));
    }

    /// Links that are up.
    public synchronized int links() {
        return neighbours.size();
    }

    /// Packets that led nowhere so far.
    public long dropped(PacketDrop reason) {
        LongAdder count = drops.get(reason);
        return count == null ? 0 : count.sum();
    }

    private void drop(PacketDrop reason) {
        LongAdder count = drops.get(reason);
        if (count != null) {
            count.increment();
        }
    }

    // --- packets -----------------------------------------------------------------------------------------------

    @Override
    public Ingress open(Transport link) {
        return new Ingress() {
            @Override
            public void packet(byte[] frame, int offset, int length) {
                if (!LinkPacket.isOne(frame, offset, length)) {
                    drop(PacketDrop.MALFORMED);
                    return;
                }
                SessionUid session = LinkPacket.session(frame, offset);
                LinkRoute known = byName.get(new Name(link.remote(), session));
                LinkRoute route = known == null ? answering(link, session) : known;
                if (route == null) {
                    drop(PacketDrop.UNKNOWN_SESSION);
                } else {
                    ends().payload(route, LinkPacket.datagram(frame, offset, length));
                }
            }

            @Override
            public void endOfRead() {
                ends().endOfRead();
            }
        };
    }

    private @Nullable LinkRoute answering(Transport link, SessionUid session) {
        if (side instanceof Side.Dials) {
            return null;
        }
        LinkRoute oldest = null;
        LinkRoute fresh;
        synchronized (this) {
            Neighbour neighbour = neighbours.get(link.remote());
            if (neighbour == null || neighbour.link != link) {
                return null;
            }
            if (neighbour.routes.size() >= PER_LINK) {
                oldest = neighbour.routes.getFirst();
            }
            fresh = add(neighbour, session, RouteEnd.RESPONDER);
        }
        if (oldest != null) {
            close(oldest.route(), "the node has begun " + PER_LINK + " newer sessions");
        }
        ends().opened(fresh);
        return fresh;
    }
}
