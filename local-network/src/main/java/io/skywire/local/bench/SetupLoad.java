package io.skywire.local.bench;

import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.bench.QuestionLoad.Answered;
import io.skywire.local.bench.QuestionLoad.Asker;
import io.skywire.local.simulation.SimulatedAgent;
import io.skywire.local.simulation.Swarm;
import io.skywire.proto.v1.Established;
import io.skywire.proto.v1.SetupResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/// Setups of routes over 2 to 4 hops between random agents of a swarm; each route is closed as soon as it is there.
final class SetupLoad {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final Duration CLOSING = Duration.ofSeconds(30);
    private static final int NEAREST = 3;
    private static final int FARTHEST = 8;
    private static final int MOST_TOLD = 5;

    private final Swarm swarm;
    private final long seed;
    private final LongAdder established = new LongAdder();
    private final LongAdder hops = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final ConcurrentLinkedQueue<String> firstErrors = new ConcurrentLinkedQueue<>();

    SetupLoad(Swarm swarm, long seed) {
        this.swarm = swarm;
        this.seed = seed;
    }

    /// @param nanos from the request to the answer, as the agent sees it
    private record Answer(SetupResult result, long nanos) {
        boolean isEstablished() {
            return result.getOutcomeCase() == SetupResult.OutcomeCase.ESTABLISHED;
        }
    }

    /// Waits until the control plane knows the links: until then there is no route.
    void awaitRoutes(Duration patience) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 20; i++) {
            if (!Patience.until(patience, () -> isEstablished(begin(random)))) {
                throw new NetworkFailure("no route was set up in " + patience.toSeconds() + " s");
            }
        }
        awaitClosed();
    }

    private static boolean isEstablished(CompletableFuture<Answer> asked) {
        try {
            return asked.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).isEstablished();
        } catch (ExecutionException | TimeoutException notYet) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new NetworkFailure("interrupted");
        }
    }

    /// Asks, and closes what it gets.
    private CompletableFuture<Answer> begin(SplittableRandom random) {
        List<SimulatedAgent> agents = swarm.agents();
        int from = random.nextInt(agents.size());
        int to = (from + NEAREST + random.nextInt(FARTHEST - NEAREST + 1)) % agents.size();
        SimulatedAgent initiator = agents.get(from);
        long asked = System.nanoTime();
        return initiator.setUp(agents.get(to).key(), DEADLINE).thenApply(result -> {
            Answer route = new Answer(result, System.nanoTime() - asked);
            if (route.isEstablished()) {
                Established there = result.getEstablished();
                hops.add(there.getHops());
                established.increment();
                initiator.closeRoute(there.getRoute());
            }
            return route;
        });
    }

    /// One that sets up route after route.
    Asker lane(int number) {
        SplittableRandom random = new SplittableRandom(seed + number);
        return question -> settled(begin(random));
    }

    /// The answer, or nothing if it counts as an error.
    private Optional<Answer> settled(CompletableFuture<Answer> asked) throws InterruptedException {
        try {
            Answer route = asked.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (route.isEstablished()) {
                return Optional.of(route);
            }
            failed(String.valueOf(route.result().getFailure()));
        } catch (ExecutionException broken) {
            failed(String.valueOf(broken.getCause()));
        } catch (TimeoutException silent) {
            failed("no answer within " + PATIENCE);
        }
        return Optional.empty();
    }

    private void failed(String why) {
        errors.increment();
        if (firstErrors.size() < MOST_TOLD) {
            firstErrors.add(why.strip().replace('\n', ' '));
        }
    }

    /// Setups at even times, whatever becomes of those before.
    Answered paced(double perSecond, Duration time) {
        SplittableRandom random = new SplittableRandom(seed ^ 0x5e70);
        long pause = (long) (1e9 / perSecond);
        long start = System.nanoTime();
        List<CompletableFuture<Answer>> asked = new ArrayList<>();
        for (long next = start; next - start < time.toNanos(); next += pause) {
            for (long left = next - System.nanoTime(); left > 0; left = next - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            asked.add(begin(random));
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Answered(nanos(all(asked), Duration.ZERO), seconds);
    }

    /// Setups with slow agents.
    ///
    /// @param roundTrips the most messages that the control plane sent to one node in one setup
    record Distant(Answered seen, Answered atControlPlane, long roundTrips) {}

    /// One setup after the other, each when nothing is left of the one before: what the control plane says to agents
    /// meanwhile belongs to it.
    Distant oneByOne(Duration roundTrip, int count) {
        SplittableRandom random = new SplittableRandom(seed ^ 0xd157);
        awaitClosed();
        swarm.delay(roundTrip);
        List<Answer> routes = new ArrayList<>();
        long most = 0;
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long[] before = told();
            // Counted when the answer is there: its closing is not under way at the agents before another half round
            // trip.
            CompletableFuture<long[]> after = new CompletableFuture<>();
            CompletableFuture<Answer> asked = begin(random).whenComplete((route, broken) -> after.complete(told()));
            routes.addAll(all(List.of(asked)));
            long[] then = after.join();
            for (int agent = 0; agent < then.length; agent++) {
                most = Math.max(most, then[agent] - before[agent]);
            }
            awaitClosed();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        swarm.delay(Duration.ZERO);
        return new Distant(
                new Answered(nanos(routes, Duration.ZERO), seconds),
                new Answered(nanos(routes, roundTrip), seconds),
                most);
    }

    private long[] told() {
        return swarm.agents().stream().mapToLong(SimulatedAgent::told).toArray();
    }

    private List<Answer> all(List<CompletableFuture<Answer>> asked) {
        List<Answer> routes = new ArrayList<>();
        try {
            for (CompletableFuture<Answer> one : asked) {
                settled(one).ifPresent(routes::add);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new NetworkFailure("interrupted");
        }
        return routes;
    }

    /// Sorted, without the way of requests and answers themselves.
    private static long[] nanos(List<Answer> routes, Duration ownWay) {
        if (routes.isEmpty()) {
            throw new NetworkFailure("no route was set up");
        }
        return routes.stream()
                .mapToLong(route -> route.nanos() - ownWay.toNanos())
                .sorted()
                .toArray();
    }

    /// Waits until no agent holds a rule any more.
    void awaitClosed() {
        if (!Patience.until(CLOSING, () -> swarm.agents().stream().noneMatch(SimulatedAgent::holdsRules))) {
            long left =
                    swarm.agents().stream().filter(SimulatedAgent::holdsRules).count();
            throw new NetworkFailure(
                    left + " agents still hold rules of closed routes after " + CLOSING.toSeconds() + " s");
        }
    }

    long setups() {
        return established.sum();
    }

    double meanHops() {
        return (double) hops.sum() / Math.max(1, established.sum());
    }

    long errors() {
        return errors.sum();
    }

    List<String> firstErrors() {
        return List.copyOf(firstErrors);
    }
}
