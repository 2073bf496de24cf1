package io.skywire.local.bench;

import io.skywire.local.ControlPlaneAlone;
import io.skywire.local.Experiment;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import io.skywire.local.bench.QuestionLoad.Answered;
import io.skywire.local.bench.QuestionLoad.Asker;
import io.skywire.local.simulation.Link;
import io.skywire.local.simulation.SimulatedAgent;
import io.skywire.local.simulation.Swarm;
import io.skywire.proto.v1.RoutesAnswer;
import io.skywire.shared.key.PublicKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Questions for routes through both front doors of a control plane that holds a whole network: how many a second, how
/// long they take, how many SQL statements they cost; and how soon another replica answers with what an agent told this
/// one. What each figure counts: docs/benchmarks/route-api.md.
@Command(
        name = "route-api",
        description = "Questions for routes over HTTP and gRPC, and how soon a change is known to another replica.")
final class RouteApiBench extends Experiment {
    private static final int ASKERS = 8;
    private static final int QUESTIONS = 10_007;
    private static final Duration WARM_UP = Duration.ofSeconds(12);
    private static final Duration ASKING = Duration.ofSeconds(10);
    private static final Duration QUIET = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CHANGES = 200;

    /// Below this share of a statement per request it was something else's.
    private static final double ROUNDED_AWAY = 0.001;

    @Option(names = "--nodes", description = "default: ${DEFAULT-VALUE}", defaultValue = "15000")
    private int nodes;

    @Option(names = "--transports", description = "default: ${DEFAULT-VALUE}", defaultValue = "50000")
    private int transports;

    @Option(names = "--seed", description = "of network and questions; default: ${DEFAULT-VALUE}", defaultValue = "1")
    private long seed;

    @Override
    protected Report run(RunHome home, Progress progress) {
        StoredNetwork network = progress.step("network is made", () -> new StoredNetwork(nodes, transports, seed));
        try (ControlPlaneAlone control =
                progress.step("control plane and PostgreSQL start", () -> ControlPlaneAlone.start(home, Map.of()))) {
            home.endOnSignal(control::close);
            progress.step("network is stored", () -> store(control, network));
            StatementWatch statements = new StatementWatch(control, home.logs().resolve("postgres.log"));
            Report report = new Report()
                    .put("nodes", nodes)
                    .put("transports", network.transports())
                    .put("askers", ASKERS);
            try (Swarm swarm = Swarm.of(
                    new Swarm.Shape(ASKERS, 1, seed),
                    control.agents(),
                    control.serviceKey(),
                    control.setupKey(),
                    agent -> false)) {
                swarm.start(Duration.ofMillis(100));
                if (!Patience.until(PATIENCE, () -> swarm.count(SimulatedAgent.State.AGREED) == ASKERS)) {
                    throw new NetworkFailure("the agents did not get their sessions");
                }
                questions(control.http(""), network, swarm, statements, progress, report);
                visibility(control, swarm, progress, report);
            }
            return report;
        } catch (IOException failure) {
            throw new NetworkFailure("the load broke off: " + failure);
        }
    }

    /// Written while the control plane is down, so that it finds the network when it starts.
    private static void store(ControlPlaneAlone control, StoredNetwork network) {
        control.crash();
        try (Connection connection = control.database()) {
            network.writeTo(connection);
        } catch (SQLException failure) {
            throw new NetworkFailure("PostgreSQL does not answer: " + failure.getMessage());
        }
        control.restart();
        control.awaitReady();
    }

    // --- questions

    private void questions(
            URI base, StoredNetwork network, Swarm swarm, StatementWatch statements, Progress progress, Report report) {
        PublicKey[][] pairs = pairs(network.nodes());
        byte[][] requests = Arrays.stream(pairs)
                .map(pair -> request(base, pair[0], pair[1], 16))
                .toArray(byte[][]::new);
        try (QuestionLoad http = new QuestionLoad(ASKERS, i -> overHttp(base, requests));
                QuestionLoad grpc =
                        new QuestionLoad(ASKERS, i -> overGrpc(swarm.agents().get(i), pairs))) {
            progress.step("warm-up", () -> {
                http.askFor(WARM_UP);
                grpc.askFor(WARM_UP);
            });
            report.exactly("statement_counter_works", counterWorks(base, statements), true);
            long before = statements.count();
            LockSupport.parkNanos(QUIET.toNanos());
            double background = (statements.count() - before) / (QUIET.toNanos() / 1e9);
            long start = statements.count();
            Answered byHttp = progress.step("questions over HTTP", () -> http.askFor(ASKING));
            Answered byGrpc = progress.step("questions over gRPC", () -> grpc.askFor(ASKING));
            double spent = statements.count() - start - background * (byHttp.seconds() + byGrpc.seconds());
            double each = Math.max(0, spent) / (byHttp.nanos().length + byGrpc.nanos().length);
            report.put("http_requests_per_second", byHttp.perSecond())
                    .put("grpc_requests_per_second", byGrpc.perSecond())
                    .put("http_p50_ms", byHttp.millis(0.5))
                    .put("http_p99_ms", byHttp.millis(0.99))
                    .put("grpc_p50_ms", byGrpc.millis(0.5))
                    .put("grpc_p99_ms", byGrpc.millis(0.99))
                    .put("p99_ms", Math.max(byHttp.millis(0.99), byGrpc.millis(0.99)))
                    .put("background_statements_per_second", background)
                    .atMost("sql_statements_per_request", each < ROUNDED_AWAY ? 0 : each, 0);
        }
    }

