package io.skywire.local.bench;

import io.skywire.local.ControlPlaneAlone;
import io.skywire.local.Experiment;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import io.skywire.local.bench.Crowd.Tally;
import io.skywire.local.bench.HttpLane.Pace;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;

/// How many transports a second stock visors can register, beside what checking their signatures alone could do; then
/// how quickly the registry is read with all of them stored, and what slow readers cost. What each figure counts:
/// docs/benchmarks/registration.md.
@Command(
        name = "registration",
        description = "Registrations a second beside signature checking alone, and readings with 100 000 transports.")
final class RegistrationBench extends Experiment {
    private static final int CONNECTIONS = 40;

    // Requests of each connection, out of VISORS / CONNECTIONS = 100 visors. The compiler counts calls, so small
    // requests
    // warm a server up that in life has run for days; 60 + 4 * 60 large ones follow.
    private static final int SMALL_WARM_UP = 100 * VisorNetwork.SMALL_REGISTRATIONS;
    private static final int WARM_UP = 60;
    private static final int ROUND = 60;
    private static final int ROUNDS = 4;
    private static final int QUESTIONS_WARM_UP = 150;
    private static final int QUESTIONS = 850;
    private static final int LATE = 4;
    private static final int LATE_ROUNDS = 25;

    private static final int FAST_READERS = 2;
    private static final Duration READING = Duration.ofSeconds(5);
    private static final int SLOW_READERS = 32;
    private static final Pace SLOW = new Pace(64 * 1024, Duration.ofMillis(25));
    private static final double MOST_FOR_SLOW_READERS_MIB = 96;

    @Override
    protected Report run(RunHome home, Progress progress) {
        Report report = new Report();
        try (ControlPlaneAlone controlPlane =
                progress.step("control plane and PostgreSQL start", () -> ControlPlaneAlone.start(home, Map.of()))) {
            home.endOnSignal(controlPlane::close);
            URI base = controlPlane.http("");
            VisorNetwork network = progress.step("requests are signed", () -> new VisorNetwork(base));
            SignatureCeiling ceiling = new SignatureCeiling(network.sample(1_500));
            report.put("visors", VisorNetwork.VISORS)
                    .put("connections", CONNECTIONS)
                    .put("transports_per_request", VisorNetwork.PER_REQUEST)
                    .put("transports_stored", VisorNetwork.TRANSPORTS);
            try (Crowd crowd = new Crowd(base, network.visors(), CONNECTIONS);
                    ListingReaders readers = new ListingReaders(base);
                    HeapWatch heap = new HeapWatch(controlPlane.http("/actuator/prometheus"), controlPlane.pid())) {
                registrations(crowd, ceiling, new CpuWatch(controlPlane), progress, report);
                progress.step(
                        "questions, warm-up",
                        () -> crowd.send(QUESTIONS_WARM_UP).require(200));
                Tally asked = progress.step(
                        "questions by edge", () -> crowd.send(QUESTIONS).require(200));
                report.atLeast("get_by_edge_per_second", asked.requests() / asked.seconds(), 3_000);
                readers.measure(FAST_READERS, Duration.ofSeconds(1));
                report.atLeast(
                        "all_transports_per_second",
                        progress.step("lists of all transports", () -> readers.measure(FAST_READERS, READING)),
                        20);
                progress.step("slow readers", () -> slowReaders(crowd, readers, heap, report));
            }
            return report;
        } catch (IOException failure) {
            throw new NetworkFailure("the load broke off: " + failure);
        }
    }

    /// Rounds of both take turns, so that what else the machine does falls on both.
    private static void registrations(
            Crowd crowd, SignatureCeiling ceiling, CpuWatch cpu, Progress progress, Report report) {
        progress.step(
                "registrations, warm-up",
                () -> crowd.send(SMALL_WARM_UP + WARM_UP).require(201));
        progress.step("signature checks, warm-up", ceiling::measure);
        progress.step("control plane rests", cpu::awaitRest);
        SignatureCeiling.Checked checked = new SignatureCeiling.Checked(0, Duration.ZERO);
        Tally registered = new Tally(0, 0, 0, Map.of());
        Duration cpuOfChecks = Duration.ZERO;
        Duration cpuOfRegistrations = Duration.ZERO;
        for (int round = 0; round < ROUNDS; round++) {
            Duration own = cpu.own();
            checked = checked.plus(progress.step("signature checks alone", ceiling::measure));
            cpuOfChecks = cpuOfChecks.plus(cpu.own()).minus(own);
            Duration all = cpu.all();
            registered = registered.plus(
                    progress.step("registrations", () -> crowd.send(ROUND).require(201)));
            cpuOfRegistrations = cpuOfRegistrations.plus(cpu.all()).minus(all);
        }
        double each = micros(cpuOfRegistrations) / registered.transports();
        double eachChecked = micros(cpuOfChecks) / checked.transports();
        report.put("registrations_per_second", registered.transportsPerSecond())
                .put("verifications_per_second_alone", checked.perSecond())
                .atLeast("ratio", registered.transportsPerSecond() / checked.perSecond(), 0.5)
                .put("cpu_us_per_registration", each)
                .put("cpu_us_per_verification_alone", eachChecked)
                .put("cpu_ratio", eachChecked / each);
    }

    private static double micros(Duration duration) {
        return duration.toNanos() / 1e3;
    }

    /// While the network goes on changing, so that no two of them could share a copy made for one.
    private static void slowReaders(Crowd crowd, ListingReaders readers, HeapWatch heap, Report report) {
        double alone = heap.liveMib();
        double peak = 0;
        double together = 0;
        for (int round = 0; round < LATE_ROUNDS; round++) {
            if (round < 16) {
                readers.startSlow(SLOW_READERS / 16, SLOW);
            }
            crowd.send(LATE).require(201);
            peak = Math.max(peak, heap.usedMib());
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            if (round == 16) {
                report.put("slow_readers_at_once", readers.reading());
                together = heap.liveMib();
            }
        }
        report.exactly("slow_readers_served", readers.awaitSlow(), SLOW_READERS);
        report.put("heap_max_mib", heap.maxMib())
                .put("heap_used_peak_mib", Math.max(peak, heap.usedMib()))
                .put("heap_live_mib", alone)
                .put("heap_live_with_slow_readers_mib", together)
                .atMost("heap_grown_by_slow_readers_mib", together - alone, MOST_FOR_SLOW_READERS_MIB);
    }
}
