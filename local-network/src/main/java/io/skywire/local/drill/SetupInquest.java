package io.skywire.local.drill;

import io.skywire.local.SoakStage;
import io.skywire.local.simulation.SimulatedAgent;
import io.skywire.local.simulation.Swarm;
import io.skywire.proto.v1.SetupResult;
import io.skywire.shared.key.PublicKey;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What stands of a failed setup in the ledger, and where the sessions of its initiator and of the hops that the ledger
/// names were since shortly before it was asked for. Safe for any thread.
final class SetupInquest implements SteadySetups.Inquest {
    private static final Duration BEFORE = Duration.ofSeconds(10);
    private static final Pattern KEY = Pattern.compile("[0-9a-f]{66}");
    private static final String ROUTE = """
            SELECT state, recorded, plans, owner, created, changed, find_us, write_us, install_us, probe_us FROM routes
            WHERE initiator = ? AND request_id = ?""";

    private final SoakStage stage;
    private final Swarm swarm;

    SetupInquest(SoakStage stage, Swarm swarm) {
        this.stage = stage;
        this.swarm = swarm;
    }

    @Override
    public String find(SimulatedAgent initiator, SetupResult result, Instant asked) {
        String ledger = ledger(initiator.key(), result);
        Set<PublicKey> about = new LinkedHashSet<>(Set.of(initiator.key()));
        Matcher named = KEY.matcher(ledger);
        while (named.find()) {
            about.add(PublicKey.parse(named.group()));
        }
        StringBuilder found = new StringBuilder("\n  ledger: ").append(ledger);
        for (SimulatedAgent agent : swarm.agents()) {
            if (about.contains(agent.key())) {
                found.append("\n  ").append(agent == initiator ? "initiator " : "hop ");
                found.append(agent.key().shortHex()).append(" is ").append(agent.state());
                agent.sessionsSince(asked.minus(BEFORE))
                        .forEach(moment -> found.append("\n    ").append(moment));
            }
        }
        return found.toString();
    }

    private String ledger(PublicKey initiator, SetupResult result) {
        ByteBuffer id = result.getRequestId().asReadOnlyByteBuffer();
        UUID request = new UUID(id.getLong(), id.getLong());
        try (Connection database = stage.database();
                PreparedStatement route = database.prepareStatement(ROUTE)) {
            route.setBytes(1, initiator.bytes());
            route.setObject(2, request);
            try (ResultSet row = route.executeQuery()) {
                return row.next()
                        ? request + " " + row.getString(1) + ": " + row.getString(2) + "; plan " + row.getInt(3)
                                + ", owner " + row.getString(4) + ", from " + row.getString(5) + " to "
                                + row.getString(6) + ", find " + row.getLong(7) / 1000 + " ms, write "
                                + row.getLong(8) / 1000 + " ms, install " + row.getLong(9) / 1000 + " ms, probe "
                                + row.getLong(10) / 1000 + " ms"
                        : request + " is not there";
            }
        } catch (SQLException away) {
            return request + ": " + away.getMessage();
        }
    }
}
