package io.skywire.node;

import io.netty.buffer.ByteBuf;
import io.skywire.node.control.ControlLink;
import io.skywire.node.router.EdgeRoute;
import io.skywire.node.router.RouteEnds;
import io.skywire.node.session.PeerSessions;

/// Hands routes and payloads to the sessions, and tells the control session which routes are gone for good.
record RouteWitness(PeerSessions sessions, ControlLink control) implements RouteEnds {
    @Override
    public void opened(EdgeRoute route) {
        sessions.opened(route);
    }

    @Override
    public void closed(EdgeRoute route, String reason) {
        sessions.closed(route, reason);
        control.gone(route.route());
    }

    @Override
    public void broken(EdgeRoute route) {
        sessions.broken(route);
    }

    @Override
    public void replied(EdgeRoute route, long number) {
        sessions.replied(route, number);
    }

    @Override
    public void payload(EdgeRoute route, ByteBuf payload) {
        sessions.payload(route, payload);
    }

    @Override
    public void endOfRead() {
        sessions.endOfRead();
    }
}
