package io.skywire.node.messaging;

import io.skywire.node.directory.DirectoryEntry;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/// The servers that are known, how much room each says it has, and when each may be dialled again. Pure: time comes
/// with each call, in nanoseconds that run on evenly. Not thread-safe.
///
/// The first failure of a server costs it nothing but a moment, so that the only server there is is dialled again at
/// once; only repeated ones let the back-off double.
final class ServerBook {
    private static final int MOST_SERVERS = 1_024;
    private static final int MOST_WEIGHT = 10_000;

    private final long firstBackOff;
    private final long lastBackOff;
    private final RandomGenerator random;
    private final Map<PublicKey, Page> pages = new HashMap<>();

    /// What is known of one server.
    private static final class Page {
        private final ServerAddress server;
        private long free;
        private boolean listed;
        private int failures;
        private long notBefore;
        private boolean waits;
        private long upSince;

        private Page(ServerAddress server) {
            this.server = server;
        }
    }

    ServerBook(Duration firstBackOff, Duration lastBackOff, RandomGenerator random) {
        this.firstBackOff = firstBackOff.toNanos();
        this.lastBackOff = lastBackOff.toNanos();
        this.random = random;
    }

    /// The discovery's newest list. What was learnt of a server that is still in it stays.
    void learn(List<DirectoryEntry> entries) {
        pages.values().forEach(page -> page.listed = false);
        for (DirectoryEntry entry : entries) {
            ServerAddress.of(entry).ifPresent(server -> {
                Page page = page(server);
                page.listed = true;
                page.free = entry.server().orElseThrow().availableSessions();
            });
        }
        pages.values().removeIf(page -> !page.listed && !page.waits);
    }

    /// A server that a peer waits at.
    void learn(ServerAddress server) {
        if (pages.size() < MOST_SERVERS) {
            page(server);
        }
    }

    private Page page(ServerAddress server) {
        Page known = pages.get(server.key());
        if (known != null && known.server.equals(server)) {
            return known;
        }
        Page page = new Page(server);
        if (known == null && pages.size() >= MOST_SERVERS) {
            return page; // said and forgotten: enough are known
        }
        pages.put(server.key(), page);
        return page;
    }

    Optional<ServerAddress> find(PublicKey server) {
        return Optional.ofNullable(pages.get(server)).map(page -> page.server);
    }

    boolean mayDial(PublicKey server, long now) {
        Page page = pages.get(server);
        return page != null && (!page.waits || now - page.notBefore >= 0);
    }

    /// Up to `most` servers to try at once, those with more room more likely. Only listed ones.
    List<ServerAddress> draw(int most, Set<PublicKey> except, long now) {
        List<Page> candidates = new ArrayList<>();
        for (Page page : pages.values()) {
            if (page.listed && !except.contains(page.server.key()) && mayDial(page.server.key(), now)) {
                candidates.add(page);
            }
        }
        List<ServerAddress> drawn = new ArrayList<>();
        while (drawn.size() < most && !candidates.isEmpty()) {
            long all = candidates.stream().mapToLong(ServerBook::weight).sum();
            long ticket = random.nextLong(all);
            int chosen = 0;
            while (ticket >= weight(candidates.get(chosen))) {
                ticket -= weight(candidates.get(chosen));
                chosen++;
            }
            drawn.add(candidates.remove(chosen).server);
        }
        return drawn;
    }

    private static long weight(Page page) {
        return Math.clamp(page.free, 1, MOST_WEIGHT);
    }

    /// When the next listed server may be dialled; empty if one may now, or there is none at all.
    Optional<Duration> nextDial(Set<PublicKey> except, long now) {
        long soonest = Long.MAX_VALUE;
        for (Page page : pages.values()) {
            if (page.listed && !except.contains(page.server.key())) {
                if (mayDial(page.server.key(), now)) {
                    return Optional.empty();
                }
                soonest = Math.min(soonest, page.notBefore - now);
            }
        }
        return soonest == Long.MAX_VALUE ? Optional.empty() : Optional.of(Duration.ofNanos(soonest));
    }

    boolean isEmpty() {
        return pages.values().stream().noneMatch(page -> page.listed);
    }

    void up(PublicKey server, long now) {
        Page page = pages.get(server);
        if (page != null) {
            page.waits = false;
            page.upSince = now;
        }
    }

    /// The session has ended, or did not begin. One that stood for long makes up for earlier failures.
    void failed(PublicKey server, SessionStood stood, long now) {
        Page page = pages.get(server);
        if (page == null) {
            return;
        }
        if (stood == SessionStood.YES && now - page.upSince > lastBackOff) {
            page.failures = 0;
        }
        long whole = page.failures >= Long.numberOfLeadingZeros(firstBackOff) - 1
                ? lastBackOff
                : Math.min(lastBackOff, firstBackOff << page.failures);
        page.failures++;
        rest(page, now + whole / 2 + random.nextLong(whole / 2 + 1));
    }

    /// Whether a session that ended had stood before.
    enum SessionStood {
        YES,
        NO
    }

    /// The server said itself for how long it wants to be left alone.
    void rest(PublicKey server, Duration atLeast, long now) {
        Page page = pages.get(server);
        if (page != null) {
            long whole = Math.max(atLeast.toNanos(), firstBackOff);
            rest(page, now + whole + random.nextLong(whole / 4 + 1));
        }
    }

    private static void rest(Page page, long until) {
        if (!page.waits || until - page.notBefore > 0) {
            page.notBefore = until;
        }
        page.waits = true;
    }
}
