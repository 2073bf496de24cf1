package io.skywire.control.platform;

import java.util.Collection;
import java.util.List;

/// Wakes the other replicas when something has changed, over PostgreSQL's LISTEN and NOTIFY.
///
/// A wake-up carries no truth: who hears one reads what it names from the database. Wake-ups may come twice, late, or,
/// after [Listener#missed], not at all. Safe for any thread.
public interface ChangeFeed {
    /// Tells the other replicas that `names` of `topic` have changed. Call it after the commit. Never blocks: names
    /// wait in a bounded set, and when there are too many the others hear [Listener#missed] instead.
    ///
    /// @param names short texts without comma or line break: a key, an id
    void tell(Topic topic, Collection<String> names);

    /// `listener` hears what other replicas tell, never what this one told.
    void listen(Topic topic, Listener listener);

    /// What may change.
    enum Topic {
        /// Names are ids of transports.
        TRANSPORTS,
        /// Names are keys of nodes whose rules have a newer revision.
        RULES,
        /// Names are questions and news about setups; the room `setup` says which.
        ROUTES,
        /// The one name is `evidence`: there is other evidence against somebody.
        BLAME,
        /// Names are keys of nodes whose session another replica took over.
        SESSIONS,
        /// Names are keys of nodes that have answered to rules which another replica may have written.
        RULES_APPLIED
    }

    /// Called on the feed's one thread, so it must not stay long; its exceptions are logged and end nothing.
    interface Listener {
        void told(List<String> names);

        /// Wake-ups may have been lost, as after a reconnect: compare everything with the database. Also called once
        /// when listening has begun.
        void missed();
    }
}
