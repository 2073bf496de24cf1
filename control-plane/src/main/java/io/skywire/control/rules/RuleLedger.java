package io.skywire.control.rules;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleKey;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What every node should hold. Changes join the caller's transaction, and nodes are told after its commit.
///
/// Each change, of however many routes, raises the revision of each node it touches by one. Nodes are locked in the
/// order of their keys, so changes on overlapping nodes queue up and never deadlock, as long as a transaction makes
/// one change (or further ones on the same nodes). Safe for any thread; without the database every call throws
/// `DataAccessException`.
public interface RuleLedger {
    /// Adds the rules of routes and says which revision each node must reach to hold them, all that are its.
    ///
    /// @throws RuleKeyTakenException if a live rule already has one of the keys; the transaction is lost
    Map<PublicKey, Long> install(Map<RouteUid, Map<PublicKey, List<Rule>>> rules);

    /// As [#install] of one route.
    default Map<PublicKey, Long> install(RouteUid route, Map<PublicKey, List<Rule>> rules) {
        return install(Map.of(route, rules));
    }

    /// Takes the live rules of these routes away from these nodes. Nodes that have none are left out of the answer.
    Map<PublicKey, Long> remove(Collection<RouteUid> routes, Set<PublicKey> nodes);

    /// As [#remove] of one route.
    default Map<PublicKey, Long> remove(RouteUid route, Set<PublicKey> nodes) {
        return remove(List.of(route), nodes);
    }

    /// Forgets what nodes were still to remove of these routes, long after. A node that comes back all the same gets a
    /// snapshot if it tells what its table holds.
    void forget(Collection<RouteUid> routes);

    /// The routes that these live rules of a node belong to.
    Set<RouteUid> routesOf(PublicKey node, Collection<RuleKey> keys);
}
