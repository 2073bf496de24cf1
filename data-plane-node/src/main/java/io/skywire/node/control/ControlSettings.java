package io.skywire.node.control;

import io.skywire.shared.auth.BackOff;
import io.skywire.shared.key.PublicKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/// Where control planes are, which keys they prove, and how long things may take.
///
/// @param handshakeDeadline from dialling to the challenge, and again from the proof to the welcome. Long, because
///     thousands that lost a control plane in the same instant may stand before this node in its line, and to give up
/// and
///     dial again would only make that line longer
public record ControlSettings(
        List<Endpoint> endpoints,
        Set<PublicKey> serviceKeys,
        Duration handshakeDeadline,
        Duration firstBackOff,
        Duration longestBackOff,
        Duration reportPause,
        Around around) {
    public ControlSettings {
        endpoints = List.copyOf(endpoints);
        serviceKeys = Set.copyOf(serviceKeys);
    }

    public static ControlSettings of(List<Endpoint> endpoints, Set<PublicKey> serviceKeys, List<PublicKey> gateways) {
        return new ControlSettings(
                endpoints,
                serviceKeys,
                Duration.ofSeconds(10),
                BackOff.FIRST,
                BackOff.LONGEST,
                Duration.ofMillis(10),
                Around.through(gateways));
    }

    /// The way around a direct connection that does not work.
    ///
    /// @param gateways tried in turn, each after another direct try; none: there is only the direct way
    /// @param directTries after so many failed direct tries a gateway is used
    /// @param directPatience or after so long without a session
    /// @param directAgain the first pause between direct tries while a session goes through a gateway; doubles
    /// @param longestDirectAgain the longest one
    public record Around(
            List<PublicKey> gateways,
            int directTries,
            Duration directPatience,
            Duration directAgain,
            Duration longestDirectAgain) {
        public static final Around NONE = through(List.of());

        public Around {
            gateways = List.copyOf(gateways);
        }

        public static Around through(List<PublicKey> gateways) {
            return new Around(gateways, 3, Duration.ofSeconds(10), Duration.ofSeconds(5), Duration.ofMinutes(1));
        }
    }

    public record Endpoint(String host, int port, Tls tls) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /// How the connection to a control plane is protected. The keys are proved on top of it in every case.
    public sealed interface Tls {
        /// For loopback only.
        record Off() implements Tls {}

        /// The certificate is checked against the system's authorities.
        record SystemTrust() implements Tls {}

        /// The certificate is checked against this authority (PEM).
        record Authority(Path certificate) implements Tls {}
    }
}
