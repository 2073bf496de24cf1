package io.skywire.node.app;

import io.skywire.node.session.DatagramFlow;
import io.skywire.shared.key.PublicKey;
import java.util.concurrent.CompletionStage;

/// Begins flows of datagrams to ports of peers: what the doors need of [io.skywire.node.session.PeerSessions].
@FunctionalInterface
public interface FlowOpener {
    CompletionStage<DatagramFlow.Answer> openFlow(PublicKey peer, int port, DatagramFlow.Receiver receiver);
}
