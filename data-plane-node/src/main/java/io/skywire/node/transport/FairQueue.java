package io.skywire.node.transport;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.skywire.node.wire.FrameBuilder;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// What waits for the socket of one link: a bounded drop-tail queue per route, emptied in turns. Not thread-safe.
///
/// Turns are those of deficit round robin with a quantum of 16 KiB. A route that has waited for nothing lately goes
/// first (as in fq_codel, RFC 8290), so a heartbeat or an acknowledgement does not wait behind bulk. A route may hold
/// `routeLimit` bytes; when the whole link holds `linkLimit`, or with many routes more of it up to `crowdedLimit`,
/// the oldest packets of the fullest route make room, so a newcomer is never shut out by others. A queue exists only
/// while its route waits, and for one turn after.
final class FairQueue {
    private static final int QUANTUM = 16 * 1024;
    private static final int POOLED_ROUTES = 64;

    private final int routeLimit;
    private final int linkLimit;
    private final int crowdedLimit;
    private final int maxRoutes;
    private final LongAdder dropped;
    private final IntObjectMap<Route> routes = new IntObjectHashMap<>();
    private final ArrayDeque<Route> sparse = new ArrayDeque<>();
    private final ArrayDeque<Route> bulk = new ArrayDeque<>();
    private final ArrayDeque<Route> pool = new ArrayDeque<>();
    private final RingArrays arrays;
    private int bytes;

    /// One route's queue and what it may still send in this turn.
    private static final class Route {
        private final PacketRing packets;
        private int id;
        private int credit;

        private Route(RingArrays arrays) {
            this.packets = new PacketRing(arrays);
        }
    }

    /// `dropped` counts every packet that finds no room or has to make it.
    FairQueue(int routeLimit, int linkLimit, int crowdedLimit, int maxRoutes, LongAdder dropped, RingArrays arrays) {
        this.dropped = dropped;
        this.arrays = arrays;
        this.routeLimit = routeLimit;
        this.linkLimit = linkLimit;
        this.crowdedLimit = crowdedLimit;
        this.maxRoutes = maxRoutes;
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    /// All bytes that wait.
    int bytes() {
        return bytes;
    }

    /// Routes that have a queue now.
    int routes() {
        return routes.size();
    }

    /// Takes a copy of one packet. Answers whether there was room; if not, the packet is dropped.
    boolean offer(int routeId, byte[] packet, int offset, int length) {
        Route route = routes.get(routeId);
        int held = route == null ? 0 : route.packets.bytes();
        if (held + length > routeLimit || (route == null && routes.size() >= maxRoutes)) {
            dropped.increment();
            return false;
        }
        if (bytes + length > limit() && !evictFromFullest(held, length)) {
            dropped.increment();
            return false;
        }
        Route open = route == null ? open(routeId) : route;
        open.packets.add(packet, offset, length);
        bytes += length;
        return true;
    }

    private int limit() {
        return Math.max(linkLimit, Math.min(crowdedLimit, routes.size() * TcpSettings.LEAST_ROUTE_QUEUE));
    }

    /// Half of the fullest route's bytes go at once, so that the search for it is rare (as in RFC 8290, section 4.1).
    /// Nothing goes where no route would hold more than the one that asks: then the newest packet is the one too many,
    /// or routes that are alike would be served by their place in the table. Answers whether there is room now.
    private boolean evictFromFullest(int held, int needed) {
        Route fullest = null;
        for (Route route : routes.values()) {
            if (fullest == null || route.packets.bytes() > fullest.packets.bytes()) {
                fullest = route;
            }
        }
        if (fullest == null) {
            throw new IllegalStateException("a link without routes holds " + bytes + " bytes");
        }
        if (fullest.packets.bytes() <= held + needed) {
            return false;
        }
        int target = Math.max(needed, fullest.packets.bytes() / 2);
        for (int freed = 0; freed < target && fullest.packets.bytes() > 0; dropped.increment()) {
            int length = fullest.packets.dropFirst();
            freed += length;
            bytes -= length;
        }
        return true;
    }

    /// Moves packets into the frame until the next one does not fit or none is left.
    void moveTo(FrameBuilder frame) {
        for (Route route = next(); route != null; route = next()) {
            int length = route.packets.firstLength();
            if (!frame.fits(length)) {
                return;
            }
            route.packets.moveFirstTo(frame);
            route.credit -= length;
            bytes -= length;
        }
    }

    private @Nullable Route next() {
        while (true) {
            boolean first = !sparse.isEmpty();
            Route route = first ? sparse.peekFirst() : bulk.peekFirst();
            if (route == null) {
                return null;
            }
            ArrayDeque<Route> from = first ? sparse : bulk;
            if (route.credit <= 0) {
                route.credit += QUANTUM;
                from.removeFirst();
                bulk.addLast(route);
            } else if (route.packets.bytes() > 0) {
                return route;
            } else {
                from.removeFirst();
                if (first && !bulk.isEmpty()) {
                    bulk.addLast(route); // or it would go first again and again
                } else {
                    close(route);
                }
            }
        }
    }

    private Route open(int routeId) {
        Route pooled = pool.pollFirst();
        Route route = pooled == null ? new Route(arrays) : pooled;
        route.id = routeId;
        route.credit = QUANTUM;
        routes.put(routeId, route);
        sparse.addLast(route);
        return route;
    }

    private void close(Route route) {
        routes.remove(route.id);
        route.packets.release();
        if (pool.size() < POOLED_ROUTES) {
            pool.addFirst(route);
        }
    }
}
