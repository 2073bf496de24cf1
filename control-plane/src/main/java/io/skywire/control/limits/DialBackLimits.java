package io.skywire.control.limits;

import io.skywire.shared.key.PublicKey;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import org.springframework.stereotype.Component;

/// Limits how often a key, and how often a network, may ask to be dialled back.
@Component
public final class DialBackLimits {
    private final SourceNetworks networks;
    private final Limits limits;

    DialBackLimits(SourceNetworks networks, Limits limits) {
        this.networks = networks;
        this.limits = limits;
    }

    /// Empty if the question may be answered; else how long to wait. Exempt networks wait for nothing.
    public Optional<Duration> ask(PublicKey key, InetAddress source) {
        return networks.limited(source)
                .flatMap(
                        network -> limits.dialBacksPerKey.take(key).or(() -> limits.dialBacksPerNetwork.take(network)));
    }
}
