package io.skywire.node.session;

import io.netty.buffer.ByteBuf;

/// Datagrams between a local program and one port of a peer, over one session: unreliable, unordered, each whole or not
/// at all. Ends with its session. Safe for any thread.
public interface DatagramFlow {
    /// Sends one datagram, or drops and counts it ([FlowDrop]). The buffer belongs to the flow from now on.
    void send(ByteBuf datagram);

    /// Forgets the flow; what the peer still sends in it is dropped. The receiver hears nothing more.
    void close();

    /// Who gets what comes back. Called on the session's event loop; must not block.
    interface Receiver {
        /// One datagram, whose buffer belongs to the receiver.
        void received(ByteBuf datagram);

        /// The session is over: the last call.
        void ended();
    }

    /// How the opening of a flow ended.
    sealed interface Answer {
        record Opened(DatagramFlow flow) implements Answer {}

        /// There is no session for it, or none that takes datagrams.
        record Failed(DialAnswer.Failed failure) implements Answer {}
    }
}
