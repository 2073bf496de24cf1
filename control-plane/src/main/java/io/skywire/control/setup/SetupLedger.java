package io.skywire.control.setup;

import io.skywire.control.platform.ReplicaId;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.transport.TransportId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.stereotype.Component;

/// The tables `routes` and `route_hops`: one row per request, with its newest plan. Calls that write join the caller's
/// transaction.
@Component
final class SetupLedger {
    private static final String UNFINISHED =
            "state IN ('REQUESTED', 'PLANNED', 'INSTALLING', 'PROBING', 'CLOSING', 'ROLLING_BACK')";
    private static final RowMapper<Long> ID = (row, number) -> row.getLong(1);
    private static final RowMapper<RouteUid> UID = (row, number) -> new RouteUid(row.getObject(1, UUID.class));

    private final JdbcTemplate jdbc;

    SetupLedger(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /// What the ledger says of a request.
    sealed interface Known {
        /// `owner`: the replica that works on it, none in rows of older versions.
        record Running(RouteUid uid, Optional<ReplicaId> owner) implements Known {}

        record Answered(RouteUid uid, SetupOutcome outcome) implements Known {}
    }

    Optional<Known> find(PublicKey initiator, RequestId request) {
        return jdbc.query("""
                        SELECT *, (SELECT count(*) - 1 FROM route_hops h WHERE h.route_id = r.id) AS hops
                        FROM routes r WHERE initiator = ? AND request_id = ?""", (row, number) -> known(row), initiator.bytes(), request.uuid()).stream()
                .findFirst();
    }

    private static Known known(ResultSet row) throws SQLException {
        SetupTimes times = new SetupTimes(
                micros(row.getLong("find_us")),
                micros(row.getLong("write_us")),
                micros(row.getLong("install_us")),
                micros(row.getLong("probe_us")));
        RouteUid uid = new RouteUid(row.getObject("uid", UUID.class));
        return switch (RouteState.valueOf(row.getString("state"))) {
            case REQUESTED, PLANNED, INSTALLING, PROBING, ROLLING_BACK ->
                new Known.Running(
                        uid,
                        Optional.ofNullable(row.getObject("owner", UUID.class)).map(ReplicaId::new));
            case ACTIVE, CLOSING, CLOSED ->
                new Known.Answered(
                        uid, new SetupOutcome.Established(uid, row.getInt("hops"), row.getInt("plans"), times));
            case FAILED ->
                new Known.Answered(
                        uid,
                        new SetupOutcome.Failed(
                                FailureReason.valueOf(row.getString("reason")),
                                nullableInt(row, "hop"),
                                row.getString("told"),
                                times));
        };
    }

    /// The first plan of a request, as it is entered.
    record NewPlan(RouteRequest request, RoutePlan plan, int plans, Instant deadline) {}

    /// In the order of the requests, so that replicas that enter the same ones wait for each other in turn.
    private static final String ENTER = """
            WITH entered AS (
                INSERT INTO routes (uid, request_id, session, initiator, destination, explicit, state, plans,
                                    deadline, created, changed, owner)
                SELECT new.uid, new.request_id, new.session, new.initiator, new.destination, new.explicit,
                       'INSTALLING', new.plans, new.deadline, ?::timestamptz, ?::timestamptz, ?::uuid
                FROM unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::bytea[], ?::bytea[], ?::boolean[], ?::int[],
                            ?::timestamptz[])
                    AS new(uid, request_id, session, initiator, destination, explicit, plans, deadline)
                ORDER BY new.initiator, new.request_id
                ON CONFLICT (initiator, request_id) DO NOTHING RETURNING id, uid),
            placed AS (
                INSERT INTO route_hops (route_id, place, node, egress)
                SELECT entered.id, hop.place, hop.node, hop.egress
                FROM unnest(?::uuid[], ?::int[], ?::bytea[], ?::uuid[]) AS hop(uid, place, node, egress)
                JOIN entered ON entered.uid = hop.uid)
            SELECT uid FROM entered""";

    /// Enters the first plans of requests. Returns those of requests that the ledger did not know.
    Set<RouteUid> enter(List<NewPlan> plans, ReplicaId owner, Instant now) {
        List<UUID> routes = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        List<byte[]> nodes = new ArrayList<>();
        List<@Nullable UUID> egresses = new ArrayList<>();
        for (NewPlan entry : plans) {
            Placement placement = entry.plan().placement();
            for (int place = 0; place < placement.nodes().size(); place++) {
                routes.add(placement.route().uuid());
                places.add(place);
                nodes.add(placement.nodes().get(place).bytes());
                egresses.add(
                        place < placement.hops()
                                ? placement.transports().get(place).uuid()
                                : null);
            }
        }
        return new HashSet<>(jdbc.query(
                ENTER,
                UID,
                Timestamp.from(now),
                Timestamp.from(now),
                owner.uuid(),
                uuids(plans, entry -> entry.plan().uid().uuid()),
                uuids(plans, entry -> entry.request().id().uuid()),
                uuids(plans, entry -> entry.request().session().uuid()),
                plans.stream().map(entry -> entry.request().initiator().bytes()).toArray(byte[][]::new),
                plans.stream()
                        .map(entry -> entry.request().destination().bytes())
                        .toArray(byte[][]::new),
                plans.stream().map(entry -> entry.request().namesItsPath()).toArray(Boolean[]::new),
                plans.stream().map(NewPlan::plans).toArray(Integer[]::new),
                plans.stream().map(entry -> entry.deadline().toString()).toArray(String[]::new),
                routes.toArray(UUID[]::new),
                places.toArray(Integer[]::new),
                nodes.toArray(byte[][]::new),
                egresses.toArray(UUID[]::new)));
    }

    private static <T> UUID[] uuids(Collection<T> all, Function<T, UUID> uuid) {
        return all.stream().map(uuid).toArray(UUID[]::new);
    }

    /// Replaces the plan `before` of a request. False if it belongs to somebody else than `owner`.
    boolean replace(RoutePlan plan, int plans, RouteUid before, ReplicaId owner, Instant now) {
        Placement placement = plan.placement();
        List<Long> id = jdbc.query("""
                UPDATE routes SET earlier = array_append(earlier, uid), uid = ?, state = 'INSTALLING', plans = ?,
                       changed = ?
                WHERE uid = ? AND state = 'ROLLING_BACK' AND owner = ? RETURNING id""", ID, plan.uid().uuid(), plans, Timestamp.from(now), before.uuid(), owner.uuid());
        if (id.isEmpty()) {
            return false;
        }
        jdbc.update("DELETE FROM route_hops WHERE route_id = ?", id.getFirst());
        List<Object[]> hops = new ArrayList<>();
        for (int place = 0; place < placement.nodes().size(); place++) {
            hops.add(new Object[] {
                id.getFirst(),
                place,
                placement.nodes().get(place).bytes(),
                place < placement.hops() ? placement.transports().get(place).uuid() : null
            });
        }
        jdbc.batchUpdate("INSERT INTO route_hops (route_id, place, node, egress) VALUES (?, ?, ?, ?)", hops);
        return true;
    }

    /// A route whose rules are all acknowledged and whose probe was answered.
    record Proven(RouteUid route, SetupTimes times) {}

    /// Returns those that are active now; the others were taken back in the meantime. One statement, so also one
    /// transaction where the caller has none.
    Set<RouteUid> activate(List<Proven> routes, ReplicaId owner, Instant now) {
        return new HashSet<>(jdbc.query(
                """
                UPDATE routes r SET state = 'ACTIVE', changed = ?, find_us = proven.find_us, write_us = proven.write_us,
                       install_us = proven.install_us, probe_us = proven.probe_us
                FROM unnest(?::uuid[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[])
                    AS proven(uid, find_us, write_us, install_us, probe_us)
                WHERE r.uid = proven.uid AND r.state = 'INSTALLING' AND r.owner = ?
                RETURNING r.uid""",
                UID,
                Timestamp.from(now),
                uuids(routes, proven -> proven.route().uuid()),
                micros(routes, SetupTimes::find),
                micros(routes, SetupTimes::write),
                micros(routes, SetupTimes::install),
                micros(routes, SetupTimes::probe),
                owner.uuid()));
    }

    private static Long[] micros(List<Proven> routes, Function<SetupTimes, Duration> phase) {
        return routes.stream()
                .map(proven -> micros(phase.apply(proven.times())))
                .toArray(Long[]::new);
    }

    /// The new state of routes, each with what is recorded of it.
    void state(Map<RouteUid, String> recorded, RouteState state, Instant now) {
        List<Map.Entry<RouteUid, String>> routes = List.copyOf(recorded.entrySet());
        jdbc.update(
                """
                UPDATE routes r SET state = ?, recorded = new.recorded, changed = ?
                FROM unnest(?::uuid[], ?::text[]) AS new(uid, recorded) WHERE r.uid = new.uid""",
                state.name(),
                Timestamp.from(now),
                uuids(routes, route -> route.getKey().uuid()),
                routes.stream().map(Map.Entry::getValue).toArray(String[]::new));
    }

    /// Enters how a request failed. One that never reached a plan gets its row, under a uid that names nothing. False
    /// if the request is already known and belongs to somebody else than `owner`, or is over.
    boolean fail(
            RouteRequest request,
            RouteUid unused,
            SetupFailure failure,
            int plans,
            SetupTimes times,
            ReplicaId owner,
            Instant deadline,
            Instant now) {
        int written = jdbc.update(
                """
                INSERT INTO routes AS r (uid, request_id, session, initiator, destination, explicit, state, plans, reason,
                                    hop, told, recorded, find_us, write_us, install_us, probe_us,
                                    created, changed, deadline, owner)
                VALUES (?, ?, ?, ?, ?, ?, 'FAILED', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (initiator, request_id) DO UPDATE SET state = 'FAILED', plans = excluded.plans,
                    reason = excluded.reason, hop = excluded.hop, told = excluded.told, recorded = excluded.recorded,
                    find_us = excluded.find_us, write_us = excluded.write_us, install_us = excluded.install_us,
                    probe_us = excluded.probe_us, changed = excluded.changed
                WHERE r.state = 'ROLLING_BACK' AND r.owner = excluded.owner""",
                unused.uuid(),
                request.id().uuid(),
                request.session().uuid(),
                request.initiator().bytes(),
                request.destination().bytes(),
                request.namesItsPath(),
                plans,
                failure.reason().name(),
                failure.hop().isPresent() ? failure.hop().getAsInt() : null,
                failure.told(),
                failure.recorded(),
                micros(times.find()),
                micros(times.write()),
                micros(times.install()),
                micros(times.probe()),
                Timestamp.from(now),
                Timestamp.from(now),
                Timestamp.from(deadline),
                owner.uuid());
        return written == 1;
    }

    /// How a plan stands to a replica that thinks it works on it.
    enum Hold {
        OWN,
        /// It was never committed.
        NOWHERE,
        /// Another replica has taken the request over, or ended it.
        LOST
    }

    /// Locks the row of a plan, if it is there.
    Hold hold(RouteUid plan, ReplicaId owner) {
        return jdbc
                .query(
                        "SELECT owner IS NOT DISTINCT FROM ?, state FROM routes WHERE uid = ? FOR UPDATE",
                        (row, number) -> row.getBoolean(1) && !row.getString(2).equals("FAILED") ? Hold.OWN : Hold.LOST,
                        owner.uuid(),
                        plan.uuid())
                .stream()
                .findFirst()
                .orElse(Hold.NOWHERE);
    }

    /// The replicas that have unfinished setups in the ledger.
    List<ReplicaId> ownersOfUnfinished() {
        return jdbc.query(
                "SELECT DISTINCT owner FROM routes WHERE owner IS NOT NULL AND " + UNFINISHED,
                (row, number) -> new ReplicaId(row.getObject(1, UUID.class)));
    }

    /// Locks up to `limit` unfinished setups of these replicas that nobody else is ending.
    List<Placement> lockOwnedBy(Collection<ReplicaId> owners, int limit) {
        return placements(jdbc.query(
                "SELECT id, uid FROM routes WHERE owner = ANY (?) AND " + UNFINISHED
                        + " ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED",
                ROW,
                owners.stream().map(ReplicaId::uuid).toArray(UUID[]::new),
                limit));
    }

    /// Locks an unfinished setup that `owner` left behind, unless somebody else is ending it.
    Optional<Placement> lockLeft(RouteUid route, ReplicaId owner) {
        return placements(jdbc.query(
                        "SELECT id, uid FROM routes WHERE uid = ? AND owner = ? AND " + UNFINISHED
                                + " FOR UPDATE SKIP LOCKED",
                        ROW,
                        route.uuid(),
                        owner.uuid()))
                .stream()
                .findFirst();
    }

    /// From now on `owner` works on this request, of which nothing stands anywhere.
    void takeOver(RouteUid route, ReplicaId owner, Instant deadline, Instant now) {
        jdbc.update(
                "UPDATE routes SET state = 'ROLLING_BACK', owner = ?, deadline = ?, changed = ? WHERE uid = ?",
                owner.uuid(),
                Timestamp.from(deadline),
                Timestamp.from(now),
                route.uuid());
    }

    /// As [#takeOver] for a request that failed for reasons of the moment. False if somebody was faster.
    boolean reopen(RouteUid route, ReplicaId owner, Instant deadline, Instant now) {
        return jdbc.update("""
                        UPDATE routes SET state = 'ROLLING_BACK', owner = ?, deadline = ?, changed = ?
                        WHERE uid = ? AND state = 'FAILED' AND reason = 'UNAVAILABLE'""", owner.uuid(), Timestamp.from(deadline), Timestamp.from(now), route.uuid()) == 1;
    }

    /// Locks those of the routes that are active, and says where they lie.
    Map<RouteUid, Placement> lockActive(Collection<RouteUid> routes) {
        Map<RouteUid, List<PublicKey>> nodes = new LinkedHashMap<>();
        Map<RouteUid, List<TransportId>> transports = new HashMap<>();
        jdbc.query(
                """
                SELECT r.uid, h.node, h.egress
                FROM (SELECT id, uid FROM routes WHERE uid = ANY (?) AND state = 'ACTIVE' ORDER BY id FOR UPDATE) r
                JOIN route_hops h ON h.route_id = r.id ORDER BY h.route_id, h.place""",
                row -> {
                    RouteUid route = new RouteUid(row.getObject(1, UUID.class));
                    nodes.computeIfAbsent(route, key -> new ArrayList<>()).add(PublicKey.of(row.getBytes(2)));
                    UUID egress = row.getObject(3, UUID.class);
                    if (egress != null) {
                        transports
                                .computeIfAbsent(route, key -> new ArrayList<>())
                                .add(new TransportId(egress));
                    }
                },
                (Object) uuids(routes, RouteUid::uuid));
        Map<RouteUid, Placement> placements = new LinkedHashMap<>();
        nodes.forEach((route, ofRoute) ->
                placements.put(route, new Placement(route, ofRoute, transports.getOrDefault(route, List.of()))));
        return placements;
    }

    /// Where a route of that initiator lies or lay, in whatever state; none if it never reached a plan.
    Optional<Placement> placementOf(RouteUid route, PublicKey initiator) {
        return jdbc.query("""
                        SELECT id FROM routes r WHERE uid = ? AND initiator = ?
                          AND EXISTS (SELECT 1 FROM route_hops h WHERE h.route_id = r.id)""", ID, route.uuid(), initiator.bytes()).stream()
                .findFirst()
                .map(id -> placement(route, id));
    }

    /// Locks up to `limit` unfinished setups whose deadline lies before `before` and that nobody else works on.
    List<Placement> lockAbandoned(Instant before, int limit) {
        return placements(jdbc.query(
                "SELECT id, uid FROM routes WHERE deadline < ? AND " + UNFINISHED
                        + " ORDER BY deadline LIMIT ? FOR UPDATE SKIP LOCKED",
                ROW,
                Timestamp.from(before),
                limit));
    }

    void abandon(RouteUid route, SetupFailure failure, Instant now) {
        jdbc.update(
                """
                UPDATE routes SET state = 'FAILED', reason = ?, told = ?, recorded = ?, changed = ? WHERE uid = ?""", failure.reason().name(), failure.told(), failure.recorded(), Timestamp.from(now), route.uuid());
    }

    private record Row(long id, RouteUid uid) {}

    private static final RowMapper<Row> ROW =
            (row, number) -> new Row(row.getLong(1), new RouteUid(row.getObject(2, UUID.class)));

    private List<Placement> placements(List<Row> rows) {
        return rows.stream().map(row -> placement(row.uid(), row.id())).toList();
    }

    private Placement placement(RouteUid route, long id) {
        List<PublicKey> nodes = new ArrayList<>();
        List<TransportId> transports = new ArrayList<>();
        jdbc.query(
                "SELECT node, egress FROM route_hops WHERE route_id = ? ORDER BY place",
                row -> {
                    nodes.add(PublicKey.of(row.getBytes(1)));
                    UUID egress = row.getObject(2, UUID.class);
                    if (egress != null) {
                        transports.add(new TransportId(egress));
                    }
                },
                id);
        return new Placement(route, nodes, transports);
    }

    /// Active routes that use one of these transports.
    List<RouteUid> activeOver(Collection<TransportId> transports) {
        UUID[] ids = transports.stream().map(TransportId::uuid).toArray(UUID[]::new);
        return jdbc.query("""
                SELECT DISTINCT uid FROM routes r JOIN route_hops h ON h.route_id = r.id
                WHERE h.egress = ANY (?) AND r.state = 'ACTIVE'""", (row, number) -> new RouteUid(row.getObject(1, UUID.class)), (Object) ids);
    }

    /// An active route, and since when neither of its ends has had a session.
    record Ends(long id, RouteUid uid, PublicKey initiator, PublicKey destination, Optional<Instant> unattendedSince) {}

    /// Active routes in the order of their ids, from the one after `after`.
    List<Ends> active(long after, int limit) {
        return jdbc.query(
                """
                SELECT id, uid, initiator, destination, unattended_since FROM routes
                WHERE state = 'ACTIVE' AND id > ? ORDER BY id LIMIT ?""",
                (row, number) -> new Ends(
                        row.getLong(1),
                        new RouteUid(row.getObject(2, UUID.class)),
                        PublicKey.of(row.getBytes(3)),
                        PublicKey.of(row.getBytes(4)),
                        Optional.ofNullable(row.getTimestamp(5)).map(Timestamp::toInstant)),
                after,
                limit);
    }

    void unattended(List<Ends> routes, Optional<Instant> since) {
        if (!routes.isEmpty()) {
            jdbc.update(
                    "UPDATE routes SET unattended_since = ? WHERE id = ANY (?)",
                    since.map(Timestamp::from).orElse(null),
                    routes.stream().map(Ends::id).toArray(Long[]::new));
        }
    }

    /// When the newest finished route ended of those that are one too many, if there are.
    Optional<Instant> oldestToKeep(int most) {
        return jdbc.query("""
                        SELECT changed + interval '1 microsecond' FROM routes WHERE state IN ('CLOSED', 'FAILED')
                        ORDER BY changed DESC OFFSET ? LIMIT 1""", (row, number) -> row.getTimestamp(1).toInstant(), most).stream()
                .findFirst();
    }

    /// Deletes up to `limit` routes that ended before `before`, unless somebody else does, and returns the names of all
    /// their plans.
    List<RouteUid> forgetFinished(Instant before, int limit) {
        return jdbc.query(
                """
                WITH gone AS (
                    SELECT id FROM routes WHERE state IN ('CLOSED', 'FAILED') AND changed < ?
                    ORDER BY changed LIMIT ? FOR UPDATE SKIP LOCKED),
                deleted AS (DELETE FROM routes r USING gone WHERE r.id = gone.id RETURNING uid, earlier)
                SELECT unnest(array_append(earlier, uid)) FROM deleted""", (row, number) -> new RouteUid(row.getObject(1, UUID.class)), Timestamp.from(before), limit);
    }

    /// A route as staff sees it.
    record RouteRow(
            RouteUid uid,
            RequestId request,
            PublicKey initiator,
            PublicKey destination,
            RouteState state,
            boolean explicit,
            int plans,
            Optional<FailureReason> reason,
            OptionalInt hop,
            Optional<String> detail,
            SetupTimes times,
            Instant created,
            Instant changed,
            long id) {}

    List<RouteRow> newest(Optional<RouteState> state, int limit) {
        return state.isPresent()
                ? jdbc.query(
                        "SELECT * FROM routes WHERE state = ? ORDER BY id DESC LIMIT ?",
                        (row, number) -> routeRow(row),
                        state.get().name(),
                        limit)
                : jdbc.query("SELECT * FROM routes ORDER BY id DESC LIMIT ?", (row, number) -> routeRow(row), limit);
    }

    Optional<RouteRow> byUid(RouteUid uid) {
        return jdbc.query("SELECT * FROM routes WHERE uid = ?", (row, number) -> routeRow(row), uid.uuid()).stream()
                .findFirst();
    }

    /// The nodes of a route in order, empty if it never reached a plan.
    List<PublicKey> nodesOf(RouteRow row) {
        return jdbc.query(
                "SELECT node FROM route_hops WHERE route_id = ? ORDER BY place",
                (hop, number) -> PublicKey.of(hop.getBytes(1)),
                row.id());
    }

    private static RouteRow routeRow(ResultSet row) throws SQLException {
        return new RouteRow(
                new RouteUid(row.getObject("uid", UUID.class)),
                new RequestId(row.getObject("request_id", UUID.class)),
                PublicKey.of(row.getBytes("initiator")),
                PublicKey.of(row.getBytes("destination")),
                RouteState.valueOf(row.getString("state")),
                row.getBoolean("explicit"),
                row.getInt("plans"),
                Optional.ofNullable(nullableText(row, "reason")).map(FailureReason::valueOf),
                nullableInt(row, "hop"),
                Optional.ofNullable(nullableText(row, "recorded")),
                new SetupTimes(
                        micros(row.getLong("find_us")),
                        micros(row.getLong("write_us")),
                        micros(row.getLong("install_us")),
                        micros(row.getLong("probe_us"))),
                row.getTimestamp("created").toInstant(),
                row.getTimestamp("changed").toInstant(),
                row.getLong("id"));
    }

    private static @Nullable String nullableText(ResultSet row, String column) throws SQLException {
        return row.getString(column);
    }

    private static OptionalInt nullableInt(ResultSet row, String column) throws SQLException {
        int value = row.getInt(column);
        return row.wasNull() ? OptionalInt.empty() : OptionalInt.of(value);
    }

    private static Duration micros(long micros) {
        return Duration.ofNanos(1000 * micros);
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1000;
    }
}
