package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.skywire.local.simulation.SimulatedAgent;
import io.skywire.local.simulation.Swarm;
import io.skywire.local.simulation.SwarmCounts;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A small swarm against a control plane in a process of its own, over a real PostgreSQL.
class SwarmIT {
    private static final Duration SOON = Duration.ofSeconds(150);
    private static final int AGENTS = 30;

    @TempDir
    private Path home;

    @Test
    void comesBackByDigestsAfterACrashOfTheControlPlane() {
        try (StateDirectory state = StateDirectory.open(
                        home.resolve("state"), Path.of("target", "postgres-binaries"), StateDirectory.NEEDED_BYTES);
                ControlPlaneAlone control = ControlPlaneAlone.start(
                        Installation.at(Path.of("..")), state, Map.of("skywire.discovery.lease", "120s"));
                Swarm swarm = Swarm.of(
                        new Swarm.Shape(AGENTS, 2, 20_261_122),
                        control.agents(),
                        control.serviceKey(),
                        control.setupKey(),
                        agent -> agent == 3)) {
            swarm.start(Duration.ofSeconds(1));
            await("all links are up").atMost(SOON).until(() -> count(control, "transports WHERE up") == 2 * AGENTS);
            SwarmCounts before = swarm.counts();

            control.crash();
            await("all noticed").atMost(SOON).until(() -> swarm.count(SimulatedAgent.State.AGREED) == 0);
            age(control);
            control.restart();
            control.awaitReady();

            await("all agree again").atMost(SOON).until(() -> swarm.count(SimulatedAgent.State.AGREED) == AGENTS);
            SwarmCounts after = swarm.counts().since(before);
            assertThat(after.agreements()).isGreaterThanOrEqualTo(AGENTS);
            assertThat(after.serverErrors()).as(after.endings().toString()).isZero();
            assertThat(after.refusals()).as(after.endings().toString()).isZero();
            assertThat(count(control, "transport_views WHERE state = 'UP' AND lease_until > now()"))
                    .isEqualTo(4 * AGENTS);

            swarm.agents().get(3).vanish(SimulatedAgent.Vanishing.CUT);
            assertThat(swarm.count(SimulatedAgent.State.GONE)).isEqualTo(1);
        }
    }

    /// What is not renewed from now on is over.
    private static void age(ControlPlaneAlone control) {
        try (Connection database = control.database();
                Statement statement = database.createStatement()) {
            statement.executeUpdate("UPDATE transport_views SET lease_until = now() - interval '1 second'");
        } catch (SQLException away) {
            throw new AssertionError(away);
        }
    }

    private static long count(ControlPlaneAlone control, String from) {
        try (Connection database = control.database();
                Statement statement = database.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM " + from)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException away) {
            throw new AssertionError(away);
        }
    }
}
