package io.skywire.node.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NearbyBuffersTest {
    private final EventLoopGroup loops = ApplicationLoops.create(1);

    @AfterEach
    void endLoops() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void aDoorOfThisMachineHoldsNoMoreOfAConnectionThanItsBound() throws Exception {
        InetSocketAddress nearby = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

        try (Socket plain = new Socket()) {
            plain.setReceiveBufferSize(NearbyBuffers.BYTES);
            plain.setSendBufferSize(NearbyBuffers.BYTES);
            SocketChannel guest = guestOf(nearby);

            assertThat(guest.config().getReceiveBufferSize()).isEqualTo(plain.getReceiveBufferSize());
            assertThat(guest.config().getSendBufferSize()).isEqualTo(plain.getSendBufferSize());
        }
    }

    @Test
    void aDoorForOtherMachinesLeavesTheBufferToTheKernel() throws Exception {
        SocketChannel guest = guestOf(new InetSocketAddress("0.0.0.0", 0));

        try (ServerSocket untouched = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket caller = new Socket(untouched.getInetAddress(), untouched.getLocalPort());
                Socket plain = untouched.accept()) {
            assertThat(caller.isConnected()).isTrue();
            assertThat(guest.config().getReceiveBufferSize()).isEqualTo(plain.getReceiveBufferSize());
        }
    }

    @Test
    void aConnectionToAnApplicationOfThisMachineIsBoundedToo() throws Exception {
        Bootstrap connections = new Bootstrap()
                .group(loops)
                .channel(ApplicationLoops.CONNECTING)
                .handler(new ChannelInboundHandlerAdapter());

        try (ServerSocket application = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket plain = new Socket()) {
            plain.setReceiveBufferSize(NearbyBuffers.BYTES);
            InetSocketAddress target = new InetSocketAddress(application.getInetAddress(), application.getLocalPort());
            SocketChannel connected = (SocketChannel) NearbyBuffers.bound(connections, target)
                    .connect(target)
                    .sync()
                    .channel();

            assertThat(connected.config().getReceiveBufferSize()).isEqualTo(plain.getReceiveBufferSize());
            connected.close().sync();
        }
        assertThat(NearbyBuffers.bound(connections, new InetSocketAddress("192.0.2.1", 80)))
                .as("another machine")
                .isSameAs(connections);
    }

    private SocketChannel guestOf(InetSocketAddress address) throws Exception {
        CompletableFuture<SocketChannel> guest = new CompletableFuture<>();
        Door door = Door.open("test", loops, address, guest::complete)
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
        try (Socket caller =
                new Socket(InetAddress.getLoopbackAddress(), door.address().getPort())) {
            assertThat(caller.isConnected()).isTrue();
            return guest.get(20, TimeUnit.SECONDS);
        } finally {
            door.close();
        }
    }
}
