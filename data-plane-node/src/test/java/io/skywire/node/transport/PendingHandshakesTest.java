package io.skywire.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class PendingHandshakesTest {
    private final PendingHandshakes pending = new PendingHandshakes(4, 2);

    private static InetSocketAddress from(String address, int port) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByName(address), port);
    }

    @Test
    void countsAnAddressWhateverItsPort() throws UnknownHostException {
        assertThat(pending.enter(from("192.0.2.1", 1))).isEmpty();
        assertThat(pending.enter(from("192.0.2.1", 2))).isEmpty();

        assertThat(pending.enter(from("192.0.2.1", 3))).contains(LinkFailure.TOO_MANY_FROM_ADDRESS);
        assertThat(pending.enter(from("192.0.2.2", 1))).isEmpty();

        pending.leave(from("192.0.2.1", 2));
        assertThat(pending.enter(from("192.0.2.1", 3))).isEmpty();
    }

    @Test
    void countsAnIpv6NetworkAsOneHost() throws UnknownHostException {
        assertThat(pending.enter(from("2001:db8:0:1::1", 1))).isEmpty();
        assertThat(pending.enter(from("2001:db8:0:1:ffff::2", 1))).isEmpty();

        assertThat(pending.enter(from("2001:db8:0:1::3", 1))).contains(LinkFailure.TOO_MANY_FROM_ADDRESS);
        assertThat(pending.enter(from("2001:db8:0:2::3", 1))).isEmpty();
    }

    @Test
    void countsAllOfThemTogether() throws UnknownHostException {
        for (int host = 1; host <= 4; host++) {
            assertThat(pending.enter(from("192.0.2." + host, 1))).isEmpty();
        }

        assertThat(pending.enter(from("192.0.2.5", 1))).contains(LinkFailure.TOO_MANY_HANDSHAKES);

        pending.leave(from("192.0.2.4", 1));
        assertThat(pending.enter(from("192.0.2.5", 1))).isEmpty();
    }
}
