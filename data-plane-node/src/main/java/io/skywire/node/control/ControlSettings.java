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
        Duration reportPause) {
    public ControlSettings {
        endpoints = List.copyOf(endpoints);
        serviceKeys = Set.copyOf(serviceKeys);
    }

    public static ControlSettings of(List<Endpoint> endpoints, Set<PublicKey> serviceKeys) {
        return new ControlSettings(
                endpoints, serviceKeys, Duration.ofSeconds(10), BackOff.FIRST, BackOff.LONGEST, Duration.ofMillis(10));
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
