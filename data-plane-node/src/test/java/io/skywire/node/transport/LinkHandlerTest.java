package io.skywire.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.skywire.node.wire.FrameBuilder;
import io.skywire.node.wire.FrameReader;
import io.skywire.shared.key.Signature;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// One end of a link in an embedded channel; the test plays the neighbour. Runs with leak detection PARANOID.
class LinkHandlerTest {
    private static final int MAX = PacketLayout.MAX_PAYLOAD;

    private final Handshakes.Pair pair = Handshakes.pair(0x11aL);
    private final TransportEntry entry =
            TransportEntry.between(pair.dialler().publicKey(), pair.acceptor().publicKey(), TransportType.TCP);
    private final FrameBuilder neighbour = new FrameBuilder(pair.dialled().sealing());
    private final FrameReader neighbourReader = new FrameReader(pair.dialled().opening(), MAX);
    private final List<byte[]> sentToNeighbour = new ArrayList<>();
    private final List<byte[]> ingress = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final List<ByteBuf> reads = new ArrayList<>();
    private Instant now = Instant.parse("2026-11-22T12:00:00Z");
    private final List<LinkMeasurement> measured = new ArrayList<>();
    private int endsOfRead;
    private EmbeddedChannel channel;
    private TcpLink link;

    @BeforeEach
    void connect() {
        channel = new EmbeddedChannel();
        channel.freezeTime();
        TcpSettings settings = TcpSettings.defaults();
        InstantSource clock = () -> now;
        link = new TcpLink(
                channel,
                pair.accepted(),
                TransportSnapshot.Opener.NEIGHBOUR,
                settings,
                new RingArrays(0),
                clock.instant(),
                new Owner(),
                new Attempt() {
                    @Override
                    public void settled() {
                        told.add("settled");
                    }

                    @Override
                    public void failed(LinkFailure kind, String detail) {
                        told.add("failed " + kind);
                    }
                });
        Ingress.Factory ingresses = transport -> new Ingress() {
            @Override
            public void packet(byte[] frame, int offset, int length) {
                ingress.add(Arrays.copyOfRange(frame, offset, offset + length));
            }

            @Override
            public void endOfRead() {
                endsOfRead++;
            }
        };
        channel.pipeline()
                .addLast(new LinkHandler(
                        link,
                        pair.accepted().opening(),
                        pair.acceptor(),
                        ingresses,
                        clock,
                        settings,
                        new BeatGrid(
                                settings.heartbeatInterval(),
                                channel.eventLoop().ticker().nanoTime())));
    }

    @AfterEach
    void leavesNoBufferBehind() {
        channel.finishAndReleaseAll();
        assertThat(reads).allSatisfy(read -> assertThat(read.refCnt()).isZero());
    }

    private final class Owner implements LinkOwner {
        @Override
        public void settled(Link settled) {
            settled.open();
        }

        @Override
        public void gone(Link ended, String reason) {
            told.add("gone");
        }

        @Override
        public void failed(LinkFailure kind, String detail) {
            told.add("failed " + kind);
        }

        @Override
        public void measured(TransportId id, LinkMeasurement measurement) {
            measured.add(measurement);
        }
    }

    private void receive(byte[]... packets) {
        for (byte[] packet : packets) {
            neighbour.append(packet, 0, packet.length);
        }
        ByteBuf frame = Unpooled.directBuffer();
        neighbour.sealInto(frame);
        receive(frame);
    }

    private void receive(ByteBuf bytes) {
        reads.add(bytes);
        channel.writeInbound(bytes);
    }

    private void settle() {
        Signature signature = entry.sign(pair.dialler());
        receive(PacketLayout.packet(PacketType.SETTLE, RouteId.LINK, signature.bytes()));
        drain();
    }

    private static byte[] ofLink(PacketType type, int length) {
        return PacketLayout.packet(type, RouteId.LINK, new byte[length]);
    }

