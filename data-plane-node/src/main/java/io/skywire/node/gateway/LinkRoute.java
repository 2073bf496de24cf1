package io.skywire.node.gateway;

import io.netty.buffer.ByteBuf;
import io.skywire.node.router.EdgeRoute;
import io.skywire.node.transport.Transport;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;

/// One session's use of one link. `route` is a name that this node made up; nobody else knows it.
record LinkRoute(RouteUid route, SessionUid session, RouteEnd end, Transport link) implements EdgeRoute {
    /// Both ends should come to the same datagram size, whatever their links carry; it is not a fast path.
    private static final int MOST_PAYLOAD = 4096;

    @Override
    public PublicKey peer() {
        return link.remote();
    }

    @Override
    public int maxPayload() {
        return Math.min(MOST_PAYLOAD, link.maxPayload() - LinkPacket.SESSION_LENGTH);
    }

    @Override
    public void send(ByteBuf payload) {
        try {
            byte[] packet = LinkPacket.packet(session.bytes(), payload);
            link.send(packet, 0, packet.length);
        } finally {
            payload.release();
        }
    }

    @Override
    public void flush() {
        link.flush();
    }
}
