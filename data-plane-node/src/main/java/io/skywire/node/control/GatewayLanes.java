package io.skywire.node.control;

import io.skywire.shared.key.PublicKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Leads to gateways through messaging servers. Safe for any thread; never blocks.
public interface GatewayLanes {
    /// For a node without messaging.
    GatewayLanes NONE = new GatewayLanes() {
        @Override
        public CompletionStage<Lane> open(PublicKey gateway) {
            return CompletableFuture.failedFuture(new IOException("this node has no messaging"));
        }

        @Override
        public void rest() {}
    };

    /// Opens one byte stream to the control plane behind that gateway. Ends within seconds: with the lane, or
    /// exceptionally with an [IOException] that says what the gateway, or who, said no.
    CompletionStage<Lane> open(PublicKey gateway);

    /// The direct way works: links with gateways are given back.
    void rest();

    /// A byte stream to the control plane, for one connection.
    interface Lane {
        /// On this machine's loopback; takes one connection and leads it into the stream.
        InetSocketAddress address();

        /// Nobody will connect any more. The connection that was made goes on.
        void close();
    }
}
