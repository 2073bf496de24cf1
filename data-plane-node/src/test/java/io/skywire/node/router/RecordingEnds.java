package io.skywire.node.router;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;

/// An application side that keeps what it hears.
final class RecordingEnds implements RouteEnds {
    final List<EdgeRoute> opened = new ArrayList<>();
    final List<EdgeRoute> closed = new ArrayList<>();
    final List<EdgeRoute> broken = new ArrayList<>();
    final List<Long> replies = new ArrayList<>();
    final List<String> reasons = new ArrayList<>();
    final List<byte[]> payloads = new ArrayList<>();
    int reads;

    @Override
    public void opened(EdgeRoute route) {
        opened.add(route);
    }

    @Override
    public void closed(EdgeRoute route, String reason) {
        closed.add(route);
        reasons.add(reason);
    }

    @Override
    public void broken(EdgeRoute route) {
        broken.add(route);
    }

    @Override
    public void replied(EdgeRoute route, long number) {
        replies.add(number);
    }

    @Override
    public void payload(EdgeRoute route, ByteBuf payload) {
        payloads.add(ByteBufUtil.getBytes(payload));
        payload.release();
    }

    @Override
    public void endOfRead() {
        reads++;
    }
}
