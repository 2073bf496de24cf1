package io.skywire.local.simulation.virtual;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.RuleTableDigest;
import io.skywire.shared.transport.TransportId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// What the replicas share and what outlives them: routes, the rules of each node by revision, and what each edge said
/// of its transports (`docs/protocol/rules.md`). Each method is one transaction.
final class Ledger {
    private final Map<PublicKey, Rules> rules = new LinkedHashMap<>();
    private final Map<RouteUid, Route> routes = new LinkedHashMap<>();
    private final Map<Request, Answer> answers = new LinkedHashMap<>();
    private final Map<TransportId, Map<PublicKey, Boolean>> views = new LinkedHashMap<>();

    /// What an initiator asked for, under the name it gave.
    record Request(PublicKey initiator, UUID id) {}

    sealed interface Answer {
        record Established(RouteUid route) implements Answer {}

        record Failed(String why) implements Answer {}
    }

    enum State {
        INSTALLING,
        ACTIVE,
        FAILED,
        CLOSED
    }

    static final class Route {
        final RouteUid uid;
        final Request request;
        final Path path;
        final long deadline;
        State state = State.INSTALLING;
        String why = "";

        Route(RouteUid uid, Request request, Path path, long deadline) {
            this.uid = uid;
            this.request = request;
            this.path = path;
            this.deadline = deadline;
        }
    }

    private static final class Row {
        private final RouteUid route;
        private final Rule rule;
        private final long added;
        private long removed = Long.MAX_VALUE;

        Row(RouteUid route, Rule rule, long added) {
            this.route = route;
            this.rule = rule;
            this.added = added;
        }

        boolean isIn(long revision) {
            return added <= revision && removed > revision;
        }
    }

    private static final class Rules {
        private long revision;
        private long acknowledged;
        private final List<Row> rows = new ArrayList<>();
    }

    // --- routes

    /// Writes the route and its rules; answers the revision that each node has to reach.
    Map<PublicKey, Long> install(Route route, Map<PublicKey, List<Rule>> byNode) {
        routes.put(route.uid, route);
        Map<PublicKey, Long> revisions = new LinkedHashMap<>();
        byNode.forEach((node, added) -> {
            Rules of = of(node);
            of.revision++;
            added.forEach(rule -> of.rows.add(new Row(route.uid, rule, of.revision)));
            revisions.put(node, of.revision);
        });
        return revisions;
    }

    /// Answers whether the route was still being installed.
    boolean activate(RouteUid uid) {
        Route route = routes.get(uid);
        if (route == null || route.state != State.INSTALLING) {
            return false;
        }
        route.state = State.ACTIVE;
        answers.put(route.request, new Answer.Established(uid));
        return true;
    }

    /// Removes the rules of the route on every node of it; once.
    void takeBack(RouteUid uid, State then, String why) {
        Route route = routes.get(uid);
        if (route == null || route.state == State.FAILED || route.state == State.CLOSED) {
            return;
        }
        end(route, then, why);
        route.path.nodes().forEach(node -> {
            Rules of = of(node);
            List<Row> live = of.rows.stream()
                    .filter(row -> row.route.equals(uid) && row.removed == Long.MAX_VALUE)
                    .toList();
            if (!live.isEmpty()) {
                of.revision++;
                live.forEach(row -> row.removed = of.revision);
            }
        });
    }

    /// The same without the removals: for a setup node with a flaw.
    void end(RouteUid uid, State then, String why) {
        Route route = routes.get(uid);
        if (route != null) {
            end(route, then, why);
        }
    }

    private static void end(Route route, State then, String why) {
        route.state = then;
        route.why = why;
    }

    void conclude(Request request, Answer.Failed answer) {
        answers.putIfAbsent(request, answer);
    }

    Optional<Answer> answer(Request request) {
        return Optional.ofNullable(answers.get(request));
    }

    Optional<Route> route(RouteUid uid) {
        return Optional.ofNullable(routes.get(uid));
    }

    Collection<Route> routes() {
        return routes.values();
    }

