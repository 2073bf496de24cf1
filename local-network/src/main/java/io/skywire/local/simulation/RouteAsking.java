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
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// How one agent gets routes: asks, probes as soon as it holds its own rules, repeats as the real agent does, and
/// closes.
/// All of it under the agent's lock.
final class RouteAsking {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /// The real agent's pauses between probes.
    private static final Duration FIRST_PAUSE = Duration.ofMillis(3);

    private static final Duration LONGEST_PAUSE = Duration.ofMillis(200);
    private static final int MOST_PROBES = 60;

    private final PublicKey node;
    private final SwarmParts parts;
    private final Consumer<AgentMessage.Builder> out;
    private final Map<ByteString, Asked> asked = new HashMap<>();

    private record Asked(long at, CompletableFuture<RouteOfAgents> answer) {}

    RouteAsking(PublicKey node, SwarmParts parts, Consumer<AgentMessage.Builder> out) {
        this.node = node;
        this.parts = parts;
        this.out = out;
    }

    CompletableFuture<RouteOfAgents> ask(PublicKey destination) {
        CompletableFuture<RouteOfAgents> answer = new CompletableFuture<>();
        ByteString id = random16();
        asked.put(id, new Asked(System.nanoTime(), answer));
        out.accept(AgentMessage.newBuilder()
                .setSetup(SetupRequest.newBuilder()
                        .setRequestId(id)
                        .setSession(random16())
                        .setDestination(ByteString.copyFrom(destination.bytes()))
                        .setDeadlineMs((int) PATIENCE.toMillis())));
        return answer;
    }

    void close(ByteString route) {
        out.accept(AgentMessage.newBuilder()
                .setCloseRoute(CloseRoute.newBuilder().setRoute(route).setReason("no longer needed")));
    }

    void answered(SetupResult result) {
        Asked waiting = asked.remove(result.getRequestId());
        if (waiting != null) {
            Duration seen = Duration.ofNanos(System.nanoTime() - waiting.at());
            waiting.answer()
                    .complete(new RouteOfAgents(
                            result, seen, seen.minus(parts.delay().roundTrip())));
        }
    }

    /// The agent holds these rules now.
    void holds(Collection<Rule> rules) {
        for (Rule rule : rules) {
            if (rule instanceof Rule.Forward forward && forward.end() == RouteEnd.INITIATOR) {
                probe(forward.route(), FIRST_PAUSE, MOST_PROBES, System.nanoTime());
            }
        }
    }

    private void probe(RouteUid route, Duration pause, int left, long since) {
        if (parts.paths().carries(node, route)) {
            out.accept(AgentMessage.newBuilder()
                    .setProbe(ProbeReport.newBuilder()
                            .setRoute(ByteString.copyFrom(route.bytes()))
                            .setAnsweredAfterUs((int) ((System.nanoTime() - since) / 1000))));
        } else if (left > 0) {
            Duration longer = pause.multipliedBy(2);
            var unused = parts.timers()
                    .schedule(
                            () -> probe(
                                    route,
                                    longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE,
                                    left - 1,
                                    since),
                            pause.toNanos(),
                            TimeUnit.NANOSECONDS);
        }
    }

    /// The session is over: nobody answers any more.
    void drop() {
        asked.values()
                .forEach(waiting -> waiting.answer().completeExceptionally(new IllegalStateException("session over")));
        asked.clear();
    }

    private ByteString random16() {
        byte[] id = new byte[16];
        parts.random().nextBytes(id);
        return ByteString.copyFrom(id);
    }
}
