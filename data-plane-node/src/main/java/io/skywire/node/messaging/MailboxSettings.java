package io.skywire.node.messaging;

import io.skywire.node.letters.LetterLayout;
import io.skywire.node.letters.QueueLimits;
import io.skywire.shared.noise.CipherOffer;
import java.time.Duration;

/// Limits and deadlines of a mailbox. Sizes are in bytes.
///
/// - `sessions`: with how many servers a session is kept
/// - `peerSessions`: how many more may stand for peers that wait elsewhere; each ends after `peerSessionIdle` unused
/// - `tick`: how often sessions are looked at; a server is dead after `silentTicks` without a byte
/// - `dialDeadline`: from the connect to the server's welcome
/// - `firstBackOff`, `lastBackOff`: between two attempts at the same server
/// - `refresh`: how old the list of servers may be
/// - `lookupLife`: how long what the discovery said of a peer counts
/// - `renewal`: how often this key's entry is published anew
/// - `settleAfterMove`: how long a session that is left still takes letters, once another stands in its place
/// - `queue`, `memory`: what may wait for one server, and for all
public record MailboxSettings(
        int sessions,
        int peerSessions,
        Duration peerSessionIdle,
        Duration tick,
        int silentTicks,
        Duration dialDeadline,
        Duration firstBackOff,
        Duration lastBackOff,
        Duration refresh,
        Duration lookupLife,
        Duration renewal,
        Duration settleAfterMove,
        QueueLimits queue,
        long memory,
        int maxPayload,
        CipherOffer offer) {
    private static final int MIB = 1 << 20;

    public MailboxSettings {
        require(sessions > 0 && peerSessions >= 0, "sessions must be at least 1");
        require(tick.isPositive() && silentTicks > 1, "tick must be above zero, silentTicks at least 2");
        require(dialDeadline.isPositive(), "dialDeadline must be above zero");
        require(firstBackOff.isPositive(), "firstBackOff must be above zero");
        require(lastBackOff.compareTo(firstBackOff) >= 0, "lastBackOff must not be below firstBackOff");
        require(maxPayload <= LetterLayout.MAX_PAYLOAD, "maxPayload is at most " + LetterLayout.MAX_PAYLOAD);
    }

    /// A dead server is noticed within 2.5 s.
    public static MailboxSettings defaults(CipherOffer offer) {
        return new MailboxSettings(
                2,
                8,
                Duration.ofSeconds(60),
                Duration.ofMillis(500),
                4,
                Duration.ofSeconds(5),
                Duration.ofMillis(250),
                Duration.ofSeconds(15),
                Duration.ofSeconds(60),
                Duration.ofSeconds(10),
                Duration.ofMinutes(5),
                Duration.ofSeconds(5),
                new QueueLimits(2 * MIB, MIB / 4),
                16L * MIB,
                LetterLayout.MAX_PAYLOAD,
                offer);
    }

    public MailboxSettings withSessions(int own, int forPeers, Duration idle) {
        return new MailboxSettings(
                own,
                forPeers,
                idle,
                tick,
                silentTicks,
                dialDeadline,
                firstBackOff,
                lastBackOff,
                refresh,
                lookupLife,
                renewal,
                settleAfterMove,
                queue,
                memory,
                maxPayload,
                offer);
    }

    public MailboxSettings withTicks(Duration every, int silent, Duration dialWithin) {
        return new MailboxSettings(
                sessions,
                peerSessions,
                peerSessionIdle,
                every,
                silent,
                dialWithin,
                firstBackOff,
                lastBackOff,
                refresh,
                lookupLife,
                renewal,
                settleAfterMove,
                queue,
                memory,
                maxPayload,
                offer);
    }

    public MailboxSettings withDiscovery(Duration listLife, Duration peerLife) {
        return new MailboxSettings(
                sessions,
                peerSessions,
                peerSessionIdle,
                tick,
                silentTicks,
                dialDeadline,
                firstBackOff,
                lastBackOff,
                listLife,
                peerLife,
                renewal,
                settleAfterMove,
                queue,
                memory,
                maxPayload,
                offer);
    }

    public MailboxSettings withSettling(Duration afterMove) {
        return new MailboxSettings(
                sessions,
                peerSessions,
                peerSessionIdle,
                tick,
                silentTicks,
                dialDeadline,
                firstBackOff,
                lastBackOff,
                refresh,
                lookupLife,
                renewal,
                afterMove,
                queue,
                memory,
                maxPayload,
                offer);
    }

    private static void require(boolean held, String otherwise) {
        if (!held) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
