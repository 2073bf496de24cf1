package io.skywire.node.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import io.skywire.shared.key.KeyPair;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InboxTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final EventLoop loop = new DefaultEventLoop();
    private final Counters counters = new Counters();
    private final Inbox inbox = new Inbox(loop, counters);
    private final SessionPaths paths =
            new SessionPaths(KeyPair.generate(new Random(0x1b0cL)).publicKey());
    private final List<Integer> read = new ArrayList<>(); // on the loop, then by the test once that is done
    private final Overlay large = overlay(16_000);
    private final Overlay small = overlay(4_096);

    @AfterEach
    void end() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(PATIENCE.toMillis());
    }

    private Overlay overlay(int datagramSize) {
        Overlay overlay = new Overlay(inbox, datagramSize, paths, counters);
        overlay.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                read.add(((DatagramPacket) message).content().getInt(0));
                ReferenceCountUtil.release(message);
            }
        });
        assertThat(loop.register(overlay).awaitUninterruptibly().isSuccess()).isTrue();
        return overlay;
    }

    /// What came while the loop was busy elsewhere.
    private void whileBusy(Runnable arrivals) {
        loop.submit(() -> {
                    arrivals.run();
                    inbox.endOfRead();
                })
                .awaitUninterruptibly();
    }

    private List<ByteBuf> arrive(Overlay overlay, Turns.Turn<Inbox.Arrival> turn, int session, int datagrams) {
        List<ByteBuf> buffers = new ArrayList<>();
        InetSocketAddress anywhere = InetSocketAddress.createUnresolved("session", 1);
        for (int i = 0; i < datagrams; i++) {
            ByteBuf buffer = Unpooled.buffer(50).writeInt(session).writeZero(46);
            buffers.add(buffer);
            inbox.receive(new Inbox.Arrival(overlay, turn, new DatagramPacket(buffer, anywhere, anywhere)));
        }
        return buffers;
    }

    @Test
    void aFewSessionsOfLargeDatagramsGetNoMoreTurnsThanManyOfSmallOnes() {
        int few = 4;
        int all = 64;
        int each = 20;

        whileBusy(() -> {
            for (int session = 0; session < all; session++) {
                arrive(session < few ? large : small, new Turns.Turn<>(), session, each);
            }
        });
        await().atMost(PATIENCE).until(() -> counters.datagramsIn.sum() == all * each);

        List<Integer> firstHalf = loop.submit(() -> List.copyOf(read.subList(0, all * each / 2)))
                .awaitUninterruptibly()
                .getNow();
        for (int session = 0; session < all; session++) {
            int number = session;
            assertThat(firstHalf.stream().filter(of -> of == number).count())
                    .as("datagrams of session %d", session)
                    .isBetween(each / 2 - 4L, each / 2 + 4L);
        }
    }

    @Test
    void whatFindsNoRoomIsDroppedAndCounted() {
        Turns.Turn<Inbox.Arrival> turn = new Turns.Turn<>();
        List<ByteBuf> buffers = new ArrayList<>();

        whileBusy(() -> buffers.addAll(arrive(small, turn, 1, 20_000)));
        await().atMost(PATIENCE).until(() -> counters.datagramsIn.sum() + counters.droppedInbound.sum() == 20_000);

        loop.submit(() -> {}).awaitUninterruptibly(); // the last of them is let go, too
        assertThat(counters.droppedInbound.sum()).isEqualTo(20_000 - 16_384);
        assertThat(buffers).allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
    }

    @Test
    void whatWaitsForAChannelThatClosesIsReleased() {
        List<ByteBuf> buffers = new ArrayList<>();

        whileBusy(() -> {
            buffers.addAll(arrive(small, new Turns.Turn<>(), 1, 200));
            small.close();
        });

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(buffers)
                        .allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero()));
        assertThat(counters.datagramsIn.sum()).isZero();
    }
}
