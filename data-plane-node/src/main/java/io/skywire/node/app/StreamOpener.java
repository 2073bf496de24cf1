package io.skywire.node.app;

import io.skywire.node.session.StreamAnswer;
import io.skywire.shared.key.PublicKey;
import java.util.concurrent.CompletionStage;

/// Opens a stream to a port of a peer: [io.skywire.node.session.PeerSessions#openStream] as the doors see it.
@FunctionalInterface
public interface StreamOpener {
    CompletionStage<StreamAnswer> openStream(PublicKey peer, int port);
}
