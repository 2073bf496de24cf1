package io.skywire.control.rules;

import io.skywire.shared.key.PublicKey;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/// Brings nodes the newest state of their rules.
///
/// A watcher gets at most one delta that it has not answered; when it answers, the next one is computed from the newest
/// state. However slow a node is, it never has a backlog. Safe for any thread.
public interface RuleWatch {
    /// Starts to watch many nodes, whose places in the ledger are read at once: what follows a restart costs no
    /// statement per node. Subscriptions in the order of the openings. Without the database they begin all the same and
    /// catch up when it is back.
    List<Subscription> watch(List<Opening> openings);

    /// Starts to watch one node. `appliedRevision` is what the node says it holds, 0 if nothing.
    ///
    /// @param appliedRevision 0 to [#MAX_REVISION]
    default Subscription watch(PublicKey node, long appliedRevision, RuleWatcher watcher) {
        return watch(List.of(new Opening(node, HeldRules.at(appliedRevision), watcher)))
                .getFirst();
    }

    /// A watching to be: who, with what in its table, and who brings it the rest.
    record Opening(PublicKey node, HeldRules held, RuleWatcher watcher) {}

    /// Those of the nodes that nobody watches: they cannot be told anything now.
    Set<PublicKey> unwatched(Collection<PublicKey> nodes);

    /// Revisions above this are not believed, so that a node cannot run its counter into the ceiling.
    long MAX_REVISION = 1L << 62;

    /// One watching. Answers block for the database and throw `DataAccessException` without it.
    interface Subscription {
        /// The node holds `revision` now, without the refused rules.
        ///
        /// @throws IllegalArgumentException if this is not the revision of the delta that is out
        void acknowledged(long revision, Collection<Refusal> refusals);

        /// The node applied nothing of the delta and stays at `revision`. It will not get the same delta again.
        ///
        /// @throws IllegalArgumentException if no delta is out, or the revision cannot be
        void refused(long revision, DeltaRefused.Reason reason, String detail);

        /// The node asks for a snapshot: the next delta is one, even if nothing has changed.
        void snapshot();

        /// The watcher has become ready: look whether there is something for it.
        void wake();

        /// Ends the watching. Idempotent.
        void cancel();
    }

    /// One rule that a node did not take.
    record Refusal(io.skywire.shared.rule.RuleKey rule, RuleRefused.Reason reason, String detail) {}
}
