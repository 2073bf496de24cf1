package io.skywire.control.routefinder;

import io.skywire.control.discovery.DownTransport;
import io.skywire.control.discovery.DownTransports;
import io.skywire.control.routefinder.RouteExplanation.Exclusion;
import io.skywire.control.routefinder.RouteExplanation.Reason;
import io.skywire.control.routefinder.RouteExplanation.Registry;
import io.skywire.shared.key.PublicKey;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/// What the registry knows of transports that are down. An explanation goes on without it while the database is away.
final class Hearsay {
    private static final Logger LOG = LoggerFactory.getLogger(Hearsay.class);

    private final DownTransports downs;
    private Registry registry = Registry.READ;

    Hearsay(DownTransports downs) {
        this.downs = downs;
    }

    Registry registry() {
        return registry;
    }

    /// Empty if the database is away.
    List<DownTransport> at(Collection<PublicKey> edges, int limit) {
        try {
            return registry == Registry.AWAY ? List.of() : downs.at(edges, limit);
        } catch (DataAccessException | TransactionException away) {
            LOG.debug("an explanation does without transports that are down: {}", away.getMessage());
            registry = Registry.AWAY;
            return List.of();
        }
    }

    static Exclusion exclusion(DownTransport down) {
        String detail = "down since " + down.since() + ": " + down.lower().shortHex() + " " + words(down.lowerSays())
                + ", " + down.higher().shortHex() + " " + words(down.higherSays());
        return new Exclusion(Reason.DOWN, List.of(down.lower(), down.higher()), Optional.of(down.id()), detail);
    }

    private static String words(DownTransport.Word word) {
        return switch (word) {
            case UP -> "says up";
            case DOWN -> "says down";
            case EXPIRED -> "has let its lease run out";
            case NOTHING -> "has said nothing";
        };
    }
}
