package io.skywire.control.agent;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.platform.DatabaseReach;
import io.skywire.control.platform.Replicas;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Asks agents to go elsewhere while this replica carries clearly more than its share. Each replica decides for itself
/// from the numbers that all of them tell; nobody leads.
/// ```
/// EVEN ──more than 1.25 × mean + slack──► MOVING ──at most 1.05 × mean + slack / 5──► EVEN
/// ```
/// The gap between the two, and that an agent which has just come is left alone, keep agents from going to and fro.
@Component
final class Balance {
    /// An agent that was asked and is still here after so long may be asked again.
    private static final long PATIENCE_SECONDS = 20;

    private final AgentSessions sessions;
    private final Replicas replicas;
    private final BalanceSettings settings;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Counter moved;
    private final Map<AgentSession, Instant> asked = new WeakHashMap<>();
    private boolean moving;

    Balance(
            AgentSessions sessions,
            Replicas replicas,
            BalanceSettings settings,
            InstantSource clock,
            SecureRandom random,
            MeterRegistry meters) {
        this.sessions = sessions;
        this.replicas = replicas;
        this.settings = settings;
        this.clock = clock;
        this.random = random;
        moved = Counter.builder("skywire.agent.sessions.asked.to.move")
                .description("Agents that were asked to go to a replica that carries less")
                .register(meters);
    }

    @Scheduled(fixedDelayString = "${skywire.agent.balance.interval:1s}")
    void look() {
        Instant now = clock.instant();
        asked.keySet().removeIf(AgentSession::isOver);
        asked.values().removeIf(at -> at.plusSeconds(PATIENCE_SECONDS).isBefore(now));
        List<Integer> loads = replicas.alive().stream()
                .filter(one -> one.standing() == Replicas.Standing.SERVING)
                .map(Replicas.Replica::sessions)
                .toList();
        int own = sessions.count() - asked.size();
        int excess =
                replicas.reach() instanceof DatabaseReach.Reached ? excess(own, loads, settings.slack(), moving) : 0;
        moving = excess > 0;
        if (moving) {
            // A hundredth a second: the newcomer is filled in about a minute, and never faster than it can greet.
            int most = Math.min(settings.perSecond(), Math.max(1, own / 100));
            ask(Math.min(excess, most), now);
        }
    }

    /// How many too many there are here.
    ///
    /// @param loads sessions of all replicas that serve, this one included
    static int excess(int own, List<Integer> loads, int slack, boolean moving) {
        if (loads.size() < 2) {
            return 0;
        }
        double mean = loads.stream().mapToInt(Integer::intValue).average().orElse(0);
        double goal = 1.05 * mean + slack / 5.0;
        double bound = moving ? goal : 1.25 * mean + slack;
        return own > bound ? (int) Math.ceil(own - goal) : 0;
    }

    private void ask(int count, Instant now) {
        List<AgentSession> candidates = new ArrayList<>(sessions.olderThan(now.minus(settings.rest())));
        candidates.removeAll(asked.keySet());
        Collections.shuffle(candidates, random);
        for (AgentSession session : candidates.subList(0, Math.min(count, candidates.size()))) {
            asked.put(session, now);
            moved.increment();
            CompletableFuture.delayedExecutor(random.nextInt(1000), TimeUnit.MILLISECONDS)
                    .execute(() -> session.drain("another control plane carries less"));
        }
    }
}
