package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortBookTest {
    @TempDir
    private Path home;

    @Test
    void keepsItsPortsForTheNextStart() {
        int first = book(1).port("n1.socks");
        int other = book(2).port("n2.socks");

        PortBook next = book(3);
        assertThat(next.port("n1.socks")).isEqualTo(first);
        assertThat(next.port("n2.socks")).isEqualTo(other).isNotEqualTo(first);
    }

    @Test
    void choosesAnewOnlyWhatSomebodyHasTaken() throws IOException {
        int socks = book(1).port("socks");
        int metrics = book(2).port("metrics");
        try (ServerSocket taken = new ServerSocket(socks, 1, InetAddress.getLoopbackAddress())) {
            PortBook next = book(3);

            assertThat(next.port("socks")).isNotEqualTo(taken.getLocalPort()).isNotEqualTo(metrics);
            assertThat(next.port("metrics")).isEqualTo(metrics);
        }
        assertThat(book(4).port("socks")).as("the new choice was kept").isNotEqualTo(socks);
    }

    @Test
    void givesWhatIsStartedAgainItsPortAgain() throws IOException {
        PortBook book = book(7);
        int port = book.port("control-plane");
        try (ServerSocket stillThere = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(book.port("control-plane")).isEqualTo(stillThere.getLocalPort());
        }
    }

    @Test
    void neverGivesOnePortTwice() {
        PortBook book = book(5);
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            assertThat(ports.add(book.port("use" + i))).isTrue();
        }
        assertThat(ports).allMatch(port -> port >= 20_000 && port < 30_000);
    }

    @Test
    void survivesADamagedFile() throws IOException {
        Files.writeString(home.resolve("ports.properties"), "socks=many\n");

        assertThat(book(6).port("socks")).isPositive();
    }

    @Test
    void namesAPortThatWasAskedForAndIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> PortBook.require(taken.getLocalPort(), "HTTP"))
                    .isInstanceOf(MachineLacks.class)
                    .hasMessageContaining("port " + taken.getLocalPort() + " of 127.0.0.1 for HTTP is in use");
        }
    }

    private PortBook book(long seed) {
        return PortBook.open(home.resolve("ports.properties"), new Random(seed));
    }
}
