package io.skywire.node.config;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.node.NodeAddress;
import io.skywire.shared.node.NodeFacts.Visibility;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Everything an operator decides about one node. Paths are absolute; every value was checked when it was read.
///
/// @param file where it was read from
/// @param keyFile the node's secret, see [KeyFile]
/// @param stateDir where the node keeps its snapshot and its sockets
/// @param listen where neighbours' TCP links arrive; none: this node only dials
/// @param controlPlanes at least one, tried in order
/// @param serviceKeys what a control plane must prove to hold one of
/// @param setupKeys whose rules this node obeys
/// @param gateways through whom it pulls its rules when no control plane can be reached directly; needs messaging
/// @param transports the links this node keeps
/// @param messaging sessions with messaging servers; none: this node has no links through them
/// @param apiSocket the local API, at most [ConfigFile#LONGEST_SOCKET_PATH] bytes
/// @param aliases short names for keys, usable as `NAME.sky`
/// @param maxRules how many rules the table holds at most
/// @param directMemoryMib what the process may hold of direct memory, for bytes on their way
/// @param visibility whether others may read in the node directory where this node is
/// @param standby whether sessions keep a second route, and whether they use both at once
/// @param announced where others reach it; none: where it listens. None unless it is public
/// @param congestionControl what links over TCP ask the kernel for, as `bbr`; none: they keep the machine's own
public record NodeConfig(
        Path file,
        Path keyFile,
        Path stateDir,
        Optional<HostPort> listen,
        List<ControlPlane> controlPlanes,
        Set<PublicKey> serviceKeys,
        Set<PublicKey> setupKeys,
        List<PublicKey> gateways,
        List<Link> transports,
        Optional<Messaging> messaging,
        Optional<HostPort> socks,
        Optional<HostPort> httpConnect,
        Optional<HostPort> metrics,
        Path apiSocket,
        int eventLoops,
        List<Published> published,
        List<Forward> forwards,
        Map<String, PublicKey> aliases,
        int maxRules,
        int directMemoryMib,
        Visibility visibility,
        List<NodeAddress> announced,
        Standby standby,
        Optional<String> congestionControl) {
    public NodeConfig {
        controlPlanes = List.copyOf(controlPlanes);
        serviceKeys = Set.copyOf(serviceKeys);
        setupKeys = Set.copyOf(setupKeys);
        gateways = List.copyOf(gateways);
        transports = List.copyOf(transports);
        published = List.copyOf(published);
        forwards = List.copyOf(forwards);
        aliases = Map.copyOf(aliases);
        announced = List.copyOf(announced);
    }

    /// Whether a session that this node dialled outlives its route.
    public enum Standby {
        /// It keeps a second route where there is one, and asks for another when it has none.
        ON,
        /// As [#ON], and what this node sends goes over both at once.
        USED,
        /// It ends with its route.
        OFF
    }

    /// One place where a control plane answers.
    public record ControlPlane(HostPort address, Tls tls) {}

    /// How the connection to a control plane is protected.
    public sealed interface Tls {
        /// Not at all; for loopback addresses only.
        record Off() implements Tls {}

        /// By the certificate authorities that the Java runtime trusts.
        record System() implements Tls {}

        /// By the certificates of this PEM file only.
        record CaFile(Path file) implements Tls {}
    }

    /// A neighbour to keep a link to, and where it listens; nowhere: the link goes through messaging servers.
    public record Link(PublicKey peer, Optional<HostPort> address) {}

    /// Which messaging servers there are, and with how many of them a session is kept.
    ///
    /// @param discovery the URL of a messaging discovery, such as a control plane's
    public record Messaging(URI discovery, int servers) {}

    /// A local service that is offered to the network.
    ///
    /// @param allow who may use it; none: everyone
    public record Published(int port, Protocol protocol, HostPort target, Optional<Set<PublicKey>> allow) {}

    /// What a published port speaks. The same number may be published once for each.
    public enum Protocol {
        TCP,
        UDP
    }

    /// A local port that leads to a peer's published port.
    public record Forward(HostPort listen, PublicKey peer, int port) {}
}
