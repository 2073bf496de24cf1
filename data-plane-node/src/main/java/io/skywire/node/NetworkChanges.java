package io.skywire.node;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Notices that this machine has a new address: a cable was plugged in, another wireless network joined, a tunnel
/// opened. What could not be reached before may be reachable now. For one thread.
final class NetworkChanges {
    private static final Duration EVERY = Duration.ofSeconds(5);

    private final Supplier<Optional<Set<InetAddress>>> addresses;
    private final LongSupplier nanos;
    private Optional<Set<InetAddress>> known = Optional.empty();
    private long lookAt;

    /// @param addresses of this machine; none: they cannot be read now
    NetworkChanges(Supplier<Optional<Set<InetAddress>>> addresses, LongSupplier nanos) {
        this.addresses = addresses;
        this.nanos = nanos;
        this.lookAt = nanos.getAsLong();
    }

    /// The addresses of all interfaces of this machine that are up.
    static Optional<Set<InetAddress>> ofThisMachine() {
        try {
            return Optional.of(NetworkInterface.networkInterfaces()
                    .filter(NetworkChanges::isUp)
                    .flatMap(NetworkInterface::inetAddresses)
                    .collect(Collectors.toUnmodifiableSet()));
        } catch (SocketException unreadable) {
            return Optional.empty();
        }
    }

    private static boolean isUp(NetworkInterface plug) {
        try {
            return plug.isUp();
        } catch (SocketException gone) {
            return false;
        }
    }

    /// Whether there is an address now that was not there at the last look. Looks every five seconds.
    boolean brought() {
        long now = nanos.getAsLong();
        if (now - lookAt < 0) {
            return false;
        }
        lookAt = now + EVERY.toNanos();
        Optional<Set<InetAddress>> seen = addresses.get();
        boolean more = seen.isPresent() && known.isPresent() && !known.get().containsAll(seen.get());
        known = seen.or(() -> known);
        return more;
    }
}
