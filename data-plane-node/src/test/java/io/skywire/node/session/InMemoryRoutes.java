package io.skywire.node.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.skywire.node.router.EdgeRoute;
import io.skywire.node.router.RouteEnds;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A network of routes in one JVM: a control plane that sets up at once, and routes that carry payloads between the
/// nodes that joined, on event loops of their own, and can lose, reorder, and end.
public final class InMemoryRoutes implements AutoCloseable {
    private static final int QUEUE_LIMIT = 1 << 20;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Map<PublicKey, RouteEnds> nodes = new ConcurrentHashMap<>();
    private final Map<RouteUid, Pair> pairs = new ConcurrentHashMap<>();
    private final Queue<Pair> everOpened = new ConcurrentLinkedQueue<>();
    private final Map<PublicKey, PublicKey> impostors = new ConcurrentHashMap<>();
    private final Set<RouteUid> silent = ConcurrentHashMap.newKeySet();
    private final Random random;
    final AtomicInteger requests = new AtomicInteger();
    final AtomicInteger standbyRequests = new AtomicInteger();
    /// Whether there are routes that are disjoint from others.
    volatile boolean standbys;
    final AtomicLong largestPayload = new AtomicLong();
    final AtomicLong lost = new AtomicLong();
    final List<RouteUid> closedByRequest = java.util.Collections.synchronizedList(new ArrayList<>());
    volatile double lossRate;
    volatile double reorderRate;
    volatile int maxPayload = 16_384;
    /// Of routes that open from now on; none: as fast as it goes.
    volatile @Nullable Pace pace;
    /// Of those among them that are disjoint from others.
    volatile @Nullable Pace standbyPace;
    /// The control plane answers no request before this is complete.
    volatile CompletableFuture<Void> setupGate = CompletableFuture.completedFuture(null);
    /// Plans that get as far as rules at both ends and are taken back, before one holds.
    volatile int failingPlans;
    /// What the control plane says in the end instead of success.
    volatile Optional<RouteRequests.Answer.Failed> verdict = Optional.empty();

    /// How fast a route is in each direction.
    ///
    /// @param delay one way
    record Pace(long bytesPerSecond, Duration delay) {}

    public InMemoryRoutes(long seed) {
        System.out.println("in-memory routes, seed " + seed);
        this.random = new Random(seed);
    }

    public void join(PublicKey node, RouteEnds ends) {
        nodes.put(node, ends);
    }

    /// Routes to `claimed` lead to `actual`, which believes that its peer is right.
    void divert(PublicKey claimed, PublicKey actual) {
        impostors.put(claimed, actual);
    }

    /// The control plane as `node` sees it.
    public RouteRequests requestsOf(PublicKey node) {
        return requestsOf(node, node);
    }

    /// A control plane which tells the other end that `node` is `presentedAs`.
    RouteRequests requestsOf(PublicKey node, PublicKey presentedAs) {
        return new RouteRequests() {
            @Override
            public CompletionStage<Answer> request(Request request) {
                if (request.path() instanceof Path.Any any && any.disjointFrom().isPresent()) {
                    standbyRequests.incrementAndGet();
                    if (!standbys) {
                        return CompletableFuture.completedFuture(new Answer.Failed(
                                Reason.NO_ROUTE, OptionalInt.empty(), "no other route here", List.of()));
                    }
                } else {
                    requests.incrementAndGet();
                }
                CompletableFuture<Answer> answer = new CompletableFuture<>();
                setupGate.thenRunAsync(() -> answer.complete(setUp(node, presentedAs, request)), loops.next());
                return answer;
            }

            @Override
            public void close(RouteUid route, String reason) {
                closedByRequest.add(route);
                InMemoryRoutes.this.close(route, reason);
            }
        };
    }

    private RouteRequests.Answer setUp(PublicKey node, PublicKey presentedAs, RouteRequests.Request request) {
        RouteEnds initiator = nodes.get(node);
        PublicKey actual = impostors.getOrDefault(request.destination(), request.destination());
        RouteEnds responder = nodes.get(actual);
        if (responder == null) {
            return new RouteRequests.Answer.Failed(
                    RouteRequests.Reason.NO_SUCH_NODE, OptionalInt.empty(), "no such node", List.of());
        }
        for (int i = 0; i < failingPlans; i++) {
            Pair failing = open(request, presentedAs, initiator, responder);
            initiator.closed(failing.initiator, "removed by the control plane");
            responder.closed(failing.responder, "removed by the control plane");
            pairs.remove(failing.initiator.uid);
        }
        if (verdict.isPresent()) {
            return verdict.get();
        }
        return new RouteRequests.Answer.Established(
                open(request, presentedAs, initiator, responder).initiator.uid,
                2,
                1 + failingPlans,
                List.of(new RouteRequests.Phase("install", Duration.ofMillis(1))));
    }

    private Pair open(RouteRequests.Request request, PublicKey presentedAs, RouteEnds initiator, RouteEnds responder) {
        RouteUid uid = RouteUid.random(random);
        boolean isStandby = request.path() instanceof RouteRequests.Path.Any any
                && any.disjointFrom().isPresent();
        Pace measure = isStandby ? standbyPace : pace;
        Pair pair = new Pair(
                new Route(
                        uid,
                        request.session(),
                        RouteEnd.INITIATOR,
                        request.destination(),
                        maxPayload,
                        responder,
                        measure),
                new Route(uid, request.session(), RouteEnd.RESPONDER, presentedAs, maxPayload, initiator, measure),
                initiator,
                responder);
        pair.initiator.far = pair.responder;
        pair.responder.far = pair.initiator;
        pairs.put(uid, pair);
        everOpened.add(pair);
        responder.opened(pair.responder);
        initiator.opened(pair.initiator);
        return pair;
    }

