package io.skywire.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class NetworkChangesTest {
    private Optional<Set<InetAddress>> addresses = of("127.0.0.1", "192.168.1.2");
    private long nanos;
    private final NetworkChanges changes = new NetworkChanges(() -> addresses, () -> nanos);

    private static Optional<Set<InetAddress>> of(String... addresses) {
        return Optional.of(
                Arrays.stream(addresses).map(NetworkChangesTest::address).collect(Collectors.toUnmodifiableSet()));
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException noLiteral) {
            throw new IllegalArgumentException(noLiteral);
        }
    }

    private boolean aWhileLater() {
        nanos += Duration.ofSeconds(6).toNanos();
        return changes.brought();
    }

    @Test
    void anAddressThatWasNotThereIsNewsOnce() {
        assertThat(changes.brought()).isFalse();
        assertThat(aWhileLater()).isFalse();

        addresses = of("127.0.0.1", "192.168.1.2", "10.77.0.1");

        assertThat(aWhileLater()).isTrue();
        assertThat(aWhileLater()).isFalse();
    }

    @Test
    void anAddressThatGoesOpensNoWayAndIsNewsWhenItComesBack() {
        assertThat(changes.brought()).isFalse();

        addresses = of("127.0.0.1");
        assertThat(aWhileLater()).isFalse();

        addresses = of("127.0.0.1", "192.168.1.2");
        assertThat(aWhileLater()).isTrue();
    }

    @Test
    void whatCannotBeReadIsNoNews() {
        assertThat(changes.brought()).isFalse();

        addresses = Optional.empty();
        assertThat(aWhileLater()).isFalse();

        addresses = of("127.0.0.1", "192.168.1.2");
        assertThat(aWhileLater()).isFalse();
    }

    @Test
    void thisMachineHasAddresses() {
        assertThat(NetworkChanges.ofThisMachine())
                .hasValueSatisfying(all -> assertThat(all).anyMatch(InetAddress::isLoopbackAddress));
    }
}
