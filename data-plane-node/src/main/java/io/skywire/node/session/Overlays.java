package io.skywire.node.session;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.handler.codec.quic.FlushStrategy;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicCongestionControlAlgorithm;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.skywire.node.loops.ModestReads;
import io.skywire.shared.rule.RouteEnd;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// The parents of a node's QUIC connections: one per end and datagram size, made when first needed. Safe for any
/// thread.
///
/// QUIC's codec fixes the datagram size for all connections of a parent, and routes carry different sizes; so the
/// sizes come in a few steps and a session takes the largest step that its route carries.
final class Overlays {
    /// QUIC needs 1200 bytes; beyond 16383 quiche sends no larger ones. Four of 16000 fill a link's frame.
    private static final int[] DATAGRAM_SIZES = {16_000, 8_160, 4_096, 2_048, 1_350, 1_200};

    private static final int CROWD = 64;
    private static final int IN_A_CROWD = 4_096;
    private static final int WAITING_DATAGRAMS = 256; // in QUIC, each way; it drops what is over
    private static final long INITIAL_WINDOW = 8L << 20;
    private static final long INITIAL_STREAM_WINDOW = 2L << 20;
    /// What one connection sends at once goes to its route as one batch. The codec's own limit, 27 KB, would send
    /// frames that are half empty.
    private static final FlushStrategy WHOLE_BURSTS = FlushStrategy.afterNumBytes(256 << 10);

    /// A read takes all that has come for a stream; small pieces where little comes.
    static final RecvByteBufAllocator STREAM_READS = ModestReads.asItComes();

    private final EventLoopGroup group;
    private final SessionPaths paths;
    private final SessionSettings settings;
    private final Counters counters;
    private final Function<QuicChannel, QuicSslEngine> clientEngine;
    private final Function<QuicChannel, QuicSslEngine> serverEngine;
    private final ChannelHandler incomingConnections;
    private final ChannelHandler incomingStreams;
    private final ConcurrentHashMap<Kind, Overlay> channels = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<EventLoop, Inbox> inboxes = new ConcurrentHashMap<>();

    private record Kind(RouteEnd end, int datagramSize) {}

    Overlays(
            EventLoopGroup group,
            SessionPaths paths,
            SessionSettings settings,
            Counters counters,
            Function<QuicChannel, QuicSslEngine> clientEngine,
            Function<QuicChannel, QuicSslEngine> serverEngine,
            ChannelHandler incomingConnections,
            ChannelHandler incomingStreams) {
        this.group = group;
        this.paths = paths;
        this.settings = settings;
        this.counters = counters;
        this.clientEngine = clientEngine;
        this.serverEngine = serverEngine;
        this.incomingConnections = incomingConnections;
        this.incomingStreams = incomingStreams;
    }

    /// The datagram size for a route that carries `maxPayload` bytes; empty if that is too little for QUIC.
    static OptionalInt datagramSize(int maxPayload) {
        for (int size : DATAGRAM_SIZES) {
            if (size <= maxPayload) {
                return OptionalInt.of(size);
            }
        }
        return OptionalInt.empty();
    }

    /// The same for a session that is dialled beside so many others: it has four datagrams under way however little its
    /// share is, and in a crowd four large ones are more than the queues of links have room for.
    static OptionalInt datagramSize(int maxPayload, long others) {
        return datagramSize(others < CROWD ? maxPayload : Math.min(maxPayload, IN_A_CROWD));
    }

    Overlay channel(RouteEnd end, int datagramSize) {
        return channels.computeIfAbsent(new Kind(end, datagramSize), this::open);
    }

    void endOfRead() {
        inboxes.values().forEach(Inbox::endOfRead);
    }

    List<ChannelFuture> close() {
        List<ChannelFuture> closing = new ArrayList<>();
        channels.values().forEach(channel -> closing.add(channel.close()));
        return closing;
    }

    private Overlay open(Kind kind) {
        EventLoop loop = group.next();
        Inbox inbox = inboxes.computeIfAbsent(loop, here -> new Inbox(here, counters));
        Overlay channel = new Overlay(inbox, kind.datagramSize(), paths, counters);
        channel.pipeline().addLast(new ChannelInitializer<Overlay>() {
            @Override
            protected void initChannel(Overlay overlay) {
                overlay.pipeline().addLast(codec(kind));
            }
        });
        loop.register(channel);
        return channel;
    }

    private ChannelHandler codec(Kind kind) {
        return switch (kind.end()) {
            case INITIATOR ->
                common(new QuicClientCodecBuilder(), kind.datagramSize())
                        .sslEngineProvider(clientEngine)
                        .build();
            case RESPONDER ->
                common(new QuicServerCodecBuilder(), kind.datagramSize())
                        .sslEngineProvider(serverEngine)
                        // The rules of the route have already said who the sender is: no retry token is needed.
                        .tokenHandler(null)
                        .handler(incomingConnections)
                        .streamHandler(incomingStreams)
                        .streamOption(ChannelOption.AUTO_READ, false)
                        .streamOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                        .streamOption(ChannelOption.RECVBUF_ALLOCATOR, STREAM_READS)
                        .build();
        };
    }

    private <B extends QuicCodecBuilder<B>> B common(B codec, int datagramSize) {
        return codec.congestionControlAlgorithm(QuicCongestionControlAlgorithm.BBR)
                .flushStrategy(WHOLE_BURSTS)
                .maxIdleTimeout(settings.idle().toMillis(), TimeUnit.MILLISECONDS)
                .maxSendUdpPayloadSize(datagramSize)
                .maxRecvUdpPayloadSize(datagramSize)
                .initialMaxData(INITIAL_WINDOW)
                .initialMaxStreamDataBidirectionalLocal(INITIAL_STREAM_WINDOW)
                .initialMaxStreamDataBidirectionalRemote(INITIAL_STREAM_WINDOW)
                .initialMaxStreamsBidirectional(settings.streamsPerSession())
                .initialMaxStreamsUnidirectional(0)
                .datagram(WAITING_DATAGRAMS, WAITING_DATAGRAMS)
                // A session's addresses are made up and constant; whoever changes them is not our peer.
                .activeMigration(false)
                .grease(false);
    }
}
