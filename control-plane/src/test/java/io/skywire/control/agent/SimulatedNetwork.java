package io.skywire.control.agent;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Agents without sockets between them: a probe walks their rule tables as a packet would.
public final class SimulatedNetwork implements AutoCloseable {
    private final Map<PublicKey, SimulatedAgent> agents = new ConcurrentHashMap<>();
    private final Map<TransportId, SignedTransport> links = new ConcurrentHashMap<>();

    /// Dials the control plane with a proven session.
    public SimulatedAgent join(int port, KeyPair keys, PublicKey setupKey) {
        SimulatedAgent agent = new SimulatedAgent(this, port, keys, setupKey);
        agents.put(keys.publicKey(), agent);
        agent.dial();
        return agent;
    }

    /// Both agents report a link between them as up.
    public TransportId link(SimulatedAgent one, SimulatedAgent other) {
        SignedTransport signed = SignedTransport.signedByBoth(
                TransportEntry.between(one.key(), other.key(), TransportType.TCP), one.keys(), other.keys());
        links.put(signed.id(), signed);
        one.hold(signed);
        other.hold(signed);
        return signed.id();
    }

    /// A chain of links; returns the transports in order.
    public List<TransportId> chain(List<SimulatedAgent> agents) {
        List<TransportId> transports = new ArrayList<>();
        for (int i = 1; i < agents.size(); i++) {
            transports.add(link(agents.get(i - 1), agents.get(i)));
        }
        return transports;
    }

    /// Whether a packet of the route gets from the initiator to the responder and its answer back: over how many links.
    Optional<Integer> roundTrip(SimulatedAgent initiator, RouteUid route) {
        return oneWay(initiator, route)
                .flatMap(there -> there.at().rule(new RuleKey.ForwardOf(route)).isPresent()
                        ? oneWay(there.at(), route)
                                .filter(back -> back.at() == initiator)
                                .map(back -> there.links() + back.links())
                        : Optional.empty());
    }

    private record Arrival(SimulatedAgent at, int links) {}

    private Optional<Arrival> oneWay(SimulatedAgent from, RouteUid route) {
        if (!(from.rule(new RuleKey.ForwardOf(route)).orElse(null) instanceof Rule.Forward forward)) {
            return Optional.empty();
        }
        SimulatedAgent at = from;
        TransportId over = forward.egress();
        RouteId number = forward.egressId();
        for (int links = 1; links <= 32; links++) {
            at = agents.get(this.links.get(over).entry().opposite(at.key()));
            Rule rule = at.rule(new RuleKey.Ingress(over, number)).orElse(null);
            if (rule instanceof Rule.Consume consume) {
                return consume.route().equals(route) ? Optional.of(new Arrival(at, links)) : Optional.empty();
            }
            if (!(rule instanceof Rule.Relay relay)) {
                return Optional.empty();
            }
            over = relay.egress();
            number = relay.egressId();
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        agents.values().forEach(SimulatedAgent::close);
    }
}
