package io.skywire.node.api;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/// Makes whole requests of at most [#LARGEST] bytes of body. A larger one is answered at its head; the rest is read
/// and thrown away for a moment, because a client that is still sending would not see the answer otherwise.
final class BoundedBody extends HttpObjectAggregator {
    static final int LARGEST = 64 * 1024;
    private static final int LINGER_SECONDS = 2;

    BoundedBody() {
        super(LARGEST);
    }

    @Override
    protected void handleOversizedMessage(ChannelHandlerContext context, HttpMessage oversized) {
        context.writeAndFlush(ApiHandler.problem(
                new Refusal(ProblemCode.TOO_LARGE, OptionalInt.empty(), "a body has at most " + LARGEST + " bytes")));
        context.executor().schedule(() -> context.close(), LINGER_SECONDS, TimeUnit.SECONDS);
    }
}
