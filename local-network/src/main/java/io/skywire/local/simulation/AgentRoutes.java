package io.skywire.local.simulation;

import com.google.protobuf.ByteString;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.CloseRoute;
import io.skywire.proto.v1.ProbeReport;
import io.skywire.proto.v1.SetupRequest;
import io.skywire.proto.v1.SetupResult;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleKey;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// How one agent gets routes: asks, over as many sessions as that takes, probes as soon as it holds its own rules,
/// repeats as the real agent does, and closes. Safe for any thread.
final class AgentRoutes {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /// The real agent's pauses between probes.
    private static final Duration FIRST_PAUSE = Duration.ofMillis(3);

    private static final Duration LONGEST_PAUSE = Duration.ofMillis(200);
    private static final Duration PROBING = Duration.ofSeconds(10);

    /// The real agent's, too.
    private static final Duration SAID_AGAIN = Duration.ofSeconds(5);

    private static final int MOST_SAID_AGAIN = 64;

    private final SimulatedAgent agent;
    private final SwarmParts parts;
    private final Predicate<AgentMessage.Builder> out;
    private final AskedSetups asked;
    private final Deque<Answered> answered = new ArrayDeque<>();

    private record Answered(AgentMessage.Builder message, long at) {}

    /// @param out sends to the control plane; false if there is no session
    AgentRoutes(SimulatedAgent agent, SwarmParts parts, Predicate<AgentMessage.Builder> out) {
        this.agent = agent;
        this.parts = parts;
        this.out = out;
        this.asked = new AskedSetups(parts, this::send);
    }

    CompletableFuture<SetupResult> ask(SetupRequest request) {
        CompletableFuture<SetupResult> answer = new CompletableFuture<>();
        asked.add(request, answer);
        send(request);
        return answer;
    }

    CompletableFuture<SetupResult> ask(PublicKey destination, Duration deadline) {
        return ask(SetupRequest.newBuilder()
                .setRequestId(random16())
                .setSession(random16())
                .setDestination(ByteString.copyFrom(destination.bytes()))
                .setDeadlineMs((int) deadline.toMillis())
                .build());
    }

    CompletableFuture<RouteOfAgents> ask(PublicKey destination) {
        long begun = System.nanoTime();
        return ask(destination, PATIENCE).thenApply(result -> {
            Duration seen = Duration.ofNanos(System.nanoTime() - begun);
            return new RouteOfAgents(result, seen, seen.minus(parts.delay().roundTrip()));
        });
    }

    private void send(SetupRequest request) {
        var unused = out.test(AgentMessage.newBuilder().setSetup(request));
    }

    void close(ByteString route) {
        var unused = out.test(AgentMessage.newBuilder()
                .setCloseRoute(CloseRoute.newBuilder().setRoute(route).setReason("no longer needed")));
    }

    void answered(SetupResult result) {
        asked.answered(result);
    }

    /// There is a session again. The last one may have ended with what was said of a probe on its way.
    void askAgain() {
        asked.open().forEach(this::send);
        List<Answered> lately;
        synchronized (answered) {
            long now = System.nanoTime();
            answered.removeIf(probe -> now - probe.at() > SAID_AGAIN.toNanos());
            lately = List.copyOf(answered);
        }
        for (Answered probe : lately) {
            var unused = out.test(probe.message());
        }
    }

    /// The agent holds these rules now.
    void holds(Collection<Rule> rules) {
        for (Rule rule : rules) {
            if (rule instanceof Rule.Forward forward && forward.end() == RouteEnd.INITIATOR) {
                probeAfter(Duration.ZERO, forward.route(), System.nanoTime());
            }
        }
    }

    private void probeAfter(Duration pause, RouteUid route, long since) {
        var unused = parts.timers().schedule(() -> probe(pause, route, since), pause.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void probe(Duration pause, RouteUid route, long since) {
        long waited = System.nanoTime() - since;
        if (parts.roads().leadsBothWays(agent, route) && tellAnswered(route, waited)) {
            return;
        }
        if (waited < PROBING.toNanos()
                && agent.rule(new RuleKey.ForwardOf(route)).isPresent()) {
            Duration longer = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
            probeAfter(longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE, route, since);
        }
    }

    private boolean tellAnswered(RouteUid route, long nanos) {
        AgentMessage.Builder message = AgentMessage.newBuilder()
                .setProbe(ProbeReport.newBuilder()
                        .setRoute(ByteString.copyFrom(route.bytes()))
                        .setAnsweredAfterUs((int) TimeUnit.NANOSECONDS.toMicros(nanos)));
        boolean told = out.test(message);
        if (told) {
            synchronized (answered) {
                answered.addLast(new Answered(message, System.nanoTime()));
                if (answered.size() > MOST_SAID_AGAIN) {
                    answered.removeFirst();
                }
            }
        }
        return told;
    }

    private ByteString random16() {
        byte[] id = new byte[16];
        parts.random().nextBytes(id);
        return ByteString.copyFrom(id);
    }
}
