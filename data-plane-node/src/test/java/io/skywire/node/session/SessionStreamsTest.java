package io.skywire.node.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.skywire.node.session.StreamBytes.Echo;
import io.skywire.node.session.StreamBytes.Sink;
import io.skywire.shared.key.KeyPair;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SessionStreamsTest {
    private static final long TEN_MEBIBYTES = 10L << 20;

    private SessionPair pair = new SessionPair(7);

    @AfterEach
    void close() {
        pair.close();
    }

    private QuicStreamChannel open(int port) {
        return opened(SessionPair.await(pair.alice.openStream(pair.bobKey(), port)));
    }

    private static QuicStreamChannel opened(StreamAnswer answer) {
        return switch (answer) {
            case StreamAnswer.Opened opened -> opened.stream();
            case StreamAnswer.Refused refused -> throw new AssertionError(refused);
            case StreamAnswer.Failed failed -> throw new AssertionError(failed);
        };
    }

    private static Sink read(QuicStreamChannel stream) {
        Sink sink = new Sink();
        // On the stream's own loop: a handler that is added from elsewhere may miss what is read meanwhile.
        stream.eventLoop().execute(() -> {
            stream.pipeline().addLast(sink);
            stream.config().setAutoRead(true);
        });
        return sink;
    }

    @Test
    void carriesTenMebibytesEachWayAtOnce() {
        transferBothWays(TEN_MEBIBYTES);
    }

    @Test
    void losesNothingWhenTheRouteLosesAndReorders() {
        pair.routes.lossRate = 0.01;
        pair.routes.reorderRate = 0.01;

        transferBothWays(TEN_MEBIBYTES);

        assertThat(pair.routes.lost).hasPositiveValue();
    }

    private void transferBothWays(long bytes) {
        Sink atBob = new Sink();
        pair.bobTargets.handlers.put(80, () -> atBob);
        QuicStreamChannel stream = open(80);
        Sink atAlice = read(stream);
        QuicStreamChannel far = (QuicStreamChannel) SessionPair.await(atBob.attached);

        CompletableFuture<String> outwards = StreamBytes.pour(stream, bytes, 1);
        CompletableFuture<String> inwards = StreamBytes.pour(far, bytes, 2);

        assertThat(SessionPair.await(atBob.hash)).isEqualTo(SessionPair.await(outwards));
        assertThat(SessionPair.await(atAlice.hash)).isEqualTo(SessionPair.await(inwards));
        assertThat(atBob.received).hasValue(bytes);
        assertThat(atAlice.received).hasValue(bytes);
        await().atMost(Duration.ofSeconds(30)).until(() -> !stream.isOpen() && !far.isOpen());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1199, 65_535, 65_536, 65_537})
    void echoesEverySizeAndItsEnd(int size) {
        pair.bobTargets.handlers.put(7, Echo::new);
        QuicStreamChannel stream = open(7);
        Sink sink = read(stream);

        String sent = SessionPair.await(StreamBytes.pour(stream, size, size));

        assertThat(SessionPair.await(sink.hash)).isEqualTo(sent);
        assertThat(sink.received).hasValue(size);
    }

    @Test
    void whatAsksLittleDoesNotWaitBehindBulk() {
        pair.routes.pace = new InMemoryRoutes.Pace(8 << 20, Duration.ofMillis(5));
        int bulks = 4;
        int each = 16 << 20;
        ByteBuf bulk = Unpooled.directBuffer(each).writeZero(each);
        List<Sink> sinks = new ArrayList<>();
        for (int i = 0; i < bulks; i++) {
            Sink sink = new Sink();
            sinks.add(sink);
            pair.bobTargets.handlers.put(80 + i, () -> sink);
            open(80 + i).writeAndFlush(bulk.retainedDuplicate());
        }
        bulk.release();
        await().atMost(SessionPair.PATIENCE)
                .untilAsserted(() -> assertThat(received(sinks)).isGreaterThan(1 << 20));

        pair.bobTargets.handlers.put(7, Echo::new);
        QuicStreamChannel asking = open(7);
        Sink answer = read(asking);
        SessionPair.await(StreamBytes.pour(asking, 64, 3));
        SessionPair.await(answer.hash);

        assertThat(received(sinks)).isLessThan((long) bulks * each / 2);
    }

    private static long received(List<Sink> sinks) {
        return sinks.stream().mapToLong(sink -> sink.received.get()).sum();
    }

    @Test
    void oneDirectionGoesOnAfterTheOtherHasEnded() {
        Sink atBob = new Sink();
        pair.bobTargets.handlers.put(80, () -> atBob);
        QuicStreamChannel stream = open(80);
        Sink atAlice = read(stream);

        String asked = SessionPair.await(StreamBytes.pour(stream, 10, 1));
        assertThat(SessionPair.await(atBob.hash)).isEqualTo(asked);
        QuicStreamChannel far = (QuicStreamChannel) SessionPair.await(atBob.attached);
        String answered = SessionPair.await(StreamBytes.pour(far, 1 << 20, 2));

        assertThat(SessionPair.await(atAlice.hash)).isEqualTo(answered);
    }

    @Test
    void aResetArrivesAsAFailureAndNeverAsAnEnd() {
        Sink atBob = new Sink();
        pair.bobTargets.handlers.put(80, () -> atBob);
        QuicStreamChannel stream = open(80);
        stream.writeAndFlush(stream.alloc().directBuffer(1).writeByte(1));
        await().atMost(Duration.ofSeconds(30)).until(() -> atBob.received.get() == 1);

        stream.shutdown(9);

        SessionPair.await(atBob.broken);
        assertThat(atBob.hash).isNotDone();
    }

    @Test
    void anAbortBehindTheEndIsHeardAndTheStreamGoes() {
        Sink atBob = new Sink();
        pair.bobTargets.handlers.put(80, () -> atBob);
        QuicStreamChannel stream = open(80);
        Sink atAlice = read(stream);
        QuicStreamChannel far = (QuicStreamChannel) SessionPair.await(atBob.attached);
        SessionPair.await(StreamBytes.pour(far, 10, 1));
        SessionPair.await(atAlice.hash);

        far.close();

        SessionPair.await(atAlice.broken);
        stream.close();
        await().atMost(Duration.ofSeconds(30)).until(() -> !stream.isOpen() && !far.isOpen());
        assertThat(atBob.hash).isNotDone();
    }

    @Test
    void anAbortThatThePeerDoesNotReadEndsInAReset() {
        pair.close();
        pair = new SessionPair(10, aborting(Duration.ofMillis(300)));
        Sink atBob = new Sink();
        pair.bobTargets.handlers.put(80, () -> atBob);
        QuicStreamChannel stream = open(80);
        QuicStreamChannel far = (QuicStreamChannel) SessionPair.await(atBob.attached);
        far.config().setAutoRead(false);
        CompletableFuture<String> poured = StreamBytes.pour(stream, 64L << 20, 1);

        stream.close();

        await().atMost(Duration.ofSeconds(30)).until(() -> !stream.isOpen());
        assertThat(poured).isCompletedExceptionally();
        far.config().setAutoRead(true);
        SessionPair.await(atBob.broken);
        await().atMost(Duration.ofSeconds(30)).until(() -> !far.isOpen());
        assertThat(atBob.hash).isNotDone();
    }

    @Test
    void abortedStreamsLeaveNothingInMemory() {
        List<WeakReference<QuicStreamChannel>> aborted = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            aborted.addAll(abortOne(i % 2 == 0));
        }

        await().atMost(Duration.ofSeconds(30))
                .until(() -> pair.alice.sessions().getFirst().streams() == 0
                        && pair.bob.sessions().getFirst().streams() == 0);
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            System.gc();
            assertThat(aborted).allMatch(stream -> stream.refersTo(null));
        });
    }

    private List<WeakReference<QuicStreamChannel>> abortOne(boolean byAlice) {
        Sink atBob = new Sink();
        pair.bobTargets.handlers.put(80, () -> atBob);
        QuicStreamChannel stream = open(80);
        Sink atAlice = read(stream);
        QuicStreamChannel far = (QuicStreamChannel) SessionPair.await(atBob.attached);
        stream.writeAndFlush(stream.alloc().directBuffer().writeZero(100_000));
        far.writeAndFlush(far.alloc().directBuffer().writeZero(100_000));
        (byAlice ? stream : far).close();
        SessionPair.await(byAlice ? atBob.broken : atAlice.broken);
        pair.bobTargets.handlers.remove(80);
        return List.of(new WeakReference<>(stream), new WeakReference<>(far));
    }

    @Test
    void aSessionOfManyResetsEnds() {
        pair.bobTargets.handlers.put(80, Sink::new);
        pair.connect();

        await().atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> {
                    StreamAnswer answer = SessionPair.await(pair.alice.openStream(pair.bobKey(), 80));
                    if (answer instanceof StreamAnswer.Opened opened) {
                        opened.stream().shutdown(9);
                    }
                    return pair.routes.requests.get() > 1;
                });

        assertThat(pair.bob.counters().streamsAccepted()).isBetween(2048L, 6000L);
    }

    @Test
    void aPortWithoutAPublicationIsRefused() {
        assertThat(SessionPair.await(pair.alice.openStream(pair.bobKey(), 81)))
                .isEqualTo(new StreamAnswer.Refused(StreamRefusal.NOT_PUBLISHED));
    }

    @ParameterizedTest
    @EnumSource(StreamRefusal.class)
    void everyRefusalKeepsItsReason(StreamRefusal refusal) {
        pair.bobTargets.refusals.put(81, refusal);

        assertThat(SessionPair.await(pair.alice.openStream(pair.bobKey(), 81)))
                .isEqualTo(new StreamAnswer.Refused(refusal));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> pair.alice.sessions().getFirst().streams() == 0
                        && pair.bob.sessions().getFirst().streams() == 0);
    }

    @Test
    void theEndThatAnsweredOpensStreamsInTheSameSession() {
        pair.connect();
        pair.aliceTargets.handlers.put(7, Echo::new);

        QuicStreamChannel stream = opened(SessionPair.await(pair.bob.openStream(pair.aliceKey(), 7)));
        Sink sink = read(stream);

        assertThat(SessionPair.await(StreamBytes.pour(stream, 100, 1))).isEqualTo(SessionPair.await(sink.hash));
        assertThat(pair.routes.requests).hasValue(1);
    }

    @Test
    void aSlowReaderHoldsTheWriterBack() {
        Sink sink = new Sink();
        pair.bobTargets.handlers.put(80, () -> sink);
        QuicStreamChannel stream = open(80);
        QuicStreamChannel far = (QuicStreamChannel) SessionPair.await(sink.attached);
        far.config().setAutoRead(false);

        CompletableFuture<String> poured = StreamBytes.pour(stream, 64L << 20, 1);
        long[] before = {-1};
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    long now = pair.bob.counters().datagramsIn();
                    boolean still = now - before[0] < 10;
                    before[0] = now;
                    return still;
                });

        assertThat(poured).isNotDone();
        // The stream's window, what quiche holds back, and retransmissions: far less than what wants to be sent.
        assertThat(pair.bob.counters().datagramsIn() * 16_000).isLessThan(16L << 20);
        assertThat(sink.received.get()).isLessThan(1 << 20);
        far.config().setAutoRead(true);
        assertThat(SessionPair.await(sink.hash)).isEqualTo(SessionPair.await(poured));
    }

    @Test
    void twoHundredStreamsAtOnceKeepTheirBytesApart() {
        pair.bobTargets.handlers.put(7, Echo::new);
        List<CompletableFuture<StreamAnswer>> answers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            answers.add(pair.alice.openStream(pair.bobKey(), 7).toCompletableFuture());
        }

        List<CompletableFuture<String>> sent = new ArrayList<>();
        List<Sink> sinks = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            QuicStreamChannel stream = opened(SessionPair.await(answers.get(i)));
            sinks.add(read(stream));
            sent.add(StreamBytes.pour(stream, 20_000 + i, i));
        }

        for (int i = 0; i < sent.size(); i++) {
            assertThat(SessionPair.await(sinks.get(i).hash)).isEqualTo(SessionPair.await(sent.get(i)));
        }
        assertThat(pair.routes.requests).hasValue(1);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> pair.bob.sessions().getFirst().streams() == 0);
    }

    @RepeatedTest(10)
    void streamsBeyondThePeersLimitWaitTheirTurn() {
        pair.close();
        pair = new SessionPair(8, limits(4, Duration.ofSeconds(30)));
        pair.bobTargets.handlers.put(7, Echo::new);
        ConcurrentLinkedQueue<String> hashes = new ConcurrentLinkedQueue<>();

        for (int i = 0; i < 30; i++) {
            pair.alice.openStream(pair.bobKey(), 7).thenAccept(answer -> {
                QuicStreamChannel stream = opened(answer);
                Sink sink = read(stream);
                sink.hash.thenAccept(hashes::add);
                StreamBytes.pour(stream, 1000, 1);
            });
        }

        await().atMost(Duration.ofSeconds(30)).until(() -> hashes.size() == 30);
        assertThat(hashes.stream().distinct()).hasSize(1);
    }

    @Test
    void anAnswerThatComesTooLateIsAbandoned() {
        KeyPair carolKeys = KeyPair.generate(new Random(6));
        StreamTargets targets = new StreamTargets();
        PeerSessions carol = pair.join(carolKeys, targets, limits(100, Duration.ofMillis(300)));
        CompletableFuture<IncomingStreams.Verdict> verdict = new CompletableFuture<>();
        targets.pending.put(80, verdict);

        StreamAnswer answer = SessionPair.await(pair.alice.openStream(carolKeys.publicKey(), 80));
        verdict.complete(targets.take(Echo::new));

        assertThat(answer).isInstanceOf(StreamAnswer.Failed.class);
        await().atMost(Duration.ofSeconds(30)).until(() -> targets.abandoned.get() == 1);
    }

    @Test
    void aPeerThatDoesNotAnswerForAPortRunsIntoTheDeadline() {
        pair.close();
        pair = new SessionPair(9, limits(100, Duration.ofMillis(300)));
        pair.bobTargets.pending.put(80, new CompletableFuture<>());

        StreamAnswer answer = SessionPair.await(pair.alice.openStream(pair.bobKey(), 80));

        assertThat(answer).isInstanceOf(StreamAnswer.Failed.class);
    }

    private static SessionSettings limits(int streams, Duration streamOpen) {
        SessionSettings defaults = SessionSettings.DEFAULTS;
        return new SessionSettings(
                defaults.sessions(),
                streams,
                defaults.waitingStreams(),
                defaults.pendingHandshakes(),
                defaults.keepAlive(),
                defaults.idle(),
                defaults.handshake(),
                streamOpen,
                defaults.streamAbort(),
                defaults.dial());
    }

    private static SessionSettings aborting(Duration streamAbort) {
        SessionSettings defaults = SessionSettings.DEFAULTS;
        return new SessionSettings(
                defaults.sessions(),
                defaults.streamsPerSession(),
                defaults.waitingStreams(),
                defaults.pendingHandshakes(),
                defaults.keepAlive(),
                defaults.idle(),
                defaults.handshake(),
                defaults.streamOpen(),
                streamAbort,
                defaults.dial());
    }

    @Test
    void streamsBreakWhenTheOnlyRouteCloses() {
        Sink atBob = new Sink();
        pair.bobTargets.handlers.put(80, () -> atBob);
        QuicStreamChannel stream = open(80);
        Sink atAlice = read(stream);
        SessionPair.await(atBob.attached);

        pair.routes.close(pair.alice.sessions().getFirst().routes().getFirst(), "a link broke");

        SessionPair.await(atAlice.broken);
        SessionPair.await(atBob.broken);
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        pair.alice.sessions().isEmpty() && pair.bob.sessions().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(ints = {1200, 1201, 1400, 8160, 16_000, 16_384})
    void datagramsFitTheRoute(int maxPayload) {
        pair.routes.maxPayload = maxPayload;

        transferBothWays(1 << 20);

        assertThat(pair.routes.largestPayload.get()).isLessThanOrEqualTo(maxPayload);
        int size = pair.alice.sessions().getFirst().datagramSize();
        assertThat(pair.routes.largestPayload).hasValue(size);
        assertThat(pair.bob.sessions().getFirst().datagramSize()).isEqualTo(size);
    }

    @Test
    void refusesPortsThatDoNotExist() {
        assertThatThrownBy(() -> pair.alice.openStream(pair.bobKey(), 65_536))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("65535");
    }
}
