package io.skywire.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.skywire.node.loops.EventLoops;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Real sockets of this machine's kernel, which always has Reno.
@Timeout(60)
final class CongestionControlTest {
    private static final CongestionControl RENO = new CongestionControl(Optional.of("reno"));

    private final EventLoopGroup epoll = EventLoops.open("test", 1);
    private final EventLoopGroup nio = EventLoops.openNio("test-nio", 1);

    @AfterEach
    void close() {
        epoll.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
        nio.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
    }

    private static Channel connected(EventLoopGroup loops) {
        Channel listening = new ServerBootstrap()
                .group(loops)
                .channel(EventLoops.serverChannel(loops))
                .childHandler(new ChannelInboundHandlerAdapter())
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
        return new Bootstrap()
                .group(loops)
                .channel(EventLoops.socketChannel(loops))
                .handler(new ChannelInboundHandlerAdapter())
                .connect(listening.localAddress())
                .syncUninterruptibly()
                .channel();
    }

    @Test
    void aSocketHasWhatWasAskedForWhateverTheMachinesDefaultIs() {
        Channel channel = connected(epoll);

        assertThat(RENO.ask(channel)).isTrue();

        assertThat(CongestionControl.of(channel)).contains("reno");
    }

    @Test
    void whatTheKernelDoesNotHaveLeavesTheSocketAsItWas() {
        Channel channel = connected(epoll);
        RENO.ask(channel);

        assertThat(new CongestionControl(Optional.of("no-such")).ask(channel)).isFalse();

        assertThat(CongestionControl.of(channel)).contains("reno");
    }

    @Test
    void theMachinesOwnIsAlwaysThere() {
        Channel channel = connected(epoll);
        Optional<String> before = CongestionControl.of(channel);

        assertThat(CongestionControl.OF_THE_MACHINE.ask(channel)).isTrue();

        assertThat(CongestionControl.of(channel)).isEqualTo(before).isPresent();
    }

    @Test
    void javasOwnSocketsCannotBeAsked() {
        Channel channel = connected(nio);

        assertThat(RENO.ask(channel)).isFalse();
        assertThat(CongestionControl.of(channel)).isEmpty();
    }

    @Test
    void whatNoKernelCanHaveIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CongestionControl(Optional.of("a b")))
                .withMessageContaining("'a b'");
    }
}
