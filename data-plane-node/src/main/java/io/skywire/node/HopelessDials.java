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
/// for
/// where the control plane stands, and this node may stand nearer. Looked after on one thread.
///
/// | the directory says | a dial has failed | so |
/// |---|---|---|
/// | no | yes | it rests |
/// | no | no | it dials |
/// | yes, or nothing | | it dials |
final class HopelessDials {
    static final Duration TRY_AGAIN = Duration.ofMinutes(10);

    private final List<PublicKey> kept;
    private final TcpTransports direct;
    private final LongSupplier nanos;
    private final Map<PublicKey, Long> resting = new HashMap<>();

    HopelessDials(List<NodeConfig.Link> kept, TcpTransports direct, LongSupplier nanos) {
        this.kept = kept.stream()
                .filter(link -> link.address().isPresent())
                .map(NodeConfig.Link::peer)
                .toList();
        this.direct = direct;
        this.nanos = nanos;
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
        for (PublicKey peer : doubted) {
            if (!resting.containsKey(peer) && unreachable.test(peer) && direct.rest(peer)) {
                resting.put(peer, now);
            }
        }
    }
}
