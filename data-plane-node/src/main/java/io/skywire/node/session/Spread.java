package io.skywire.node.session;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.skywire.node.router.EdgeRoute;
import io.skywire.shared.rule.RouteUid;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Spreads what one end of a session sends over the first two of its routes, as [RouteShares] says. Has probes of its
/// own, so either end may do it whatever the other one does. Lives on the session's event loop; every method but
/// [#next] may be called from any thread.
final class Spread {
    private static final Logger log = LoggerFactory.getLogger(Spread.class);
    private static final long MOST_NUMBERS = 1L << 32;

    private final SessionPath path;
    private final EventLoop loop;
    private final int datagramSize;
    private final RouteShares shares;
    private final long firstNumber;
    private long numbers;
    private List<EdgeRoute> known = List.of();
    private @Nullable EdgeRoute used;
    private @Nullable EdgeRoute beside;
    private @Nullable Future<?> ticking;
    private boolean stopped;
    private volatile Optional<RouteUid> sharing = Optional.empty();

    /// @param firstNumber random; of the probes
    Spread(SessionPath path, EventLoop loop, int datagramSize, long firstNumber) {
        this.path = path;
        this.loop = loop;
        this.datagramSize = datagramSize;
        this.shares = new RouteShares(datagramSize, System.nanoTime());
        this.firstNumber = firstNumber;
    }

    void start() {
        onLoop(this::tick);
    }

    void stop() {
        onLoop(() -> {
            stopped = true;
            Future<?> timer = ticking;
            if (timer != null) {
                timer.cancel(false);
            }
        });
    }

    /// The route that carries datagrams too, beside the one in use.
    Optional<RouteUid> sharing() {
        return sharing;
    }

    /// The route of the next datagram, of so many bytes. On the session's event loop.
    @Nullable
    EdgeRoute next(int bytes) {
        long now = System.nanoTime();
        look(now);
        EdgeRoute other = beside;
        return other == null || shares.next(bytes, now) == 0 ? used : other;
    }

    void broken(RouteUid route) {
        onLoop(() -> {
            long now = System.nanoTime();
            look(now);
            int place = place(route);
            if (place >= 0) {
                boolean both = shares.isBoth();
                shares.broken(place, now);
                repairAfter(both);
            }
        });
    }

    /// Whether that is the answer to a probe from here.
    boolean replied(RouteUid route, long number) {
        long age = number - firstNumber;
        if (age < 0 || age >= MOST_NUMBERS) {
            return false;
        }
        long now = System.nanoTime();
        onLoop(() -> {
            int place = place(route);
            if (place >= 0) {
                shares.answered(place, number, now);
            }
        });
        return true;
    }

    private int place(RouteUid route) {
        EdgeRoute first = used;
        EdgeRoute second = beside;
        if (first != null && first.route().equals(route)) {
            return 0;
        }
        return second != null && second.route().equals(route) ? 1 : -1;
    }

    private void tick() {
        if (stopped) {
            return;
        }
        long now = System.nanoTime();
        look(now);
        boolean both = shares.isBoth();
        shares.tick(now);
        repairAfter(both);
        if (beside != null) {
            probe(0, used, now);
            probe(1, beside, now);
        }
        ticking = loop.schedule(this::tick, RouteShares.TICK.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void probe(int place, @Nullable EdgeRoute route, long now) {
        if (route != null && shares.isProbeDue(place, now)) {
            long number = firstNumber + numbers++ % MOST_NUMBERS;
            shares.probed(place, number, now);
            route.probe(number);
        }
    }

    /// What was under way on a route that fell silent is lost: lets QUIC know soon.
    private void repairAfter(boolean wasBoth) {
        EdgeRoute first = used;
        EdgeRoute second = beside;
        Optional<RouteUid> both = second != null && shares.isBoth() ? Optional.of(second.route()) : Optional.empty();
        if (wasBoth && both.isEmpty() && first != null && second != null && shares.isSilent(0) != shares.isSilent(1)) {
            path.sendTailAgain(shares.isSilent(0) ? second : first);
        }
        if (!both.equals(sharing)) {
            sharing = both;
            log.debug("session {} sends over {} routes", path.session(), both.isPresent() ? 2 : 1);
        }
    }

    private void look(long now) {
        List<EdgeRoute> routes = path.routes();
        if (routes == known) {
            return;
        }
        known = routes;
        EdgeRoute formerUsed = used;
        EdgeRoute formerBeside = beside;
        used = routes.isEmpty() ? null : routes.getFirst();
        beside = routes.size() > 1 && routes.get(1).maxPayload() >= datagramSize ? routes.get(1) : null;
        if (used == formerUsed && beside == formerBeside) {
            return;
        }
        if (used == formerUsed) {
            shares.replacedBeside(now);
        } else if (used == formerBeside && beside == formerUsed) {
            shares.swapped(now);
        } else {
            shares.replaced(now);
        }
        repairAfter(false);
    }

    private void onLoop(Runnable step) {
        if (loop.inEventLoop()) {
            step.run();
            return;
        }
        try {
            loop.execute(step);
        } catch (RejectedExecutionException ending) {
            log.debug("session {}: this node is ending", path.session());
        }
    }
}
