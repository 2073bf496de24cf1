package io.skywire.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.skywire.node.router.EdgeRoute;
import io.skywire.node.router.RouteEnds;
import io.skywire.node.session.RouteRequests;
import io.skywire.node.transport.Ingress;
import io.skywire.node.transport.Transport;
import io.skywire.node.transport.TransportSnapshot;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.SessionUid;
import io.skywire.shared.transport.SignedTransport;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LinkRoutesTest {
    private final Random random = new Random(11);
    private final AtomicLong nanos = new AtomicLong();
    private final Ends ends = new Ends();
    private final PublicKey peer = KeyPair.generate(random).publicKey();
    private final Wire wire = new Wire(peer);

    /// What is said to the sessions.
    private static final class Ends implements RouteEnds {
        private final List<EdgeRoute> opened = new ArrayList<>();
        private final List<String> closed = new ArrayList<>();
        private final List<String> payloads = new ArrayList<>();

        @Override
        public void opened(EdgeRoute route) {
            opened.add(route);
        }

        @Override
        public void closed(EdgeRoute route, String reason) {
            closed.add(route.session() + ": " + reason);
        }

        @Override
        public void payload(EdgeRoute route, ByteBuf payload) {
            payloads.add(payload.toString(StandardCharsets.US_ASCII));
            payload.release();
        }

        @Override
        public void endOfRead() {}
    }

    /// A link whose packets the test reads.
    private static final class Wire implements Transport {
        private final PublicKey remote;
        private final List<byte[]> sent = new ArrayList<>();
        private final List<String> closed = new ArrayList<>();

        Wire(PublicKey remote) {
            this.remote = remote;
        }

        @Override
        public SignedTransport signed() {
            throw new UnsupportedOperationException("nobody asks for the proof of this link");
        }

        @Override
        public PublicKey remote() {
            return remote;
        }

        @Override
        public int maxPayload() {
            return 16_000;
        }

        @Override
        public void send(byte[] packet, int offset, int length) {
            sent.add(java.util.Arrays.copyOfRange(packet, offset, offset + length));
        }

        @Override
        public void flush() {}

        @Override
        public TransportSnapshot snapshot() {
            throw new UnsupportedOperationException("nobody looks at this link");
        }

        @Override
        public void close(String reason) {
            closed.add(reason);
        }
    }

    private LinkRoutes answering(int mostLinks) {
        LinkRoutes routes = new LinkRoutes(new LinkRoutes.Side.Answers(mostLinks), random, nanos::get);
        routes.begin(ends);
        return routes;
    }

    private static void arrives(Ingress ingress, SessionUid session, String datagram) {
        byte[] packet = LinkPacket.packet(session.bytes(), Unpooled.copiedBuffer(datagram, StandardCharsets.US_ASCII));
        ingress.packet(packet, 0, packet.length);
    }

    @Test
    void whatOneSideSendsTheOtherGetsInTheSameSession() throws Exception {
        LinkRoutes agent = new LinkRoutes(
                new LinkRoutes.Side.Dials(new LinkRoutes.Links() {
                    @Override
                    public void keep(PublicKey neighbour) {}

                    @Override
                    public String trouble(PublicKey neighbour) {
                        return "";
                    }
                }),
                random,
                nanos::get);
        Ends agentEnds = new Ends();
        agent.begin(agentEnds);
        SessionUid session = SessionUid.random(random);
        var answer = agent.request(
                new RouteRequests.Request(session, peer, RouteRequests.Path.Any.ROUTE, Duration.ofSeconds(60)));
        agent.up(wire);
        assertThat(answer.toCompletableFuture().get(30, TimeUnit.SECONDS))
                .isInstanceOf(RouteRequests.Answer.Established.class);
        agentEnds.opened.getFirst().send(Unpooled.copiedBuffer("hello", StandardCharsets.US_ASCII));

        LinkRoutes gateway = answering(1);
        gateway.up(wire);
        byte[] packet = wire.sent.getFirst();
        gateway.open(wire).packet(packet, 0, packet.length);

        assertThat(ends.payloads).containsExactly("hello");
        assertThat(ends.opened.getFirst().session()).isEqualTo(session);
        assertThat(ends.opened.getFirst().end()).isEqualTo(RouteEnd.RESPONDER);
        assertThat(ends.opened.getFirst().maxPayload()).isEqualTo(4096);
    }

    @Test
    void oneSessionTooManyEndsTheOldest() {
        LinkRoutes routes = answering(10);
        routes.up(wire);
        Ingress ingress = routes.open(wire);
        List<SessionUid> sessions = new ArrayList<>();
        for (int i = 0; i < LinkRoutes.PER_LINK + 1; i++) {
            sessions.add(SessionUid.random(random));
            arrives(ingress, sessions.getLast(), "datagram " + i);
        }

        assertThat(ends.closed).containsExactly(sessions.getFirst() + ": the node has begun 4 newer sessions");
        routes.down(wire, "silent");
        assertThat(ends.closed).hasSize(5).last().asString().endsWith(": the link is down: silent");
        arrives(ingress, sessions.getLast(), "too late");
        assertThat(routes.dropped(PacketDrop.UNKNOWN_SESSION)).isEqualTo(1);
        assertThat(ends.payloads).hasSize(5);
    }

    @Test
    void packetsOfRoutesAndShortOnesAreDroppedByReason() {
        LinkRoutes routes = answering(10);
        routes.up(wire);
        Ingress ingress = routes.open(wire);
        byte[] ofARoute = PacketLayout.packet(PacketType.DATA, new RouteId(77), new byte[40]);
        byte[] aProbe = PacketLayout.packet(PacketType.PROBE, new RouteId(1), new byte[40]);
        byte[] tooShort = PacketLayout.packet(PacketType.DATA, new RouteId(1), new byte[16]);

        ingress.packet(ofARoute, 0, ofARoute.length);
        ingress.packet(aProbe, 0, aProbe.length);
        ingress.packet(tooShort, 0, tooShort.length);

        assertThat(routes.dropped(PacketDrop.MALFORMED)).isEqualTo(3);
        assertThat(ends.opened).isEmpty();
    }

    @Test
    void oneLinkTooManyHearsWhy() {
        LinkRoutes routes = answering(1);
        Wire second = new Wire(KeyPair.generate(random).publicKey());
        routes.up(wire);
        routes.up(second);

        assertThat(wire.closed).isEmpty();
        assertThat(second.closed).containsExactly("overloaded: the gateway has 1 links, its limit");
        assertThat(routes.links()).isEqualTo(1);
    }

    @Test
    void aLinkThatNobodyUsesEnds() {
        LinkRoutes routes = answering(10);
        routes.up(wire);
        nanos.set(1000);
        routes.endIdle(1000);
        assertThat(wire.closed).isEmpty();

        nanos.set(1001);
        routes.endIdle(1000);
        assertThat(wire.closed).containsExactly("nobody has used it");
    }

    @Test
    void aRequestWithoutALinkNamesTheTrouble() throws Exception {
        LinkRoutes routes = new LinkRoutes(
                new LinkRoutes.Side.Dials(new LinkRoutes.Links() {
                    @Override
                    public void keep(PublicKey neighbour) {}

                    @Override
                    public String trouble(PublicKey neighbour) {
                        return "it is at no messaging server";
                    }
                }),
                random,
                nanos::get);
        routes.begin(ends);

        RouteRequests.Answer answer = routes.request(new RouteRequests.Request(
                        SessionUid.random(random), peer, RouteRequests.Path.Any.ROUTE, Duration.ofMillis(20)))
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);

        assertThat(((RouteRequests.Answer.Failed) answer).detail())
                .isEqualTo("no link through messaging servers within 20 ms: it is at no messaging server");
    }
}
