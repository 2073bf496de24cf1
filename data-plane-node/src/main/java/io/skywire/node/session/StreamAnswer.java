package io.skywire.node.session;

import io.netty.handler.codec.quic.QuicStreamChannel;

/// How the opening of a stream ended.
public sealed interface StreamAnswer {
    /// The peer has taken the stream. It reads nothing by itself: on its event loop, add a handler, then call `read()`
    /// once per wish, or set `autoRead`. Write [io.netty.handler.codec.quic.QuicStreamFrame#EMPTY_FIN]
    /// to end this direction, never `shutdownOutput()`. Whoever gets it closes it; `close()` before both directions
    /// have ended is an abort, and the peer hears of it as a failure.
    record Opened(QuicStreamChannel stream) implements StreamAnswer {}

    /// The peer answered and said no.
    record Refused(StreamRefusal refusal) implements StreamAnswer {}

    /// There was no session to open it in, or the session did not answer.
    record Failed(DialAnswer.Failed failure) implements StreamAnswer {}
}
