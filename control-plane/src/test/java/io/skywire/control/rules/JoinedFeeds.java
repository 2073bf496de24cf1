package io.skywire.control.rules;

import io.skywire.control.platform.ChangeFeed;
import io.skywire.shared.key.PublicKey;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// The change feeds of several replicas in one JVM, and what all of them know of sessions. Wake-ups can be lost.
final class JoinedFeeds {
    private final List<Feed> feeds = new CopyOnWriteArrayList<>();
    private final Set<PublicKey> attended = ConcurrentHashMap.newKeySet();
    volatile boolean lossy;

    ChangeFeed join() {
        Feed feed = new Feed();
        feeds.add(feed);
        return feed;
    }

    void attend(PublicKey node) {
        attended.add(node);
    }

    Set<PublicKey> attended(Collection<PublicKey> nodes) {
        Set<PublicKey> there = new HashSet<>(nodes);
        there.retainAll(attended);
        return there;
    }

    /// All replicas hear that something may have been lost.
    void gap() {
        feeds.forEach(feed -> feed.listeners.values().forEach(ChangeFeed.Listener::missed));
    }

    private final class Feed implements ChangeFeed {
        private final Map<Topic, Listener> listeners = new ConcurrentHashMap<>();

        @Override
        public void tell(Topic topic, Collection<String> names) {
            if (lossy || names.isEmpty()) {
                return;
            }
            for (Feed other : feeds) {
                Listener listener = other.listeners.get(topic);
                if (other != this && listener != null) {
                    listener.told(List.copyOf(names));
                }
            }
        }

        @Override
        public void listen(Topic topic, Listener listener) {
            listeners.put(topic, listener);
        }
    }
}