    private List<PacketType> drain() {
        List<PacketType> types = new ArrayList<>();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            try {
                neighbourReader.read(out, (frame, offset, length) -> {
                    types.add(PacketType.ofNumber(PacketLayout.type(frame, offset))
                            .orElseThrow());
                    sentToNeighbour.add(Arrays.copyOfRange(frame, offset, offset + length));
                });
            } catch (Exception bad) {
                throw new AssertionError(bad);
            } finally {
                out.release();
            }
        }
        return types;
    }

    @Test
    void sendsItsSignatureFirstAndSettlesWithTheNeighbours() {
        assertThat(drain()).containsExactly(PacketType.SETTLE);

        settle();

        assertThat(told).containsExactly("settled");
        assertThat(link.signed().isProven()).isTrue();
        assertThat(link.isUp()).isTrue();
    }

    @Test
    void refusesAnotherKeysSignature() {
        Signature forged = entry.sign(pair.acceptor());
        receive(PacketLayout.packet(PacketType.SETTLE, RouteId.LINK, forged.bytes()));

        assertThat(told).containsExactly("failed UNSETTLED");
        assertThat(drain()).contains(PacketType.ERROR);
        assertThat(link.isGone()).isTrue();
    }

    @Test
    void refusesAPacketBeforeTheSignature() {
        receive(Packets.numbered(5, 0, 100));

        assertThat(told).containsExactly("failed UNSETTLED");
        assertThat(ingress).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, MAX - 1, MAX})
    void handsOverPayloadsUpToTheLimit(int payload) {
        settle();
        byte[] packet = PacketLayout.packet(PacketType.DATA, new RouteId(9), new byte[payload]);

        receive(packet, packet, packet);

        assertThat(ingress).hasSize(3).allSatisfy(arrived -> assertThat(arrived).isEqualTo(packet));
        assertThat(endsOfRead).as("one for the signature, one for the packets").isEqualTo(2);
    }

    @Test
    void endsOnAPayloadOverTheLimit() {
        settle();
        receive(PacketLayout.packet(PacketType.DATA, new RouteId(9), new byte[MAX + 1]));

        assertThat(told).containsExactly("settled", "failed BAD_FRAME", "gone");
        assertThat(ingress).isEmpty();
    }

    @Test
    void endsOnAFlippedBit() {
        settle();
        byte[] packet = Packets.numbered(9, 0, 100);
        neighbour.append(packet, 0, packet.length);
        ByteBuf frame = Unpooled.buffer();
        neighbour.sealInto(frame);
        frame.setByte(30, frame.getByte(30) ^ 4);

        receive(frame);

        assertThat(told).containsExactly("settled", "failed BAD_FRAME", "gone");
        assertThat(ingress).isEmpty();
    }

    @Test
    void endsOnAReplayedFrame() {
        settle();
        byte[] packet = Packets.numbered(9, 0, 100);
        neighbour.append(packet, 0, packet.length);
        ByteBuf frame = Unpooled.buffer();
        neighbour.sealInto(frame);

        receive(frame.copy());
        receive(frame);

        assertThat(told).containsExactly("settled", "failed BAD_FRAME", "gone");
        assertThat(ingress).hasSize(1);
    }

    @Test
    void readsFramesSplitAnywhere() {
        settle();
        ByteBuf frames = Unpooled.buffer();
        for (int frame = 0; frame < 3; frame++) {
            byte[] packet = Packets.numbered(9, frame, 50);
            neighbour.append(packet, 0, packet.length);
            neighbour.sealInto(frames);
        }

        while (frames.isReadable()) {
            receive(frames.readBytes(Math.min(7, frames.readableBytes())));
        }
        frames.release();

        assertThat(ingress.stream().map(packet -> Packets.sequence(packet, 0))).containsExactly(0, 1, 2);
    }

    @ParameterizedTest
    @EnumSource(
            value = PacketType.class,
            names = {"DATA", "CLOSE", "ROUTE_BROKEN", "PROBE", "PROBE_REPLY", "SETTLE"})
    void endsOnATypeThatIsForbiddenOnTheLinkItself(PacketType type) {
        settle();
        receive(ofLink(type, 8));

        assertThat(told).containsExactly("settled", "failed BAD_FRAME", "gone");
    }

    @Test
    void endsOnAnUnknownTypeOnTheLinkItself() {
        settle();
        byte[] unknown = ofLink(PacketType.PING, 0);
        unknown[0] = 99;
        receive(unknown);

        assertThat(told).containsExactly("settled", "failed BAD_FRAME", "gone");
    }

    @Test
    void answersAPingWithItsPayload() {
        settle();
        byte[] ping = ofLink(PacketType.PING, 64);
        ping[20] = 77;
        receive(ping);

        assertThat(drain()).contains(PacketType.PONG);
        assertThat(sentToNeighbour.getLast()).hasSize(71).contains(77);
    }

    @Test
    void endsOnAPingThatIsTooLong() {
        settle();
        receive(ofLink(PacketType.PING, 65));

        assertThat(told).containsExactly("settled", "failed BAD_FRAME", "gone");
    }

    @Test
    void endsWhenTheNeighbourIsSilentAndNotBefore() {
        settle();
        for (int second = 1; second <= 5 && !link.isGone(); second++) {
            channel.advanceTimeBy(1, TimeUnit.SECONDS);
            channel.runScheduledPendingTasks();
            if (second == 1) {
                receive(ofLink(PacketType.KEEP_ALIVE, 0));
            }
            assertThat(link.isGone()).as("after %d s", second).isEqualTo(second == 4);
        }

        assertThat(told).containsExactly("settled", "failed SILENT", "gone");
    }

    @Test
    void holdsPacketsBackWhileTheSocketTakesNone() {
        settle();
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 2));
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        drain();
        for (int sequence = 0; sequence < 300; sequence++) {
            byte[] packet = Packets.numbered(9, sequence, 1_000);
            link.send(packet, 0, packet.length);
        }
        byte[] other = Packets.numbered(10, 0, 1_000);
        link.send(other, 0, other.length);
        link.flush();
        assertThat(drain()).isEmpty();
        assertThat(link.snapshot().packetsDropped()).isEqualTo(300 - 256 * 1024 / 1_007);
        assertThat(link.snapshot().bytesQueued()).isPositive();
        sentToNeighbour.clear();

        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        channel.runPendingTasks();

        drain();
        assertThat(sentToNeighbour.stream()
                        .filter(packet -> PacketLayout.routeId(packet, 0) == 9)
                        .map(packet -> Packets.sequence(packet, 0)))
                .hasSize(256 * 1024 / 1_007)
                .isSorted();
        assertThat(sentToNeighbour.stream().filter(packet -> PacketLayout.routeId(packet, 0) == 10))
                .hasSize(1);
        assertThat(link.snapshot().bytesQueued()).isZero();
    }

    private void beat(Duration passed) {
        now = now.plus(passed);
        channel.advanceTimeBy(1, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void measuresTheTimeInWhichTheSocketTakesNothing() {
        settle();
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        channel.runPendingTasks();
        now = now.plusMillis(400);
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        channel.runPendingTasks();
        beat(Duration.ofMillis(600));

        assertThat(link.snapshot().measured().load()).isEqualTo(LinkMeasurement.WHOLE * 4 / 10 / LinkMeter.WINDOW);
    }

    private long looksUntilGone(int most) {
        for (int look = 1; look <= most; look++) {
            channel.advanceTimeBy(150, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
            if (link.isGone()) {
                return look;
            }
        }
        return -1;
    }

    private void growOld() {
        settle();
        for (int second = 0; second < 10; second++) {
            receive(ofLink(PacketType.KEEP_ALIVE, 0));
            beat(Duration.ofSeconds(1));
        }
    }

    @Test
    void aSilentNeighbourIsKnownWithinASecondWhileRoutesUseTheLink() {
        growOld();
        receive(Packets.numbered(5, 0, 100));
        beat(Duration.ofSeconds(1));
        receive(ofLink(PacketType.KEEP_ALIVE, 0));
        drain();

        long looks = looksUntilGone(20);

        assertThat(looks).isEqualTo(7); // 900 ms of silence
        assertThat(told).containsExactly("settled", "failed SILENT", "gone");
        assertThat(drain()).contains(PacketType.PING);
    }

    @Test
    void anyByteIsLifeForALinkInUse() {
        growOld();
        receive(Packets.numbered(5, 0, 100));
        beat(Duration.ofSeconds(1));
        for (int i = 0; i < 10; i++) {
            assertThat(looksUntilGone(5)).isEqualTo(-1);
            receive(ofLink(PacketType.PONG, 0));
        }

        assertThat(link.isGone()).isFalse();
    }

    @Test
    void anIdleLinkIsNotLookedAtMoreOftenThanItsHeartbeats() {
        growOld();
        receive(Packets.numbered(5, 0, 100));
        beat(Duration.ofSeconds(1));
        for (int i = 0; i < 7; i++) {
            receive(ofLink(PacketType.KEEP_ALIVE, 0));
            looksUntilGone(5);
        }
        drain();
        receive(ofLink(PacketType.KEEP_ALIVE, 0));

        assertThat(looksUntilGone(12)).isEqualTo(-1);
        assertThat(drain()).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void aYoungLinkIsNotLookedAtMoreOftenThanItsHeartbeats() {
        settle();
        receive(Packets.numbered(5, 0, 100));
        beat(Duration.ofSeconds(1));
        receive(ofLink(PacketType.KEEP_ALIVE, 0));

        assertThat(looksUntilGone(12)).isEqualTo(-1);
    }

    /// Seconds that pass one by one; the neighbour answers every PING. Those in which one came, from 1 on.
    private List<Integer> secondsWithAPing(int seconds) {
        List<Integer> beats = new ArrayList<>();
        for (int second = 1; second <= seconds; second++) {
            beat(Duration.ofSeconds(1));
            if (answerPings()) {
                beats.add(second);
            }
        }
        return beats;
    }

    private boolean answerPings() {
        sentToNeighbour.clear();
        drain();
        List<byte[]> pings = sentToNeighbour.stream()
                .filter(packet -> PacketLayout.type(packet, 0) == PacketType.PING.number())
                .toList();
        pings.forEach(ping -> receive(PacketLayout.packet(
                PacketType.PONG, RouteId.LINK, Arrays.copyOfRange(ping, PacketLayout.HEADER_LENGTH, ping.length))));
        return !pings.isEmpty();
    }

    private void comeToRest() {
        settle();
        secondsWithAPing(15);
    }

    @Test
    void aYoungLinkBeatsEverySecondAndThenRests() {
        settle();

        assertThat(secondsWithAPing(30)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 19, 29);
        assertThat(measured).as("each answer, and that the first PING had none").hasSize(11 + 1);
    }

    @Test
    void aLinkAtRestFindsASilentNeighbourWithinTwelveSeconds() {
        comeToRest();

        int seconds = 0;
        while (!link.isGone() && seconds < 20) {
            beat(Duration.ofSeconds(1));
            seconds++;
        }

        assertThat(seconds).isLessThanOrEqualTo(12);
        assertThat(told).containsExactly("settled", "failed SILENT", "gone");
        assertThat(drain()).as("asked again and again").contains(PacketType.PING, PacketType.PING);
    }

    @Test
    void aLinkAtRestThatMissesOneAnswerStays() {
        comeToRest();
        while (!drain().contains(PacketType.PING)) {
            beat(Duration.ofSeconds(1));
        }

        assertThat(secondsWithAPing(22))
                .as("asks again at once, and rests again")
                .containsExactly(1, 11, 21);
        assertThat(link.isGone()).isFalse();
    }

    @Test
    void theFirstPacketOfARouteEndsTheRest() {
        comeToRest();
        receive(Packets.numbered(5, 0, 100));

        assertThat(secondsWithAPing(30)).as("received").hasSize(30);

        assertThat(secondsWithAPing(60)).as("at rest again").hasSizeBetween(10, 45);
        byte[] packet = Packets.numbered(5, 1, 100);
        link.send(packet, 0, packet.length);

        assertThat(secondsWithAPing(30)).as("sent").hasSize(30);
    }

    @Test
    void aSilentNeighbourIsKnownWithinTwoSecondsOfTheFirstPacketOfARoute() {
        comeToRest();
        byte[] packet = Packets.numbered(5, 0, 100);
        link.send(packet, 0, packet.length);
        link.flush();

        assertThat(looksUntilGone(40)).isBetween(1L, 14L); // of 150 ms each
        assertThat(told).containsExactly("settled", "failed SILENT", "gone");
    }

    @Test
    void tellsOfHeartbeatsThatAreNotAnswered() {
        settle();
        beat(Duration.ofSeconds(1));

        assertThat(measured)
                .extracting(LinkMeasurement::loss)
                .containsExactly(LinkMeasurement.WHOLE / LinkMeter.WINDOW);
    }
}
