package io.skywire.node.session;

import java.time.Duration;

/// The limits of a node's sessions: how many, and how long anything is waited for.
///
/// @param sessions live sessions and dials together
/// @param streamsPerSession streams that a peer may have open in one session
/// @param waitingStreams streams of ours that may wait for the peer to allow more
/// @param pendingHandshakes peers that are let in but not yet proven
/// @param keepAlive pause between pings of the end that dialled; must be shorter than `idle`
/// @param idle a session from which nothing is heard for so long ends
/// @param handshake from the first datagram to the peer's accept
/// @param streamOpen from asking for a stream to the peer's answer
/// @param streamAbort from aborting a stream to the peer's answer
/// @param dial deadline of dials that name none
public record SessionSettings(
        int sessions,
        int streamsPerSession,
        int waitingStreams,
        int pendingHandshakes,
        Duration keepAlive,
        Duration idle,
        Duration handshake,
        Duration streamOpen,
        Duration streamAbort,
        Duration dial,
        Standby standby,
        DatagramSettings datagrams) {
    /// Whether a session that was dialled from here outlives its route.
    public enum Standby {
        /// It keeps a second route where there is one, switches by itself, and asks for others.
        KEPT,
        /// As [#KEPT], and what this node sends in any session goes over both routes at once where that is quicker.
        USED,
        /// It ends with its route.
        NONE
    }

    public static final SessionSettings DEFAULTS = new SessionSettings(
            1024,
            1024,
            1024,
            256,
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            Duration.ofSeconds(15),
            Duration.ofSeconds(10),
            Duration.ofSeconds(15));

    /// Without standby.
    public SessionSettings(
            int sessions,
            int streamsPerSession,
            int waitingStreams,
            int pendingHandshakes,
            Duration keepAlive,
            Duration idle,
            Duration handshake,
            Duration streamOpen,
            Duration streamAbort,
            Duration dial) {
        this(
                sessions,
                streamsPerSession,
                waitingStreams,
                pendingHandshakes,
                keepAlive,
                idle,
                handshake,
                streamOpen,
                streamAbort,
                dial,
                Standby.NONE,
                DatagramSettings.DEFAULTS);
    }

    public SessionSettings with(Standby kept) {
        return new SessionSettings(
                sessions,
                streamsPerSession,
                waitingStreams,
                pendingHandshakes,
                keepAlive,
                idle,
                handshake,
                streamOpen,
                streamAbort,
                dial,
                kept,
                datagrams);
    }

    public SessionSettings with(DatagramSettings limits) {
        return new SessionSettings(
                sessions,
                streamsPerSession,
                waitingStreams,
                pendingHandshakes,
                keepAlive,
                idle,
                handshake,
                streamOpen,
                streamAbort,
                dial,
                standby,
                limits);
    }

    public SessionSettings {
        if (sessions < 1 || streamsPerSession < 1 || waitingStreams < 1 || pendingHandshakes < 1) {
            throw new IllegalArgumentException("every limit of sessions and streams is at least 1");
        }
        if (keepAlive.compareTo(idle) >= 0) {
            throw new IllegalArgumentException("the keep-alive pause (" + keepAlive
                    + ") must be shorter than the time after which a session counts as dead (" + idle + ")");
        }
    }
}
