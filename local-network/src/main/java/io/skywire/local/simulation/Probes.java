package io.skywire.local.simulation;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// The data plane of a swarm, as far as a probe needs it: walks the agents' rule tables as a packet would, there and
/// back. Safe for any thread.
final class Probes {
    private static final int MOST_HOPS = 32;
    private static final Duration AGAIN = Duration.ofMillis(5);
    private static final int TRIES = 1000;

    private final ScheduledExecutorService timers;
    private final Map<PublicKey, SimulatedAgent> agents = new ConcurrentHashMap<>();
    private final Map<TransportId, SignedTransport> links = new ConcurrentHashMap<>();

    Probes(ScheduledExecutorService timers) {
        this.timers = timers;
    }

    void know(List<SimulatedAgent> members, List<Link> between) {
        members.forEach(agent -> agents.put(agent.key(), agent));
        between.forEach(link -> links.put(link.signed().id(), link.signed()));
    }

    /// Tells `answered` when a probe of the route has come back to the initiator; never if it does not in five seconds.
    void send(SimulatedAgent initiator, RouteUid route, Runnable answered) {
        later(initiator, route, answered, TRIES);
    }

    private void later(SimulatedAgent initiator, RouteUid route, Runnable answered, int left) {
        var unused = timers.schedule(
                () -> {
                    if (comesBack(initiator, route)) {
                        answered.run();
                    } else if (left > 0) {
                        later(initiator, route, answered, left - 1);
                    }
                },
                left == TRIES ? 0 : AGAIN.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private boolean comesBack(SimulatedAgent initiator, RouteUid route) {
        return oneWay(initiator, route)
                .flatMap(there -> oneWay(there, route))
                .filter(back -> back == initiator)
                .isPresent();
    }

    private Optional<SimulatedAgent> oneWay(SimulatedAgent from, RouteUid route) {
        if (!(from.rule(new RuleKey.ForwardOf(route)).orElse(null) instanceof Rule.Forward forward)) {
            return Optional.empty();
        }
        SimulatedAgent at = from;
        TransportId over = forward.egress();
        RouteId number = forward.egressId();
        for (int hop = 0; hop < MOST_HOPS; hop++) {
            SignedTransport link = links.get(over);
            SimulatedAgent next = link == null ? null : agents.get(link.entry().opposite(at.key()));
            if (next == null) {
                return Optional.empty();
            }
            at = next;
            Rule rule = at.rule(new RuleKey.Ingress(over, number)).orElse(null);
            if (rule instanceof Rule.Consume consume) {
                return consume.route().equals(route) ? Optional.of(at) : Optional.empty();
            }
            if (!(rule instanceof Rule.Relay relay)) {
                return Optional.empty();
            }
            over = relay.egress();
            number = relay.egressId();
        }
        return Optional.empty();
    }
}