    /// The route ends at both ends.
    void close(RouteUid route, String reason) {
        Pair pair = pairs.remove(route);
        if (pair != null) {
            loops.next().execute(() -> {
                pair.initiatorEnds.closed(pair.initiator, reason);
                pair.responderEnds.closed(pair.responder, reason);
            });
        }
    }

    /// Nothing passes through the route any more, and nobody says so.
    void silence(RouteUid route) {
        silent.add(route);
    }

    /// What passes through the route passes again.
    void heal(RouteUid route) {
        silent.remove(route);
    }

    /// Nothing passes through the route any more, and the node beside the dead link says so to both ends.
    void breakOff(RouteUid route) {
        silence(route);
        Pair pair = pairs.get(route);
        loops.next().execute(() -> {
            pair.initiatorEnds.broken(pair.initiator);
            pair.responderEnds.broken(pair.responder);
        });
    }

    int open() {
        return pairs.size();
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        everOpened.forEach(pair -> {
            pair.initiator.releaseAll();
            pair.responder.releaseAll();
        });
    }

    private record Pair(Route initiator, Route responder, RouteEnds initiatorEnds, RouteEnds responderEnds) {}

    /// One end of a route. What it sends is copied, as a link would, and arrives on the routes' own event loop.
    private final class Route implements EdgeRoute {
        private final RouteUid uid;
        private final SessionUid session;
        private final RouteEnd end;
        private final PublicKey peer;
        private final int limit;
        private final RouteEnds receiver;
        private final EventLoop loop = loops.next();
        private final ArrayDeque<ByteBuf> queue = new ArrayDeque<>();
        private final @Nullable Pace measure;
        private int queuedBytes;
        private long freeAt = System.nanoTime();
        private Route far;

        Route(
                RouteUid uid,
                SessionUid session,
                RouteEnd end,
                PublicKey peer,
                int limit,
                RouteEnds receiver,
                @Nullable Pace measure) {
            this.measure = measure;
            this.uid = uid;
            this.session = session;
            this.end = end;
            this.peer = peer;
            this.limit = limit;
            this.receiver = receiver;
        }

        @Override
        public synchronized void send(ByteBuf payload) {
            try {
                int bytes = payload.readableBytes();
                largestPayload.accumulateAndGet(bytes, Math::max);
                if (bytes > limit || queuedBytes + bytes > QUEUE_LIMIT || random.nextDouble() < lossRate) {
                    lost.incrementAndGet();
                    return;
                }
                queuedBytes += bytes;
                Pace paced = measure;
                if (paced != null && !loop.isShuttingDown()) {
                    loop.schedule(this::deliverOne, arrival(paced, bytes), TimeUnit.NANOSECONDS);
                }
                ByteBuf copy =
                        PooledByteBufAllocator.DEFAULT.directBuffer(bytes).writeBytes(payload);
                if (random.nextDouble() < reorderRate) {
                    queue.addFirst(copy);
                } else {
                    queue.addLast(copy);
                }
            } finally {
                payload.release();
            }
        }

        @Override
        public void flush() {
            if (measure == null && !loop.isShuttingDown()) {
                loop.execute(this::deliver);
            }
        }

        @Override
        public void probe(long number) {
            Pace paced = measure;
            long later = paced == null
                    ? 0
                    : arrival(paced, Long.BYTES) + paced.delay().toNanos();
            if (!loop.isShuttingDown()) {
                loop.schedule(
                        () -> {
                            if (pairs.containsKey(uid) && !silent.contains(uid)) {
                                far.receiver.replied(this, number);
                            }
                        },
                        later,
                        TimeUnit.NANOSECONDS);
            }
        }

        /// Nanoseconds from now until so many bytes are over.
        private synchronized long arrival(Pace paced, int bytes) {
            long now = System.nanoTime();
            freeAt = Math.max(now, freeAt) + bytes * 1_000_000_000L / paced.bytesPerSecond();
            return freeAt - now + paced.delay().toNanos();
        }

        private void deliverOne() {
            ByteBuf payload = next();
            if (payload != null) {
                deliver(payload);
                receiver.endOfRead();
            }
        }

        private void deliver(ByteBuf payload) {
            if (pairs.containsKey(uid) && !silent.contains(uid)) {
                receiver.payload(far, payload);
            } else {
                payload.release();
            }
        }

        private void deliver() {
            for (ByteBuf payload = next(); payload != null; payload = next()) {
                deliver(payload);
            }
            receiver.endOfRead();
        }

        private synchronized ByteBuf next() {
            ByteBuf payload = queue.poll();
            if (payload != null) {
                queuedBytes -= payload.readableBytes();
            }
            return payload;
        }

        void releaseAll() {
            for (ByteBuf payload = next(); payload != null; payload = next()) {
                payload.release();
            }
        }

        @Override
        public RouteUid route() {
            return uid;
        }

        @Override
        public SessionUid session() {
            return session;
        }

        @Override
        public RouteEnd end() {
            return end;
        }

        @Override
        public PublicKey peer() {
            return peer;
        }

        @Override
        public int maxPayload() {
            return limit;
        }
    }
}
