package io.skywire.node;

import io.skywire.node.config.NodeConfig;
import io.skywire.node.transport.DialState;
import io.skywire.node.transport.TcpTransports;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// Spares dials to neighbours that cannot be dialled: the directory says so, and a dial has failed. Such a neighbour is
/// left to dial by itself or to be linked through messaging, and is tried once in [#TRY_AGAIN]: the directory speaks
/// for where the control plane stands, and this node may stand nearer. When this machine gets another address
/// ([#dialAnew]) all are tried at once, and none rests for [#GRACE]. Looked after on one thread.
///
/// | the directory says | a dial has failed | so |
/// |---|---|---|
/// | no | yes | it rests |
/// | no | no | it dials |
/// | yes, or nothing | | it dials |
final class HopelessDials {
    static final Duration TRY_AGAIN = Duration.ofMinutes(10);

    /// The other end of a new way may take a while longer.
    static final Duration GRACE = Duration.ofSeconds(30);

    private final List<PublicKey> kept;
    private final TcpTransports direct;
    private final LongSupplier nanos;
    private final Map<PublicKey, Long> resting = new HashMap<>();
    private long noRestUntil;

    HopelessDials(List<NodeConfig.Link> kept, TcpTransports direct, LongSupplier nanos) {
        this.kept = kept.stream()
                .filter(link -> link.address().isPresent())
                .map(NodeConfig.Link::peer)
                .toList();
        this.direct = direct;
        this.nanos = nanos;
        this.noRestUntil = nanos.getAsLong();
    }

    /// The kept neighbours with an address that are not linked and whose dial has failed.
    List<PublicKey> inDoubt() {
        return direct.dials().stream()
                .filter(dial -> kept.contains(dial.peer())
                        && dial.phase() != DialState.Phase.LINKED
                        && dial.lastFailure().isPresent())
                .map(DialState::peer)
                .toList();
    }

    /// What was hopeless may not be so any more, whatever the directory says.
    void dialAnew() {
        noRestUntil = nanos.getAsLong() + GRACE.toNanos();
        resting.keySet().forEach(direct::resume);
        resting.clear();
    }

    /// Every now and then, always on the same thread.
    ///
    /// @param unreachable whether the directory says that nobody can dial this neighbour
    void look(Predicate<PublicKey> unreachable) {
        long now = nanos.getAsLong();
        List<PublicKey> doubted = inDoubt();
        resting.entrySet().removeIf(rest -> {
            boolean over = !unreachable.test(rest.getKey()) || now - rest.getValue() > TRY_AGAIN.toNanos();
            if (over) {
                direct.resume(rest.getKey());
            }
            return over;
        });
        if (now - noRestUntil < 0) {
            return;
        }
        for (PublicKey peer : doubted) {
            if (!resting.containsKey(peer) && unreachable.test(peer) && direct.rest(peer)) {
                resting.put(peer, now);
            }
        }
    }
}
