package io.skywire.benchmarks.forwarding;

import io.netty.buffer.ByteBuf;
import io.skywire.node.router.EdgeRoute;
import io.skywire.node.router.RouteEnds;
import io.skywire.node.router.RouteProbes;
import io.skywire.node.router.Router;
import io.skywire.node.transport.Ingress;
import io.skywire.node.wire.BadFrameException;
import io.skywire.node.wire.FrameReader;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.noise.LinkCipher;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/// The product's way of a packet through a relay, without sockets: frame reader, lookup, rewrite, frame builder, both
/// ciphers. On one thread.
final class MemoryRelay implements AutoCloseable {
    static final int AWAY = 1_000; // what the relay adds to a route id

    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().factory());
    private final Router router;
    private final MemoryLink in;
    private final MemoryLink out;
    private final Ingress ingress;
    private final FrameReader reader;

    /// @param rules the first of which are for the routes from 1 on
    MemoryRelay(LinkCipher cipher, int rules) {
        Random random = new Random(1);
        KeyPair us = KeyPair.generate(random);
        Nobody nobody = new Nobody();
        this.router = new Router(new Router.Settings(rules + 64), nobody, nobody, timers, System::nanoTime, random);
        this.in = MemoryLink.of(us, cipher, random);
        this.out = MemoryLink.of(us, cipher, random);
        router.up(in);
        router.up(out);
        this.ingress = router.open(in);
        this.reader = new FrameReader(in.ours().opening(), PacketLayout.MAX_PAYLOAD);
        List<Rule> all = new ArrayList<>();
        for (int id = 1; id <= rules; id++) {
            all.add(relay(id));
        }
        if (!router.table().apply(List.of(), all).isEmpty()) {
            throw new IllegalStateException("a rule was refused");
        }
    }

    private Rule relay(int id) {
        return new Rule.Relay(in.id(), new RouteId(id), out.id(), new RouteId(AWAY + id), Duration.ofHours(1));
    }

    /// What a neighbour seals for this relay.
    Sealer sealer() {
        return in.neighbours().sealing()::seal;
    }

    Router router() {
        return router;
    }

    Ingress ingress() {
        return ingress;
    }

    /// That of route 1.
    Rule firstRule() {
        return relay(1);
    }

    /// One read of the socket.
    void read(ByteBuf piece) {
        try {
            reader.read(piece, ingress::packet);
        } catch (BadFrameException bug) {
            throw new IllegalStateException(bug);
        }
        ingress.endOfRead();
    }

    /// Packets that went on so far.
    long packets() {
        return router.forwardedPackets();
    }

    @Override
    public void close() {
        timers.shutdownNow();
    }

    private static final class Nobody implements RouteEnds, RouteProbes {
        @Override
        public void opened(EdgeRoute route) {}

        @Override
        public void closed(EdgeRoute route, String reason) {}

        @Override
        public void payload(EdgeRoute route, ByteBuf payload) {
            payload.release();
        }

        @Override
        public void endOfRead() {}

        @Override
        public void answered(RouteUid route, Duration roundTrip) {}

        @Override
        public void unanswered(RouteUid route, String detail) {}
    }
}
