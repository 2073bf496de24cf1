package io.skywire.node.session;

import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// What every session of a node shares.
record SessionContext(
        SessionSettings settings,
        Counters counters,
        DatagramCounts datagrams,
        IncomingStreams incoming,
        IncomingDatagrams incomingDatagrams,
        InstantSource clock,
        RandomGenerator random,
        Observer observer) {
    /// Hears of sessions that come and go, on their event loops.
    interface Observer {
        /// Whether the node takes one more session of a peer.
        boolean admits(PeerSession session);

        void up(PeerSession session);

        void ended(PeerSession session, SessionEnd end);
    }
}
