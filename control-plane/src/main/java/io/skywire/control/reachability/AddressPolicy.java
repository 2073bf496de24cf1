package io.skywire.control.reachability;

import io.skywire.control.limits.SourceNetwork;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;

/// Decides which address is dialled for one that a node names, so that nobody makes this control plane dial others.
/// Pure.
///
/// | the session comes from | the node names | what is dialled |
/// |---|---|---|
/// | a public address | anything | the session's address, at the named port |
/// | an address in `allowed` | an IP address in `allowed` | that |
/// | an address in `allowed` | anything else | the session's address, at the named port |
/// | any other address | anything | nothing |
///
/// Names are never resolved.
final class AddressPolicy {
    private static final List<SourceNetwork> NOT_PUBLIC_IPV4 = networks(
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3");
    private static final SourceNetwork GLOBAL_IPV6 = SourceNetwork.parse("2000::/3");

    /// Within [#GLOBAL_IPV6]: protocols' own (Teredo), documentation, 6to4.
    private static final List<SourceNetwork> NOT_PUBLIC_IPV6 =
            networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    private final List<SourceNetwork> allowed;

    AddressPolicy(List<SourceNetwork> allowed) {
        this.allowed = List.copyOf(allowed);
    }

    sealed interface Decision {
        record Dial(InetSocketAddress target) implements Decision {}

        record Forbidden(String why) implements Decision {}
    }

    /// @param source where the session comes from
    Decision decide(NamedAddress named, InetAddress source) {
        if (isAllowed(source)) {
            return new Decision.Dial(new InetSocketAddress(
                    named.literal().filter(this::isAllowed).orElse(source), named.port()));
        }
        return isPublic(source)
                ? new Decision.Dial(new InetSocketAddress(source, named.port()))
                : new Decision.Forbidden("this session comes from " + source.getHostAddress()
                        + ", which is not public; skywire.reachability.allowed does not list it");
    }

    private boolean isAllowed(InetAddress address) {
        return allowed.stream().anyMatch(network -> network.contains(address));
    }

    /// Whether this is an address of the public internet.
    static boolean isPublic(InetAddress address) {
        if (address.getAddress().length == 4) {
            return NOT_PUBLIC_IPV4.stream().noneMatch(network -> network.contains(address));
        }
        return GLOBAL_IPV6.contains(address)
                && NOT_PUBLIC_IPV6.stream().noneMatch(network -> network.contains(address));
    }

    private static List<SourceNetwork> networks(String... texts) {
        return Stream.of(texts).map(SourceNetwork::parse).toList();
    }
}
