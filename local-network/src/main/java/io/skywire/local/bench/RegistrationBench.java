package io.skywire.local.bench;

import io.skywire.local.ControlPlaneAlone;
import io.skywire.local.Experiment;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import io.skywire.local.bench.Crowd.Tally;
import io.skywire.local.bench.Visor.SignedRequest;
import io.skywire.shared.key.KeyPair;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;

/// How many transports a second stock visors can register, beside what checking their signatures alone could do; then
/// how quickly the registry is read with all of them stored. See docs/benchmarks/registration.md.
@Command(
        name = "registration",
        description = "Registrations a second beside signature checking alone, and readings with 100 000 transports.")
final class RegistrationBench extends Experiment {
    private static final int VISORS = 5_000;
    private static final int CONNECTIONS = 40;
    private static final int PER_REQUEST = 12;
    private static final int LINKS_PER_VISOR = 2 * PER_REQUEST;
    private static final int QUESTIONS_PER_VISOR = 8;
    private static final int ROUNDS = 4;
    private static final int WARM_UP = 42;
    private static final int PER_ROUND = 52;
    private static final long CEILING_NANOS = 2_500_000_000L;

    @Override
    protected Report run(RunHome home, Progress progress) {
        try (ControlPlaneAlone controlPlane = progress.step(
                "start", () -> ControlPlaneAlone.start(home, Map.of("server.tomcat.max-connections", "1000")))) {
            home.endOnSignal(controlPlane::close);
            URI base = controlPlane.http("");
            List<Visor> visors = progress.step("sign", () -> visors(base));
            List<SignedRequest> sample = visors.subList(0, 1500).stream()
                    .map(visor -> visor.waiting().getFirst())
                    .toList();
            Report report = new Report().put("visors", VISORS).put("transports_per_request", PER_REQUEST);
            try (Crowd crowd = new Crowd(base, visors, CONNECTIONS)) {
                registrations(crowd, sample, progress, report);
                progress.step("warm up edge", () -> crowd.send(120).require(200));
                Tally asked = progress.step("ask", () -> crowd.send(800).require(200));
                report.atLeast("get_by_edge_per_second", asked.requests() / asked.seconds(), 3_000);
            }
            listings(base, progress, report);
            return report;
        } catch (IOException failure) {
            throw new NetworkFailure("the load broke off: " + failure);
        }
    }

    private static void registrations(Crowd crowd, List<SignedRequest> sample, Progress progress, Report report) {
        progress.step("warm up registration", () -> crowd.send(WARM_UP).require(201));
        progress.step("warm up checks", () -> ceiling(sample));
        List<Double> rates = new ArrayList<>();
        List<Double> ceilings = new ArrayList<>();
        ceilings.add(ceiling(sample));
        for (int round = 0; round < ROUNDS; round++) {
            long[] before = cpu();
            Tally tally = progress.step("register", () -> crowd.send(PER_ROUND).require(201));
            long[] after = cpu();
            progress.say(String.format(
                    "      cpu us per registration: control plane %d, postgres %d, generator %d",
                    (after[0] - before[0]) / tally.transports() / 1000,
                    (after[1] - before[1]) / tally.transports() / 1000,
                    (after[2] - before[2]) / tally.transports() / 1000));
            before = cpu();
            rates.add(tally.transports() / tally.seconds());
            ceilings.add(ceiling(sample));
            after = cpu();
            progress.say(String.format(
                    "      cpu us per verified registration: %d",
                    (int) ((after[2] - before[2]) / 1000.0 / (ceilings.getLast() * 2.5))));
            progress.say("    " + rates.getLast() + " of " + ceilings.getLast());
        }
        double rate = rates.stream().mapToDouble(Double::doubleValue).average().orElse(0);
        double ceiling =
                ceilings.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
        report.put("registrations_per_second", rate)
                .put("verifications_per_second_alone", ceiling)
                .atLeast("ratio", rate / ceiling, 0.5);
    }

    private static long[] cpu() {
        long[] all = new long[3];
        all[2] = ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
        ProcessHandle.current().descendants().forEach(p -> {
            String c = p.info().command().orElse("");
            long n =
                    p.info().totalCpuDuration().map(java.time.Duration::toNanos).orElse(0L);
            if (c.endsWith("java")) {
                all[0] += n;
            }
        });
        ProcessHandle.allProcesses()
                .filter(p -> p.info().command().orElse("").contains("registration-state"))
                .forEach(p -> all[1] += p.info()
                        .totalCpuDuration()
                        .map(java.time.Duration::toNanos)
                        .orElse(0L));
        return all;
    }

    private static void listings(URI base, Progress progress, Report report) throws IOException {
        byte[] request = HttpLane.get(base, "/all-transports");
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            Callable<Integer> reader = () -> {
                int read = 0;
                try (HttpLane lane = new HttpLane(base)) {
                    long end = System.nanoTime() + 6_000_000_000L;
                    while (System.nanoTime() < end) {
                        HttpLane.Answer answer = lane.send(request);
                        if (answer.status() != 200 || answer.bytes() < 20_000_000) {
                            throw new IOException("listing: " + answer);
                        }
                        read++;
                    }
                }
                return read;
            };
            long start = System.nanoTime();
            int all = Crowd.all(threads, List.of(reader, reader)).stream()
                    .mapToInt(Integer::intValue)
                    .sum();
            report.atLeast("all_transports_per_second", all / ((System.nanoTime() - start) / 1e9), 20);
        }
    }

    /// Registrations a second that checking every signature of these requests on all cores could do.
    private static double ceiling(List<SignedRequest> sample) {
        int cores = Runtime.getRuntime().availableProcessors();
        AtomicInteger turn = new AtomicInteger();
        try (ExecutorService threads = Executors.newFixedThreadPool(cores)) {
            long start = System.nanoTime();
            Callable<Long> checker = () -> {
                long checked = 0;
                while (System.nanoTime() - start < CEILING_NANOS) {
                    SignedRequest request = sample.get(turn.getAndIncrement() % sample.size());
                    if (!request.isGood()) {
                        throw new IOException("a signature of the benchmark's own is not good");
                    }
                    checked += request.transports().size();
                }
                return checked;
            };
            long checked = Crowd.all(threads, java.util.Collections.nCopies(cores, checker)).stream()
                    .mapToLong(Long::longValue)
                    .sum();
            return checked / ((System.nanoTime() - start) / 1e9);
        }
    }

    /// The same network in every run: visors in a ring, each linked to those that follow it.
    private static List<Visor> visors(URI base) {
        List<Visor> visors = IntStream.range(0, VISORS)
                .parallel()
                .mapToObj(i -> new Visor(KeyPair.generate(new SplittableRandom(i)), base))
                .toList();
        IntStream.range(0, VISORS).parallel().forEach(i -> {
            Visor visor = visors.get(i);
            for (int first = 1; first <= LINKS_PER_VISOR; first += PER_REQUEST) {
                visor.register(IntStream.range(first, first + PER_REQUEST)
                        .mapToObj(step -> visor.linkTo(visors.get((i + step) % VISORS)))
                        .toList());
            }
            SplittableRandom random = new SplittableRandom(i);
            for (int question = 0; question < QUESTIONS_PER_VISOR; question++) {
                visor.askFor(visors.get(random.nextInt(VISORS)));
            }
        });
        return visors;
    }
}
