package io.skywire.control.messaging;

import io.skywire.control.messaging.Answer.Refused;
import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What an entry must fulfil, rule by rule in the order of the contract. Pure.
final class EntryRules {
    private static final Duration OLDEST = Duration.ofSeconds(60);
    private static final Duration NEWEST = Duration.ofSeconds(5);

    private EntryRules() {}

    /// What stands in the database for a key.
    ///
    /// @param live whether an entry is served, or this is what is remembered of one that is gone
    record Standing(long sequence, long timestamp, boolean live) {}

    /// The first rule that the document alone breaks, before its signature is looked at.
    static Optional<Refused> breachOfForm(MessagingEntry entry, Instant now, LoopbackServers loopback) {
        if (loopback == LoopbackServers.REFUSED
                && entry.server()
                        .filter(server -> leadsNowhere(server.address()))
                        .isPresent()) {
            return Optional.of(Refused.LOOPBACK_SERVER);
        }
        return breachOfContent(entry)
                .or(() -> entry.client().isEmpty() && !isFresh(entry.timestamp(), now)
                        ? Optional.of(Refused.OUTDATED)
                        : Optional.empty());
    }

    /// As above, without address and time: a document that is deleted may be old.
    static Optional<Refused> breachOfContent(MessagingEntry entry) {
        if (entry.version().isEmpty()) {
            return Optional.of(Refused.NO_VERSION);
        }
        if (entry.signature().isEmpty()) {
            return Optional.of(Refused.NO_SIGNATURE);
        }
        if (entry.key().isEmpty()) {
            return Optional.of(Refused.NO_KEY);
        }
        if (entry.client().isEmpty() && entry.server().isEmpty()) {
            return Optional.of(Refused.NEITHER_PART);
        }
        if (entry.server().filter(server -> server.address().isEmpty()).isPresent()) {
            return Optional.of(Refused.NO_ADDRESS);
        }
        return Optional.empty();
    }

    static boolean isSigned(MessagingEntry entry) {
        try {
            Signature signature = Signature.parse(entry.signature());
            return entry.key()
                    .filter(key -> key.verifies(signature, CanonicalJson.signedBytes(entry)))
                    .isPresent();
        } catch (InvalidKeyException malformed) {
            return false;
        }
    }

    /// Why the entry may not follow what stands there.
    ///
    /// After a live entry: a greater sequence, and a timestamp that is not older. After one that is gone: any sequence,
    /// because stock clients begin again at 0, but a newer timestamp, so that none of the old documents passes.
    static Optional<Refused> breachOfSuccession(MessagingEntry entry, Standing standing) {
        boolean greater = Long.compareUnsigned(entry.sequence(), standing.sequence()) > 0;
        boolean older = entry.timestamp() < standing.timestamp();
        if (!standing.live()) {
            return older || (entry.timestamp() == standing.timestamp() && !greater)
                    ? Optional.of(Refused.OLDER_TIMESTAMP)
                    : Optional.empty();
        }
        if (!greater) {
            return Optional.of(Refused.WRONG_SEQUENCE);
        }
        return older ? Optional.of(Refused.OLDER_TIMESTAMP) : Optional.empty();
    }

    /// Why the document may not delete what stands there: it must be the newest one, or newer.
    static Optional<Refused> breachOfDeletion(MessagingEntry entry, Standing standing) {
        if (!standing.live()) {
            return Optional.of(Refused.NOT_FOUND);
        }
        if (Long.compareUnsigned(entry.sequence(), standing.sequence()) < 0) {
            return Optional.of(Refused.WRONG_SEQUENCE);
        }
        return entry.timestamp() < standing.timestamp() ? Optional.of(Refused.OLDER_TIMESTAMP) : Optional.empty();
    }

    static long nanos(Instant instant) {
        return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
    }

    /// The owner of an entry that has passed [#breachOfContent].
    static PublicKey owner(MessagingEntry entry) {
        return entry.key().orElseThrow(() -> new IllegalStateException("an entry without a key was not refused"));
    }

    private static boolean isFresh(long timestamp, Instant now) {
        return timestamp >= nanos(now.minus(OLDEST)) && timestamp <= nanos(now.plus(NEWEST));
    }

    /// Whether the host is empty or a loopback address. Like the original, takes a host name or an address without a
    /// port as it is.
    private static boolean leadsNowhere(String address) {
        int colon = address.lastIndexOf(':');
        if (colon < 0) {
            return false;
        }
        String host = address.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            return false;
        }
        if (host.isEmpty()) {
            return true;
        }
        try {
            return InetAddress.ofLiteral(host).isLoopbackAddress();
        } catch (IllegalArgumentException hostName) {
            return false;
        }
    }
}
