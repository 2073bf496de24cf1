package io.skywire.local.drill;

import com.google.protobuf.InvalidProtocolBufferException;
import io.skywire.local.ControlPlaneAlone;
import io.skywire.local.NetworkFailure;
import io.skywire.local.simulation.SimulatedAgent;
import io.skywire.local.simulation.Swarm;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.RuleProtos;
import io.skywire.shared.rule.SessionUid;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Compares the rules that agents hold with the ledger of the control planes.
final class RouteAudit {
    private static final String LIVE_RULES = """
            SELECT n.node, n.rule, EXISTS (SELECT FROM routes r WHERE r.uid = n.route AND r.state = 'ACTIVE')
            FROM node_rules n WHERE n.revision_removed IS NULL""";
    private static final String UNFINISHED =
            "SELECT count(*) FROM routes WHERE state NOT IN ('ACTIVE', 'CLOSED', 'FAILED')";

    private final ControlPlaneAlone control;
    private final Swarm swarm;

    RouteAudit(ControlPlaneAlone control, Swarm swarm) {
        this.control = control;
        this.swarm = swarm;
    }

    /// Rules on agents and in the ledger that belong to no active route, rules of active routes that an agent lacks,
    /// and setups that nobody has finished.
    int halfInstalled() {
        Map<PublicKey, Set<RuleKey>> active = new HashMap<>();
        int wrong;
        try (Connection database = control.database();
                Statement statement = database.createStatement()) {
            wrong = (int) count(statement, UNFINISHED);
            try (ResultSet row = statement.executeQuery(LIVE_RULES)) {
                while (row.next()) {
                    if (row.getBoolean(3)) {
                        Rule rule = RuleProtos.fromProto(io.skywire.proto.v1.Rule.parseFrom(row.getBytes(2)));
                        active.computeIfAbsent(PublicKey.of(row.getBytes(1)), key -> new HashSet<>())
                                .add(rule.key());
                    } else {
                        wrong++;
                    }
                }
            }
        } catch (SQLException | InvalidProtocolBufferException unreadable) {
            throw new NetworkFailure("the ledger cannot be read: " + unreadable.getMessage());
        }
        for (SimulatedAgent agent : swarm.agents()) {
            Set<RuleKey> expected = new HashSet<>(active.getOrDefault(agent.key(), Set.of()));
            for (Rule rule : agent.rules()) {
                if (!expected.remove(rule.key())) {
                    wrong++;
                }
            }
            wrong += expected.size();
        }
        return wrong;
    }

    /// Every request of the drill has a session of its own: an initiator with two routes in one has a duplicate.
    int sessionsWithSeveralRoutes() {
        int several = 0;
        for (SimulatedAgent agent : swarm.agents()) {
            Set<SessionUid> seen = new HashSet<>();
            for (Rule rule : agent.rules()) {
                if (rule instanceof Rule.Forward forward
                        && forward.end() == RouteEnd.INITIATOR
                        && !seen.add(forward.session())) {
                    several++;
                }
            }
        }
        return several;
    }

    /// Requests that needed more than one plan: what a dead replica left, or what failed and was tried again.
    long plansReplaced() throws SQLException {
        try (Connection database = control.database();
                Statement statement = database.createStatement()) {
            return count(statement, "SELECT count(*) FROM routes WHERE cardinality(earlier) > 0");
        }
    }

    /// Links that the control planes call up; -1 if they cannot be asked now.
    long links() {
        try (Connection database = control.database();
                Statement statement = database.createStatement()) {
            return count(statement, "SELECT count(*) FROM transports WHERE up");
        } catch (SQLException notNow) {
            return -1;
        }
    }

    private static long count(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
