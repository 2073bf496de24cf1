package io.skywire.control.limits;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/// Which network a caller comes from, as far as limits go.
@Component
final class SourceNetworks {
    /// Where a proxy in front names something that is no address: all such callers share one bucket.
    private static final SourceNetwork NOWHERE = SourceNetwork.parse("0.0.0.0/32");

    private final int ipv4Prefix;
    private final int ipv6Prefix;
    private final List<SourceNetwork> exempt;

    SourceNetworks(LimitSettings settings) {
        this.ipv4Prefix = settings.ipv4Prefix();
        this.ipv6Prefix = settings.ipv6Prefix();
        this.exempt = settings.exempt().stream()
                .filter(text -> !text.isBlank())
                .map(SourceNetwork::parse)
                .toList();
    }

    /// Empty for callers that are never limited.
    Optional<SourceNetwork> limited(String address) {
        InetAddress source;
        try {
            source = InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException noAddress) {
            return Optional.of(NOWHERE);
        }
        return limited(source);
    }

    Optional<SourceNetwork> limited(InetAddress source) {
        if (exempt.stream().anyMatch(network -> network.contains(source))) {
            return Optional.empty();
        }
        return Optional.of(new SourceNetwork(source, source.getAddress().length == 4 ? ipv4Prefix : ipv6Prefix));
    }
}
