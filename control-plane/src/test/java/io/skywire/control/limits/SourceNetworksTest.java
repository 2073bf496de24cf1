package io.skywire.control.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

final class SourceNetworksTest {
    @Test
    void countsAWholeIpv6NetworkAsOneAndEachIpv4AddressForItself() {
        SourceNetworks networks = networks(32, 64);

        assertThat(networks.limited("2001:db8:1:2::1")).isEqualTo(networks.limited("2001:db8:1:2:ffff::9"));
        assertThat(networks.limited("2001:db8:1:2::1")).isNotEqualTo(networks.limited("2001:db8:1:3::1"));
        assertThat(networks.limited("192.0.2.1")).isNotEqualTo(networks.limited("192.0.2.2"));
        assertThat(networks(24, 64).limited("192.0.2.1"))
                .isEqualTo(networks(24, 64).limited("192.0.2.250"))
                .contains(SourceNetwork.parse("192.0.2.0/24"));
    }

    @Test
    void anIpv4AddressWrittenAsIpv6IsTheSameCaller() {
        assertThat(networks(32, 64).limited("::ffff:192.0.2.7"))
                .isEqualTo(networks(32, 64).limited("192.0.2.7"))
                .isPresent();
    }

    @Test
    void exemptNetworksAreNotLimited() {
        SourceNetworks networks = networks(32, 64, "127.0.0.0/8", "::1/128", "10.1.0.0/20", "");

        assertThat(networks.limited("127.0.0.1")).isEmpty();
        assertThat(networks.limited("127.9.8.7")).isEmpty();
        assertThat(networks.limited("::1")).isEmpty();
        assertThat(networks.limited("10.1.15.255")).isEmpty();
        assertThat(networks.limited("10.1.16.0")).isPresent();
        assertThat(networks.limited("::2")).isPresent();
        assertThat(networks(32, 64, "0.0.0.0/0").limited("8.8.8.8")).isEmpty();
    }

    @Test
    void whatIsNoAddressSharesOneBucket() {
        SourceNetworks networks = networks(32, 64);

        assertThat(networks.limited("unknown"))
                .isPresent()
                .isEqualTo(networks.limited(""))
                .isEqualTo(networks.limited("example.org"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.0", "192.0.2.0/33", "::/129", "example.org/8", "192.0.2.0/x", "1.2.3.4/-1"})
    void refusesWhatIsNoNetwork(String text) {
        assertThatThrownBy(() -> networks(32, 64, text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "0/1s", "-1/1s", "5/0s", "5/1m/2", "x/1s", "5/soon", "1000000000/1ms"})
    void refusesWhatIsNoAllowance(String text) {
        assertThatThrownBy(() -> Allowance.valueOf(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void byDefaultLoopbackIsExemptAndTheListingsAreLimitedAsInTheOriginal() {
        LimitSettings settings = new Binder(new MapConfigurationPropertySource(Map.of()))
                .bindOrCreate("skywire.limits", LimitSettings.class);

        assertThat(settings.uptimes()).isEqualTo(new Allowance(5, Duration.ofMinutes(1)));
        SourceNetworks networks = new SourceNetworks(settings);
        assertThat(networks.limited("127.0.0.1")).isEmpty();
        assertThat(networks.limited("::1")).isEmpty();
        assertThat(networks.limited("192.168.0.1")).isPresent();
    }

    private static SourceNetworks networks(int ipv4Prefix, int ipv6Prefix, String... exempt) {
        Allowance any = Allowance.valueOf("1/1s");
        return new SourceNetworks(
                new LimitSettings(any, any, any, any, any, any, any, any, ipv4Prefix, ipv6Prefix, List.of(exempt), 10));
    }
}
