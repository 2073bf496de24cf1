package io.skywire.control.reachability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.control.limits.SourceNetwork;
import io.skywire.control.reachability.AddressPolicy.Decision;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// This control plane is no port scanner and opens no way into its own network.
final class AddressPolicyTest {
    private static final InetAddress PUBLIC = InetAddress.ofLiteral("93.184.216.34");

    private final AddressPolicy strict = new AddressPolicy(List.of());
    private final AddressPolicy local =
            new AddressPolicy(List.of(SourceNetwork.parse("127.0.0.0/8"), SourceNetwork.parse("10.1.0.0/16")));

    private static String decide(AddressPolicy policy, String named, InetAddress source) {
        return switch (policy.decide(NamedAddress.parse(named), source)) {
            case Decision.Dial dial ->
                dial.target().getAddress().getHostAddress() + ":"
                        + dial.target().getPort();
            case Decision.Forbidden forbidden -> "forbidden";
        };
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "93.184.216.34:7777",
                "0.0.0.0:7777",
                "[::]:7777",
                "127.0.0.1:7777",
                "169.254.169.254:7777",
                "10.1.2.3:7777",
                "8.8.8.8:7777",
                "[::ffff:10.1.2.3]:7777",
                "metadata.internal:7777",
                "localhost:7777",
                "node.example.org:7777"
            })
    void whateverIsNamedOnlyTheSessionsOwnAddressIsDialled(String named) {
        assertThat(decide(strict, named, PUBLIC)).isEqualTo("93.184.216.34:7777");
        assertThat(decide(local, named, PUBLIC))
                .as("the allow-list is not for strangers")
                .isEqualTo("93.184.216.34:7777");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "10.0.0.1",
                "100.64.0.1",
                "127.0.0.1",
                "127.255.255.254",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.8",
                "192.168.1.1",
                "198.18.0.1",
                "203.0.113.5",
                "224.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "::ffff:127.0.0.1",
                "64:ff9b::7f00:1",
                "2001::1",
                "2001:db8::1",
                "2002:7f00:1::",
                "fc00::1",
                "fd12:3456::1",
                "fe80::1",
                "ff02::1"
            })
    void aSessionFromAnAddressThatIsNotPublicHasNothingDialled(String source) {
        assertThat(AddressPolicy.isPublic(InetAddress.ofLiteral(source))).isFalse();
        assertThat(decide(strict, "93.184.216.34:80", InetAddress.ofLiteral(source)))
                .isEqualTo("forbidden");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"93.184.216.34", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00::1"})
    void publicAddressesAreDialled(String source) {
        assertThat(AddressPolicy.isPublic(InetAddress.ofLiteral(source))).isTrue();
    }

    @Test
    void fromAnAllowedNetworkAllowedAddressesAreDialledAndNoOthers() {
        InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");

        assertThat(decide(local, "127.0.0.2:80", loopback)).isEqualTo("127.0.0.2:80");
        assertThat(decide(local, "10.1.2.3:80", loopback)).isEqualTo("10.1.2.3:80");
        assertThat(decide(local, "10.2.2.3:80", loopback)).isEqualTo("127.0.0.1:80");
        assertThat(decide(local, "8.8.8.8:53", loopback)).isEqualTo("127.0.0.1:53");
        assertThat(decide(local, "0.0.0.0:80", loopback)).isEqualTo("127.0.0.1:80");
        assertThat(decide(local, "10.2.2.3:80", InetAddress.ofLiteral("10.2.0.1")))
                .isEqualTo("forbidden");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "7777",
                "192.0.2.7",
                "192.0.2.7:0",
                "192.0.2.7:65536",
                "192.0.2.7:99999",
                "192.0.2.7:+80",
                "http://192.0.2.7:80",
                "user@192.0.2.7:80",
                "::1:80",
                "a b:80",
                "a\n:80"
            })
    void malformedAddressesAreRefused(String named) {
        assertThatThrownBy(() -> NamedAddress.parse(named))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("host:port");
    }

    @Test
    void anAddressThatIsTooLongIsRefused() {
        assertThatThrownBy(() -> NamedAddress.parse("a".repeat(251) + ":7777"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
