package io.skywire.node.session;

import io.netty.handler.codec.quic.QuicStreamChannel;
import io.skywire.shared.key.PublicKey;
import java.util.concurrent.CompletionStage;

/// Decides about the streams that peers open. Called on a session's event loop; must not block.
@FunctionalInterface
public interface IncomingStreams {
    /// `peer` (a proven key) asks for `port`, 1 to 65535. Completes, never exceptionally, within a few seconds; a later
    /// answer is abandoned.
    CompletionStage<Verdict> offered(PublicKey peer, int port);

    sealed interface Verdict {
        record Take(Target target) implements Verdict {}

        record Refuse(StreamRefusal refusal) implements Verdict {}
    }

    /// What a stream is led to. Exactly one of the two methods is called, once, on the session's event loop.
    interface Target {
        /// The peer has been told that its stream is taken. Treat it like [StreamAnswer.Opened#stream].
        void join(QuicStreamChannel stream);

        /// The peer has gone in the meantime.
        void abandon();
    }
}
