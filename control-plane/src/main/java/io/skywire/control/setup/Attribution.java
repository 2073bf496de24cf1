package io.skywire.control.setup;

import io.skywire.control.blame.FaultKind;
import io.skywire.control.blame.RouteFault;
import io.skywire.control.blame.Subject;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Who may be to blame that a route failed, as far as the control plane can know. Pure. Where it cannot know, nobody
/// is: a blamed bystander costs more than an offender that gets away once.
record Attribution(Placement placement) {
    /// These did not acknowledge in the whole time that they had. If nobody did, it is the control plane that was not
    /// heard.
    Optional<RouteFault> silent(Set<PublicKey> missing) {
        return missing.containsAll(placement.nodes())
                ? Optional.empty()
                : ofInitiator(FaultKind.SILENT, nodes(missing));
    }

    Optional<RouteFault> refused(PublicKey node) {
        return ofInitiator(FaultKind.REFUSED, nodes(Set.of(node)));
    }

    Optional<RouteFault> numberTaken(PublicKey node) {
        return ofInitiator(FaultKind.NUMBER_TAKEN, nodes(Set.of(node)));
    }

    Optional<RouteFault> noSuchTransport(Set<TransportId> named) {
        return ofInitiator(FaultKind.NO_SUCH_TRANSPORT, transports(named));
    }

    /// All agreed, nothing came through, and the initiator alone says so. Between neighbours the ends have only each
    /// other to blame, and the ends are never blamed for this.
    Optional<RouteFault> probeUnanswered() {
        return placement.intermediaries().isEmpty()
                ? Optional.empty()
                : ofInitiator(FaultKind.PROBE_UNANSWERED, transports(placement.transports()));
    }

    /// An edge says that it is down. Only an edge can, so whose route it was does not matter.
    Optional<RouteFault> lost(TransportId transport) {
        return fault(Optional.empty(), FaultKind.TRANSPORT_LOST, transports(Set.of(transport)));
    }

    private Optional<RouteFault> ofInitiator(FaultKind kind, Set<Subject> suspects) {
        return fault(Optional.of(placement.nodes().getFirst()), kind, suspects);
    }

    private Optional<RouteFault> fault(Optional<PublicKey> accuser, FaultKind kind, Set<Subject> suspects) {
        return suspects.isEmpty()
                ? Optional.empty()
                : Optional.of(new RouteFault(placement.route(), accuser, kind, suspects));
    }

    private static Set<Subject> nodes(Set<PublicKey> nodes) {
        return nodes.stream().map(Subject.Node::new).collect(Collectors.toUnmodifiableSet());
    }

    private Set<Subject> transports(Collection<TransportId> named) {
        return named.stream()
                .filter(placement.transports()::contains)
                .map(id -> {
                    int place = placement.transports().indexOf(id);
                    return new Subject.Transport(
                            id, placement.nodes().get(place), placement.nodes().get(place + 1));
                })
                .collect(Collectors.toUnmodifiableSet());
    }
}
