package io.skywire.local.drill;

import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.SoakStage;
import io.skywire.local.simulation.SimulatedAgent;
import io.skywire.local.simulation.Swarm;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/// Brings a swarm into a network that runs, until routes can be found over all its links.
final class Joining {
    private static final Duration JOINING = Duration.ofSeconds(120);

    /// Until each control plane has heard of the links that are written.
    private static final Duration SPREADING = Duration.ofSeconds(3);

    private Joining() {}

    /// Where the transports stand.
    interface Database {
        Connection connect() throws SQLException;
    }

    /// @throws NetworkFailure if not all have joined within two minutes
    static void join(SoakStage stage, Swarm swarm) {
        join(swarm, stage::database, stage.links());
    }

    /// @param others links that are up before any of the swarm's
    /// @throws NetworkFailure if not all have joined within two minutes
    static void join(Swarm swarm, Database database, int others) {
        swarm.start(Duration.ofSeconds(2));
        int agents = swarm.agents().size();
        if (!Patience.until(
                JOINING,
                () -> swarm.count(SimulatedAgent.State.AGREED) == agents
                        && linksUp(database) >= swarm.links().size() + others)) {
            throw new NetworkFailure("not all agents and their links are there within " + JOINING.toSeconds() + " s: "
                    + swarm.count(SimulatedAgent.State.AGREED) + " of " + agents + " agents, " + linksUp(database)
                    + " of " + (swarm.links().size() + others) + " links; sessions ended: "
                    + swarm.counts().endings());
        }
        Patience.until(SPREADING, () -> false);
    }

    private static long linksUp(Database database) {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM transports WHERE up")) {
            row.next();
            return row.getLong(1);
        } catch (SQLException notNow) {
            return -1;
        }
    }
}
