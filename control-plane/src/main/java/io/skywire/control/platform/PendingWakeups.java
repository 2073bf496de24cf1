package io.skywire.control.platform;

import io.skywire.control.platform.ChangeFeed.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What is still to be told, each name once. Bounded: a topic with more names is told as "everything". Thread-safe.
final class PendingWakeups {
    /// A NOTIFY carries less than 8000 bytes.
    static final int MAX_PAYLOAD = 7_900;

    private static final String EVERYTHING = "*";

    private final int maxNames;
    private final Map<Topic, Set<String>> names = new EnumMap<>(Topic.class);
    private final Set<Topic> everything = EnumSet.noneOf(Topic.class);

    PendingWakeups(int maxNames) {
        this.maxNames = maxNames;
    }

    synchronized void add(Topic topic, Collection<String> changed) {
        if (everything.contains(topic)) {
            return;
        }
        Set<String> waiting = names.computeIfAbsent(topic, key -> new LinkedHashSet<>());
        waiting.addAll(changed);
        if (waiting.size() > maxNames) {
            addEverything(topic);
        }
        notifyAll();
    }

    synchronized void addEverything(Topic topic) {
        names.remove(topic);
        everything.add(topic);
        notifyAll();
    }

    /// Waits until there is something.
    synchronized void await() throws InterruptedException {
        while (names.isEmpty() && everything.isEmpty()) {
            wait();
        }
    }

    /// Takes all, as payloads: `sender|TOPIC|name,name,…` or `sender|TOPIC|*`.
    synchronized List<String> take(String sender) {
        List<String> payloads = new ArrayList<>();
        for (Topic topic : everything) {
            payloads.add(head(sender, topic) + EVERYTHING);
        }
        names.forEach((topic, changed) -> {
            StringBuilder payload = new StringBuilder(head(sender, topic));
            int empty = payload.length();
            for (String name : changed) {
                if (payload.length() > empty && payload.length() + 1 + name.length() > MAX_PAYLOAD) {
                    payloads.add(payload.toString());
                    payload.setLength(empty);
                }
                if (payload.length() > empty) {
                    payload.append(',');
                }
                payload.append(name);
            }
            payloads.add(payload.toString());
        });
        everything.clear();
        names.clear();
        return payloads;
    }

    static boolean isEverything(String names) {
        return names.equals(EVERYTHING);
    }

    private static String head(String sender, Topic topic) {
        return sender + "|" + topic + "|";
    }
}
