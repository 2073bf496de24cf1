package io.skywire.local.drill;

import io.skywire.local.ControlPlaneAlone;
import io.skywire.local.EarlierBuild;
import io.skywire.local.Experiment;
import io.skywire.local.MachineLacks;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import io.skywire.local.WrongUse;
import io.skywire.local.simulation.Swarm;
import io.skywire.shared.transport.TransportId;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// A control plane that does not know the newest migration starts over the schema that this build has migrated, and
/// works: as in the middle of a rolling upgrade, or after one that was taken back.
@Command(name = "older-build", description = "Runs the build before the newest migration over this build's schema.")
public final class OlderBuildDrill extends Experiment {
    private static final int AGENTS = 12;
    private static final int REGISTRATIONS = 5;
    private static final Duration SETTING_UP = Duration.ofSeconds(3);
    private static final Duration TOLD = Duration.ofSeconds(15);
    private static final Duration GRACE = Duration.ofSeconds(60);

    @Option(
            names = "--from",
            description = "the revision of the older build (default: the newest that does not know all migrations)")
    private Optional<String> from = Optional.empty();

    @Option(names = "--seed", description = "of keys and choices (default: drawn and told)")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--rename-a-column",
            description = "breaks the schema on purpose, as no migration may; the drill must fail")
    private boolean renameAColumn;

    @Override
    protected Report run(RunHome home, Progress progress) {
        String commit = commit();
        long drawn = seed.orElseGet(System::nanoTime);
        progress.say("seed " + drawn + "; building " + commit);
        long begin = System.nanoTime();
        try (EarlierBuild build = EarlierBuild.of(commit, home)) {
            double built = secondsSince(begin);
            Set<String> unknown = build.unknownMigrations();
            progress.say("starting this build, then the older one");
            return overThisSchema(home, build, drawn, progress)
                    .atLeast("migrations_unknown_to_it", unknown.size(), 1)
                    .put("unknown_migrations", List.copyOf(unknown))
                    .put("from", commit)
                    .put("built_seconds", built)
                    .put("seed", drawn);
        }
    }

    private String commit() {
        if (from.isPresent()) {
            return EarlierBuild.commit(from.get())
                    .orElseThrow(() -> new WrongUse("--from: this checkout has no commit " + from.get()));
        }
        return EarlierBuild.beforeTheNewestMigration()
                .orElseThrow(
                        () -> new MachineLacks(
                                "this checkout has no history back to before its newest migration, so"
                                        + " no older build was tried over this schema: fetch all of it (git fetch --unshallow)"));
    }

    private Report overThisSchema(RunHome home, EarlierBuild build, long drawn, Progress progress) {
        try (ControlPlaneAlone newer = ControlPlaneAlone.start(home, Map.of())) {
            home.endOnSignal(newer::close);
            if (renameAColumn) {
                rename(newer);
            }
            long begin = System.nanoTime();
            ControlPlaneAlone.Replica older;
            try {
                older = newer.addReplicaOf(build.installation());
            } catch (NetworkFailure failure) {
                return new Report().exactly("older_ready", false, true).failed(String.valueOf(failure.getMessage()));
            }
            Report report = new Report().exactly("older_ready", true, true).put("ready_seconds", secondsSince(begin));
            progress.say("the older one works");
            work(newer, older, drawn, report);
            return report.exactly("ended_in_order", newer.drain(1, GRACE).isPresent(), true);
        }
    }

    private static void work(ControlPlaneAlone newer, ControlPlaneAlone.Replica older, long drawn, Report report) {
        URI base = older.http().resolve("/");
        // Not of the swarm's seed: keys would be the same, and an agent's whole view ends what it does not hold.
        Random strangers = new Random(drawn + 1);
        try (AcknowledgedRegistrations registrations = new AcknowledgedRegistrations(strangers);
                Swarm swarm = Swarm.of(
                        new Swarm.Shape(AGENTS, 2, drawn),
                        older.agents(),
                        newer.serviceKey(),
                        newer.setupKey(),
                        agent -> false)) {
            Joining.join(swarm, newer::database, 0);
            List<String> refused = new ArrayList<>();
            for (int i = 0; i < REGISTRATIONS; i++) {
                registrations.register(base).ifPresent(refused::add);
            }
            Set<TransportId> written = new HashSet<>(registrations.acknowledged());
            swarm.links().forEach(link -> written.add(link.id()));
            try (SteadySetups setups = new SteadySetups(swarm, drawn, SteadySetups.Inquest.NONE)) {
                Patience.until(SETTING_UP, () -> false);
                if (!setups.rest()) {
                    report.failed("some setups were never answered");
                }
                report.exactly("failed_setups", setups.failed(), 0)
                        .exactly("dead_routes", setups.dead(), 0)
                        .atLeast("setups", setups.asked(), 1)
                        .put("failures", setups.failures());
            }
            report.exactly("failed_registrations", refused.size(), 0)
                    .put("registrations", REGISTRATIONS)
                    .put("failures_of_registrations", refused)
                    .exactly("missing_at_newer", missing(new DiscoveryReader(newer, strangers), written), 0);
        }
    }

    /// How much of what the older one wrote the newer one does not list, when it has had time to hear of it.
    private static int missing(DiscoveryReader reader, Set<TransportId> written) {
        AtomicReference<Set<TransportId>> left = new AtomicReference<>(written);
        Patience.until(TOLD, () -> {
            Set<TransportId> missing = new HashSet<>(written);
            missing.removeAll(reader.listedOrNothing());
            left.set(missing);
            return missing.isEmpty();
        });
        return left.get().size();
    }

    private static void rename(ControlPlaneAlone control) {
        try (Connection database = control.database();
                Statement statement = database.createStatement()) {
            statement.execute("ALTER TABLE transports RENAME COLUMN label TO words");
        } catch (SQLException refused) {
            throw new NetworkFailure("PostgreSQL cannot be changed: " + refused.getMessage());
        }
    }

    private static double secondsSince(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }
}
