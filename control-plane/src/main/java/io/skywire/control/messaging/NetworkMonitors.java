package io.skywire.control.messaging;

import io.skywire.shared.key.PublicKey;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets listed network monitors take dead entries out. Checks whitelist, time, signature and body before the nonce is
/// used up, so that a stranger can use up nobody's.
final class NetworkMonitors {
    private static final Logger LOG = LoggerFactory.getLogger(NetworkMonitors.class);

    private final EntryDirectory directory;
    private final EntryTable table;
    private final EntryDecoder decoder;
    private final InstantSource clock;
    private final MessagingSettings settings;
    private final Set<PublicKey> monitors;

    NetworkMonitors(
            EntryDirectory directory,
            EntryTable table,
            EntryDecoder decoder,
            InstantSource clock,
            MessagingSettings settings) {
        this.directory = directory;
        this.table = table;
        this.decoder = decoder;
        this.clock = clock;
        this.settings = settings;
        this.monitors = settings.monitorKeys();
    }

    /// What became of a deregistration.
    enum Verdict {
        DONE,
        /// The key is not listed, or the proof is not fresh, not its own, not for this body, or was used before.
        FORBIDDEN,
        /// The body is no list of keys.
        UNDECODABLE
    }

    boolean isListed(PublicKey monitor) {
        return monitors.contains(monitor);
    }

    Verdict deregister(MonitorProof proof, byte[] body) {
        if (!isListed(proof.monitor())
                || !proof.isFresh(clock.instant(), settings.monitorFreshness())
                || !proof.covers(body)) {
            return Verdict.FORBIDDEN;
        }
        List<PublicKey> keys;
        try {
            keys = decoder.keys(body);
        } catch (UndecodableException malformed) {
            return Verdict.UNDECODABLE;
        }
        // Twice the freshness after the proof's own time: it may lie ahead of now.
        if (!table.useProof(
                proof.monitor(),
                proof.nonce(),
                proof.time().plus(settings.monitorFreshness().multipliedBy(2)))) {
            LOG.warn(
                    "network monitor {} sent a proof that was used before",
                    proof.monitor().shortHex());
            return Verdict.FORBIDDEN;
        }
        directory.deregister(keys);
        LOG.info("network monitor {} deregistered {} keys", proof.monitor().shortHex(), keys.size());
        return Verdict.DONE;
    }
}
