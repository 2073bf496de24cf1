package io.skywire.local.bench;

import io.skywire.local.NetworkFailure;
import io.skywire.local.bench.HttpLane.Answer;
import io.skywire.local.bench.Visor.SignedRequest;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Many visors that speak at once, over a fixed number of connections. Each visor belongs to one connection and has one
/// request in flight, as stock visors do. For one thread.
final class Crowd implements AutoCloseable {
    private final List<Lane> lanes = new ArrayList<>();
    private final ExecutorService threads;

    Crowd(URI base, List<Visor> visors, int connections) throws IOException {
        threads = Executors.newFixedThreadPool(connections);
        for (int i = 0; i < connections; i++) {
            lanes.add(new Lane(new HttpLane(base)));
        }
        for (int i = 0; i < visors.size(); i++) {
            lanes.get(i % connections).visors.add(visors.get(i));
        }
    }

    /// What came of a stretch of work.
    record Tally(long requests, long transports, double seconds, Map<Integer, Integer> statuses) {
        double transportsPerSecond() {
            return transports / seconds;
        }

        Tally plus(Tally more) {
            Map<Integer, Integer> all = new TreeMap<>(statuses);
            more.statuses.forEach((status, count) -> all.merge(status, count, Integer::sum));
            return new Tally(requests + more.requests, transports + more.transports, seconds + more.seconds, all);
        }

        /// @throws NetworkFailure if anything but `status` was answered
        Tally require(int status) {
            if (!statuses.keySet().equals(Set.of(status))) {
                throw new NetworkFailure("wanted only answers " + status + ", got " + statuses);
            }
            return this;
        }
    }

    /// Every connection sends this many requests of its visors, as fast as it gets answers.
    Tally send(int perConnection) {
        List<Callable<Tally>> work = new ArrayList<>();
        lanes.forEach(lane -> work.add(() -> lane.send(perConnection)));
        long start = System.nanoTime();
        List<Tally> done = all(threads, work);
        double seconds = (System.nanoTime() - start) / 1e9;
        Map<Integer, Integer> statuses = new TreeMap<>();
        done.forEach(tally -> tally.statuses().forEach((status, count) -> statuses.merge(status, count, Integer::sum)));
        return new Tally(
                done.stream().mapToLong(Tally::requests).sum(),
                done.stream().mapToLong(Tally::transports).sum(),
                seconds,
                statuses);
    }

    /// Runs all of it to the end.
    ///
    /// @throws NetworkFailure if a part fails
    static <T> List<T> all(ExecutorService threads, List<Callable<T>> work) {
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> one : threads.invokeAll(work)) {
                results.add(one.get());
            }
            return results;
        } catch (ExecutionException failed) {
            throw new NetworkFailure("the load broke off: " + failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new NetworkFailure("interrupted");
        }
    }

    @Override
    public void close() throws IOException {
        threads.shutdownNow();
        for (Lane lane : lanes) {
            lane.connection.close();
        }
    }

    private static final class Lane {
        private final HttpLane connection;
        private final List<Visor> visors = new ArrayList<>();
        private int turn;

        private Lane(HttpLane connection) {
            this.connection = connection;
        }

        private Tally send(int count) throws IOException {
            Map<Integer, Integer> statuses = new TreeMap<>();
            long transports = 0;
            for (int i = 0; i < count; i++) {
                SignedRequest request = next().take();
                Answer answer = connection.send(request.wire());
                statuses.merge(answer.status(), 1, Integer::sum);
                transports += request.transports().size();
            }
            return new Tally(count, transports, 0, statuses);
        }

        /// The visors take turns.
        private Visor next() {
            for (int i = 0; i < visors.size(); i++) {
                Visor visor = visors.get(turn++ % visors.size());
                if (visor.hasMore()) {
                    return visor;
                }
            }
            throw new NetworkFailure("too few requests were signed beforehand");
        }
    }
}