    private PublicKey[][] pairs(List<PublicKey> all) {
        SplittableRandom random = new SplittableRandom(seed + 1);
        PublicKey[][] pairs = new PublicKey[QUESTIONS][];
        for (int i = 0; i < QUESTIONS; i++) {
            int from = random.nextInt(all.size());
            pairs[i] =
                    new PublicKey[] {all.get(from), all.get((from + 1 + random.nextInt(all.size() - 1)) % all.size())};
        }
        return pairs;
    }

    private static byte[] request(URI base, PublicKey from, PublicKey to, int maxHops) {
        String body = "{\"Edges\":[\"" + from.hex() + ":" + to.hex() + "\"],\"Opts\":{\"MinHops\":1,\"MaxHops\":"
                + maxHops + "}}";
        return HttpLane.post(base, "/routes", body.getBytes(StandardCharsets.US_ASCII));
    }

    private static Asker overHttp(URI base, byte[][] requests) {
        try {
            HttpLane lane = new HttpLane(base);
            return question -> {
                int status = lane.send(requests[question % QUESTIONS]).status();
                if (status != 200) {
                    throw new NetworkFailure("question " + question % QUESTIONS + " was answered with " + status);
                }
            };
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Asker overGrpc(SimulatedAgent agent, PublicKey[][] pairs) {
        return question -> {
            PublicKey[] pair = pairs[question % QUESTIONS];
            RoutesAnswer answer = agent.ask(pair[0], pair[1]).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (!answer.getPairs(0).hasFound()) {
                throw new NetworkFailure("question " + question % QUESTIONS + " was answered with " + answer);
            }
        };
    }

    /// Requests that are known to ask the database must be seen; else a count of zero would say nothing.
    private boolean counterWorks(URI base, StatementWatch statements) {
        long before = statements.count();
        try (HttpLane lane = new HttpLane(base)) {
            for (int i = 0; i < 50; i++) {
                lane.send(HttpLane.get(base, "/transports/id:00000000-0000-4000-8000-0000000000" + (10 + i)));
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return Patience.until(Duration.ofSeconds(5), () -> statements.count() - before >= 50);
    }

    // --- another replica

    /// One link goes down and up again; the other replica is asked until it answers so.
    private static void visibility(ControlPlaneAlone control, Swarm swarm, Progress progress, Report report)
            throws IOException {
        ControlPlaneAlone.Replica other = progress.step("another replica starts", control::addReplica);
        Link link = swarm.links().getFirst();
        // Around the ring there is another way, so only the direct hop is asked for.
        byte[] question = request(other.http(), link.one().key(), link.other().key(), 1);
        double[] millis = new double[CHANGES];
        progress.say("changes are told to one replica and asked of the other");
        try (HttpLane lane = new HttpLane(other.http())) {
            for (int i = 0; i < CHANGES; i++) {
                boolean up = i % 2 == 1;
                LockSupport.parkNanos(Duration.ofMillis(40).toNanos());
                long start = System.nanoTime();
                if (up) {
                    link.one().hold(link.signed());
                } else {
                    link.one().lose(link.signed());
                }
                awaitStatus(lane, question, up ? 200 : 404, start);
                millis[i] = (System.nanoTime() - start) / 1e6;
            }
        }
        Arrays.sort(millis);
        report.put("changes", CHANGES)
                .atMost("visible_on_other_replica_p50_ms", millis[CHANGES / 2], 100)
                .put("visible_on_other_replica_p99_ms", millis[CHANGES * 99 / 100]);
    }

    private static void awaitStatus(HttpLane lane, byte[] question, int wanted, long start) throws IOException {
        while (System.nanoTime() - start < PATIENCE.toNanos()) {
            if (lane.send(question).status() == wanted) {
                return;
            }
            LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
        }
        throw new NetworkFailure("the other replica has not heard of a change in " + PATIENCE.toSeconds() + " s");
    }
}
