package io.skywire.local.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WireTest {
    private ServerSocket server;
    private Wire wire;
    private Socket near;
    private Socket far;

    @BeforeEach
    void connect() throws IOException {
        server = new ServerSocket(0, 4, InetAddress.getLoopbackAddress());
        wire = Wire.to(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
        near = new Socket(wire.address().getAddress(), wire.address().getPort());
        server.setSoTimeout(20_000);
        far = server.accept();
        near.setSoTimeout(20_000);
        far.setSoTimeout(20_000);
    }

    @AfterEach
    void close() throws IOException {
        wire.cut();
        near.close();
        far.close();
        server.close();
    }

    @Test
    void carriesBothWays() throws IOException {
        near.getOutputStream().write(7);
        assertThat(far.getInputStream().read()).isEqualTo(7);
        far.getOutputStream().write(8);
        assertThat(near.getInputStream().read()).isEqualTo(8);
    }

    @Test
    void aCutIsAResetAndNoGoodbye() throws IOException {
        near.getOutputStream().write(7);
        assertThat(far.getInputStream().read()).isEqualTo(7);

        wire.cut();

        assertThatThrownBy(() -> far.getInputStream().read()).isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> near.getInputStream().read()).isInstanceOf(SocketException.class);
    }

    @Test
    void anAgentThatCannotBeJoinedSeesItsConnectionReset() throws IOException {
        server.close();
        try (Socket another =
                new Socket(wire.address().getAddress(), wire.address().getPort())) {
            another.setSoTimeout(20_000);

            assertThatThrownBy(() -> another.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void aWireThatSwallowsTellsNobody() throws IOException {
        near.getOutputStream().write(7);
        assertThat(far.getInputStream().read()).isEqualTo(7);
        wire.swallow();
        far.setSoTimeout(200);

        near.getOutputStream().write(9);

        assertThatThrownBy(() -> far.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
    }
}
