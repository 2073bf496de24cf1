package io.skywire.node.relay;

import io.skywire.node.letters.LetterLayout;
import io.skywire.node.letters.QueueLimits;
import io.skywire.shared.noise.CipherOffer;
import java.time.Duration;
import java.util.Optional;

/// Limits and deadlines of a messaging server. Sizes are in bytes.
///
/// - `maxSessions`, `maxSessionsPerNetwork`: clients in all, and of one source network (IPv4 /24, IPv6 /56)
/// - `maxPending`, `maxPendingPerNetwork`: connections that have not proved a key yet
/// - `sessionsPerMinute`: how often one key may open a session
/// - `rate`: what one key may send; none: as much as it likes
/// - `queue`: what may wait for one addressee, in all and of one sender
/// - `memory`: what may wait for all of them together; `socketMemory`: what may lie between them and the kernel
/// - `tick`: how often sessions are looked at; a client is dead after `silentTicks` without a byte, and stuck when its
///   socket has taken nothing for `stuckTicks`
/// - `rivalPatience`: how long a session may take to prove that it lives when another claims its key
/// - `offer`: the ciphers, and which of them this machine is faster at
public record RelaySettings(
        int maxSessions,
        int maxSessionsPerNetwork,
        int maxPending,
        int maxPendingPerNetwork,
        int sessionsPerMinute,
        Optional<Rate> rate,
        QueueLimits queue,
        long memory,
        long socketMemory,
        int maxPayload,
        Duration handshakeDeadline,
        Duration tick,
        int silentTicks,
        int stuckTicks,
        Duration rivalPatience,
        CipherOffer offer) {
    private static final int MIB = 1 << 20;

    public RelaySettings {
        require(maxSessions > 0, "maxSessions must be at least 1");
        require(maxSessionsPerNetwork > 0, "maxSessionsPerNetwork must be at least 1");
        require(maxPending > 0 && maxPendingPerNetwork > 0, "maxPending must be at least 1");
        require(sessionsPerMinute > 0, "sessionsPerMinute must be at least 1");
        require(memory >= queue.session(), "memory must hold at least the queue of one addressee");
        require(socketMemory >= MIB, "socketMemory must be at least " + MIB);
        require(maxPayload <= LetterLayout.MAX_PAYLOAD, "maxPayload is at most " + LetterLayout.MAX_PAYLOAD);
        require(tick.isPositive() && rivalPatience.isPositive(), "tick and rivalPatience must be above zero");
        require(silentTicks > 1 && stuckTicks > 1, "silentTicks and stuckTicks must be at least 2");
    }

    /// What one key may send in a second.
    public record Rate(int letters, int bytes) {
        public Rate {
            require(letters > 0, "letters per second must be at least 1");
            require(bytes >= LetterLayout.MAX_LETTER, "bytes per second must allow one letter");
        }
    }

    /// The limits of `docs/protocol/messaging.md`.
    public static RelaySettings defaults(CipherOffer offer) {
        return new RelaySettings(
                10_000,
                1_000,
                256,
                16,
                30,
                Optional.empty(),
                new QueueLimits(MIB, MIB / 4),
                256L * MIB,
                128L * MIB,
                LetterLayout.MAX_PAYLOAD,
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                3,
                10,
                Duration.ofSeconds(1),
                offer);
    }

    public RelaySettings withSessions(int most, int mostPerNetwork, int perMinute) {
        return new RelaySettings(
                most,
                mostPerNetwork,
                maxPending,
                maxPendingPerNetwork,
                perMinute,
                rate,
                queue,
                memory,
                socketMemory,
                maxPayload,
                handshakeDeadline,
                tick,
                silentTicks,
                stuckTicks,
                rivalPatience,
                offer);
    }

    public RelaySettings withPending(int most, int mostPerNetwork, Duration deadline) {
        return new RelaySettings(
                maxSessions,
                maxSessionsPerNetwork,
                most,
                mostPerNetwork,
                sessionsPerMinute,
                rate,
                queue,
                memory,
                socketMemory,
                maxPayload,
                deadline,
                tick,
                silentTicks,
                stuckTicks,
                rivalPatience,
                offer);
    }

    public RelaySettings withRate(Rate most) {
        return new RelaySettings(
                maxSessions,
                maxSessionsPerNetwork,
                maxPending,
                maxPendingPerNetwork,
                sessionsPerMinute,
                Optional.of(most),
                queue,
                memory,
                socketMemory,
                maxPayload,
                handshakeDeadline,
                tick,
                silentTicks,
                stuckTicks,
                rivalPatience,
                offer);
    }

    public RelaySettings withMemory(QueueLimits perAddressee, long waiting, long inSockets) {
        return new RelaySettings(
                maxSessions,
                maxSessionsPerNetwork,
                maxPending,
                maxPendingPerNetwork,
                sessionsPerMinute,
                rate,
                perAddressee,
                waiting,
                inSockets,
                maxPayload,
                handshakeDeadline,
                tick,
                silentTicks,
                stuckTicks,
                rivalPatience,
                offer);
    }

    public RelaySettings withTicks(Duration every, int silent, int stuck, Duration patience) {
        return new RelaySettings(
                maxSessions,
                maxSessionsPerNetwork,
                maxPending,
                maxPendingPerNetwork,
                sessionsPerMinute,
                rate,
                queue,
                memory,
                socketMemory,
                maxPayload,
                handshakeDeadline,
                every,
                silent,
                stuck,
                patience,
                offer);
    }

    private static void require(boolean held, String otherwise) {
        if (!held) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