    boolean isUnderWay(Request request) {
        return routes.values().stream()
                .anyMatch(route -> route.request.equals(request) && route.state == State.INSTALLING);
    }

    /// Routes of which that node has live rules under one of those keys.
    Set<RouteUid> routesOf(PublicKey node, Collection<RuleKey> keys) {
        Set<RouteUid> found = new HashSet<>();
        of(node).rows.stream()
                .filter(row -> row.removed == Long.MAX_VALUE && keys.contains(row.rule.key()))
                .forEach(row -> found.add(row.route));
        return found;
    }

    // --- rules and their deltas

    long revision(PublicKey node) {
        return of(node).revision;
    }

    long acknowledged(PublicKey node) {
        return of(node).acknowledged;
    }

    /// The rules that a node is to hold now.
    List<Rule> live(PublicKey node) {
        return of(node).rows.stream()
                .filter(row -> row.removed == Long.MAX_VALUE)
                .map(row -> row.rule)
                .toList();
    }

    /// Whether a node that says it is at `revision` with that table can go on from there; else it needs a snapshot, for
    /// which the revision has moved on where needed.
    boolean goesOnFrom(PublicKey node, long revision, RuleTableDigest digest) {
        Rules of = of(node);
        if (revision > of.revision) {
            of.revision = revision + 1;
            return false;
        }
        if (revision < of.acknowledged) {
            return false;
        }
        List<Rule> then = of.rows.stream()
                .filter(row -> row.isIn(revision))
                .map(row -> row.rule)
                .toList();
        if (RuleTableDigest.of(then).equals(digest)) {
            return true;
        }
        if (revision == of.revision) {
            of.revision++;
        }
        return false;
    }

    void moveOn(PublicKey node) {
        of(node).revision++;
    }

    RuleDelta increment(PublicKey node, long from, Instant now) {
        Rules of = of(node);
        List<RuleKey> removals = of.rows.stream()
                .filter(row -> row.isIn(from) && row.removed <= of.revision)
                .map(row -> row.rule.key())
                .toList();
        List<Rule> upserts = of.rows.stream()
                .filter(row -> row.added > from && row.removed == Long.MAX_VALUE)
                .map(row -> row.rule)
                .toList();
        return new RuleDelta(node, RuleDelta.Kind.INCREMENT, from, of.revision, removals, upserts, now);
    }

    RuleDelta snapshot(PublicKey node, Instant now) {
        return new RuleDelta(node, RuleDelta.Kind.SNAPSHOT, 0, of(node).revision, List.of(), live(node), now);
    }

    /// The node holds that revision. Answers the routes of which it refused a rule; those rules are forgotten.
    Set<RouteUid> acknowledge(PublicKey node, long revision, List<RuleKey> refused) {
        Rules of = of(node);
        of.acknowledged = Math.max(of.acknowledged, revision);
        Set<RouteUid> refusedRoutes = routesOf(node, refused);
        of.rows.removeIf(
                row -> row.removed <= of.acknowledged || (row.isIn(revision) && refused.contains(row.rule.key())));
        return refusedRoutes;
    }

    private Rules of(PublicKey node) {
        return rules.computeIfAbsent(node, unknown -> new Rules());
    }

    // --- transports

    void claim(PublicKey edge, TransportId transport, boolean up) {
        views.computeIfAbsent(transport, fresh -> new LinkedHashMap<>()).put(edge, up);
    }

    /// All that this edge claimed before and does not name now is down.
    Set<TransportId> claimWhole(PublicKey edge, Set<TransportId> up) {
        Set<TransportId> lost = new HashSet<>();
        views.forEach((transport, edges) -> {
            if (Boolean.TRUE.equals(edges.get(edge)) && !up.contains(transport)) {
                lost.add(transport);
            }
        });
        lost.forEach(transport -> claim(edge, transport, false));
        up.forEach(transport -> claim(edge, transport, true));
        return lost;
    }

    /// How many edges call it up.
    int claims(TransportId transport) {
        return (int) views.getOrDefault(transport, Map.of()).values().stream()
                .filter(Boolean.TRUE::equals)
                .count();
    }
}
