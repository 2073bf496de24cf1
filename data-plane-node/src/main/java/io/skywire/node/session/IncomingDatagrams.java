package io.skywire.node.session;

import io.netty.buffer.ByteBuf;
import io.skywire.shared.key.PublicKey;
import java.util.function.Consumer;

/// Decides about the flows of datagrams that peers begin. Called on a session's event loop; must not block.
@FunctionalInterface
public interface IncomingDatagrams {
    /// `peer` (a proven key) sends the first datagram of a flow to `port`.
    ///
    /// @param back sends one datagram back in the flow and takes its buffer over; safe for any thread, also after the
    /// end
    Verdict begun(PublicKey peer, int port, Consumer<ByteBuf> back);

    /// Nobody gets any.
    static IncomingDatagrams none() {
        return (peer, port, back) -> new Verdict.Drop(FlowDrop.NOT_PUBLISHED);
    }

    sealed interface Verdict {
        record Take(Target target) implements Verdict {}

        record Drop(FlowDrop reason) implements Verdict {}
    }

    /// What a flow leads to. Called on the session's event loop.
    interface Target {
        /// One datagram, whose buffer belongs to the target.
        void received(ByteBuf datagram);

        /// The flow was quiet for too long, or its session is over: the last call.
        void ended();
    }
}
